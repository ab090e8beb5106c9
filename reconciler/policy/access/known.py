"""What is known of every request of one principal for one action on a key, and what that leaves of conditions.

A condition is settled when all that it looks at is known to have a value, or to have none; the rest stay open and are
told to people.

Source of which action has which condition key: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.policy.conditions import Condition
from reconciler.policy.evaluate import Facts, Requester, RequesterKind
from reconciler.policy.evaluate.grants import CARRY_CONTEXT
from reconciler.policy.evaluate.statements import ReadyStatement

_CREATE: Final = frozenset({"kms:creategrant"})
_MANAGES_GRANTS: Final = _CREATE | {"kms:listgrants", "kms:revokegrant"}
CARRY: Final = frozenset(f"kms:{operation}".lower() for operation in CARRY_CONTEXT) | _CREATE
"""Actions whose requests have an encryption context, CreateGrant's in its constraints; in lower case."""
_SIGNS: Final = frozenset({"kms:sign", "kms:verify"})

_ONLY_WITH: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "kms:bypasspolicylockoutsafetycheck": frozenset({"kms:putkeypolicy", "kms:replicatekey"}),
    "kms:datakeypairspec": frozenset({"kms:generatedatakeypair", "kms:generatedatakeypairwithoutplaintext"}),
    "kms:encryptioncontextkeys": CARRY,
    "kms:expirationmodel": frozenset({"kms:importkeymaterial"}),
    "kms:grantconstrainttype": _CREATE,
    "kms:granteeprincipal": _CREATE,
    "kms:grantisforawsresource": _MANAGES_GRANTS,
    "kms:grantoperations": _CREATE,
    "kms:macalgorithm": frozenset({"kms:generatemac", "kms:verifymac"}),
    "kms:messagetype": _SIGNS,
    "kms:policyname": frozenset({"kms:getkeypolicy", "kms:putkeypolicy"}),
    "kms:primaryregion": frozenset({"kms:updateprimaryregion"}),
    "kms:reencryptonsamekey": frozenset({"kms:reencryptfrom", "kms:reencryptto"}),
    "kms:replicaregion": frozenset({"kms:replicatekey"}),
    "kms:retiringprincipal": _CREATE,
    "kms:rotationperiodindays": frozenset({"kms:enablekeyrotation"}),
    "kms:schedulekeydeletionpendingwindowindays": frozenset({"kms:schedulekeydeletion"}),
    "kms:signingalgorithm": _SIGNS,
    "kms:validto": frozenset({"kms:importkeymaterial"}),
    "kms:wrappingalgorithm": frozenset({"kms:getparametersforimport"}),
    "kms:wrappingkeyspec": frozenset({"kms:getparametersforimport"}),
})  # fmt: skip
"""Condition keys that only requests for some actions have."""
_CONTEXT: Final = "kms:encryptioncontext:"
_RESOURCE_TAG: Final = "aws:resourcetag/"
_OF_KEY: Final = frozenset({"kms:multiregionkeytype", "kms:resourcealiases"})

_NOT_OF_SERVICES: Final = frozenset({
    "aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principaltype", "aws:userid", "aws:username",
    "kms:calleraccount",
})  # fmt: skip
_OF_SERVICES: Final = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})

RESOURCE: Final = "resource"
"""In place of a condition key: the resource of a statement, where that has policy variables."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the requests."""

    facts: Facts
    action: str
    """In lower case."""
    absent: frozenset[str] = frozenset()
    """Condition keys that requests of the principal never have."""

    def settles(self, needs: frozenset[str]) -> bool:
        """Whether each of these condition keys is known to have a value, or to have none."""
        return all(name in self.facts or self.lacks(name) for name in needs)

    def lacks(self, name: str) -> bool:
        """Whether it is known that the condition key `name` has no value."""
        if name in self.absent or name in _OF_KEY or name.startswith(_RESOURCE_TAG):
            return True
        if name.startswith(_CONTEXT):
            return self.action not in CARRY
        return name in _ONLY_WITH and self.action not in _ONLY_WITH[name]


def absent_of(requester: Requester) -> frozenset[str]:
    """Condition keys that no request of `requester` has."""
    return _NOT_OF_SERVICES if requester.kind is RequesterKind.SERVICE else _OF_SERVICES


def open_conditions(statement: ReadyStatement, known: Known) -> tuple[Condition, ...] | None:
    """What must hold for a `statement` whose principal and action fit; None when it cannot.

    Of a resource with policy variables a condition on `RESOURCE` is made.
    """
    found: list[Condition] = []
    for one in statement.checks:
        if not known.settles(one.needs):
            found.append(one.condition)
        elif not one.holds(known.facts):
            return None
    if statement.resources is not None and statement.resources.needs:
        negated = "ArnNotLike" if statement.statement.not_resources else "ArnLike"
        patterns = statement.statement.resources or statement.statement.not_resources
        found.append(Condition(negated, RESOURCE, patterns))
    return tuple(found)
