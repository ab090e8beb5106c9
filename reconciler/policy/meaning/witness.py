"""Whether two policies mean the same."""

from __future__ import annotations

from reconciler.policy.document import PolicyDocument
from reconciler.policy.meaning.outcome import Difference, Undecided
from reconciler.policy.normalise import normalise


def witness(
    before: PolicyDocument, after: PolicyDocument, *, account: str, partition: str, key_arn: str | None = None
) -> Difference | None:
    """A request that `before` and `after`, policies of a key of `account`, answer differently; None if there is none."""
    if normalise(before, partition=partition) == normalise(after, partition=partition):
        return None
    return Undecided(f"they are written differently for {key_arn or account}")
