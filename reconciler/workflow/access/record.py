"""What is true of a key, for an AccessTest."""

from __future__ import annotations

import re
from typing import Final

from reconciler.kit.errors import KmsctlError
from reconciler.model.address import KEYS
from reconciler.policy.access.record import record
from reconciler.policy.evaluate import Unparsable
from reconciler.report.yaml.access_record import Recorded
from reconciler.workflow.access.find import FoundKey

_TITLE: Final = re.compile(rf"(?:{'|'.join(KEYS)})/(?P<name>[^@/]+)(?:@.*)?")
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


def recorded(found: FoundKey) -> Recorded:
    """Who may, and who may not, do what with the key.

    Raises:
        KmsctlError: nobody can tell, for its policy cannot be read.
    """
    facts = found.facts
    if isinstance(facts.policy, Unparsable):
        raise KmsctlError(
            f"what is true of {found.shown.title} cannot be told",
            why=facts.policy.why,
            fix="see what the policy says: aws kms get-key-policy",
        )
    declared = _TITLE.fullmatch(found.shown.title)
    name = declared["name"] if declared else _named_after(facts.aliases, facts.arn)
    return Recorded(found.shown.title, name, declared is not None, facts.account, facts.partition, record(facts))


def _named_after(aliases: tuple[str, ...], arn: str) -> str:
    """A name that a manifest could have: after the first alias, or else the key id."""
    called = min(aliases).removeprefix("alias/") if aliases else arn.rpartition("/")[2]
    return _NO_NAME.sub("-", called.lower()).strip("-") or "key"
