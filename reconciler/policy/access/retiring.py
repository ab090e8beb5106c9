"""Whether a grant of a key may be retired: the grants say who may, and the account that owns the key may.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reconciler.policy.access.granted import cause_of
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.evaluate import (
    Decision,
    Facts,
    GrantFacts,
    Outcome,
    Prepared,
    Reason,
    Trace,
    decide_retirement,
)
from reconciler.policy.evaluate.explain import explain
from reconciler.policy.evaluate.retirement import ACTION

_ANY = GrantFacts("", "", frozenset())
"""A grant that names nobody: only the account that owns its key may retire it."""


def is_retirement(action: str) -> bool:
    """Whether the IAM action is the one that grants decide."""
    return action.lower() == ACTION.lower()


def decide(prepared: Prepared, key: KeyFacts, facts: Facts) -> Decision:
    """Whether some grant of `key` may be retired; of a key without grants, whether any could be."""
    decisions = (_decide(prepared, grant, key, facts) for grant in key.grants or (_ANY,))
    return max(decisions, key=lambda decision: decision.allowed)


def trace(prepared: Prepared, key: KeyFacts, facts: Facts) -> tuple[Trace, ...]:
    """Every statement, and which grants may be retired by what they say."""
    return (*explain(prepared.case, facts), *_of_grants(prepared, key, facts))


def _of_grants(prepared: Prepared, key: KeyFacts, facts: Facts) -> Iterator[Trace]:
    for index, grant in enumerate(key.grants):
        told = cause_of(grant, index)
        named = _decide(prepared, grant, key, facts).reason is Reason.GRANT
        yield told if named else replace(told, outcome=Outcome.OTHER_PRINCIPAL)


def _decide(prepared: Prepared, grant: GrantFacts, key: KeyFacts, facts: Facts) -> Decision:
    return decide_retirement(prepared, grant, retiring=grant.retiring, key_account=key.account, facts=facts)
