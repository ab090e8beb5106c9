"""Principals and actions as people call them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.policy.actions import PREFIX
from reconciler.policy.principals import ANYONE

_USE: Final = frozenset({
    "Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "Sign", "Verify", "GenerateMac",
    "VerifyMac", "DeriveSharedSecret", "Encapsulate", "Decapsulate",
})  # fmt: skip
_GRANTS: Final = frozenset({"CreateGrant", "RetireGrant", "RevokeGrant"})
_DELETE: Final = frozenset({"DeleteImportedKeyMaterial", "ScheduleKeyDeletion"})
_READS: Final = ("Describe", "Get", "List")
ROLES: Final = ("use", "administer", "delete", "grant", "read")
"""What actions are for, in the order of reports: to use the key, to administer it …"""
EVERYTHING: Final = "everything"


def role_of(action: str) -> str:
    """Which of `ROLES` the action is part of."""
    name = action.removeprefix(PREFIX)
    for role, members in (("use", _USE), ("grant", _GRANTS), ("delete", _DELETE)):
        if name in members:
            return role
    return "read" if name.startswith(_READS) else "administer"


def spoken(actions: Iterable[str], asked: Iterable[str]) -> str:
    """`actions`, of those that were asked for: whole roles by their name, others by their own."""
    have, all_asked = set(actions), set(asked)
    if have >= all_asked and len({role_of(action) for action in all_asked}) == len(ROLES):
        return EVERYTHING
    return ", ".join(_parts(have, all_asked))


def _parts(have: set[str], asked: set[str]) -> Iterator[str]:
    for role in ROLES:
        whole = {action for action in asked if role_of(action) == role}
        if len(whole) > 1 and whole <= have:
            yield role
        else:
            yield from sorted(action.removeprefix(PREFIX) for action in whole & have)


def called(principal: str) -> str:
    """`everybody`, `account 111122223333`, or the principal's ARN or name, printable."""
    if principal == ANYONE:
        return "everybody"
    arn = Arn.parse(principal)
    if arn is not None and arn.service == "iam" and arn.resource == "root":
        return f"account {printable(arn.account)}"
    return printable(principal)
