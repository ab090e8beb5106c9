"""Principals and actions as people call them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.policy.actions import PREFIX
from reconciler.policy.principals import ANYONE
from reconciler.report.actionwords import short

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
_FEW: Final = 1 / 8
"""Of a role: so much may be missing for it to be told by what is missing."""


def role_of(action: str) -> str:
    """Which of `ROLES` the action is part of."""
    name = action.removeprefix(PREFIX)
    for role, members in (("use", _USE), ("grant", _GRANTS), ("delete", _DELETE)):
        if name in members:
            return role
    return "read" if name.startswith(_READS) else "administer"


def spoken(actions: Iterable[str], possible: Iterable[str]) -> str:
    """`actions`, of all that are possible: whole roles by their name, others by their own."""
    have, every = set(actions), set(possible)
    return EVERYTHING if have >= every else ", ".join(_parts(have, every))


def _parts(have: set[str], every: set[str]) -> Iterator[str]:
    for role in ROLES:
        whole = {action for action in every if role_of(action) == role}
        mine = {action for action in have if role_of(action) == role}
        missing = tuple(sorted(whole - mine))
        if len(whole) > 1 and not missing:
            yield role
        elif mine and missing and len(missing) <= len(whole) * _FEW:
            yield f"{role} except {' and '.join(action.removeprefix(PREFIX) for action in missing)}"
        elif mine:
            yield short(tuple(sorted(mine)))


def called(principal: str) -> str:
    """`everybody`, `account 111122223333`, or the principal's ARN or name, printable."""
    if principal == ANYONE:
        return "everybody"
    arn = Arn.parse(principal)
    if arn is not None and arn.service == "iam" and arn.resource == "root":
        return f"account {printable(arn.account)}"
    return printable(principal)
