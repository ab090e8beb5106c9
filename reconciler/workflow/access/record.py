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
from reconciler.workflow.naming import name_after

_TITLE: Final = re.compile(rf"(?:{'|'.join(KEYS)})/(?P<name>[^@/]+)(?:@.*)?")


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
    name = declared["name"] if declared else name_after(facts.aliases, facts.arn)
    return Recorded(found.shown.title, name, declared is not None, facts.account, facts.partition, record(facts))
