"""One question to authorisation: a call, an action that it needs, and what the action is for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.engine.identities import Identities
from reconciler.engine.store.records import Key

if TYPE_CHECKING:
    from reconciler.engine.call import Call

Values = tuple[str, ...]
"""The values of a condition key; none when the request does not have it."""


def folded(pairs: Iterable[tuple[str, str]]) -> dict[str, Values]:
    """`pairs` by their names in lower case."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name.lower(), []).append(value)
    return {name: tuple(values) for name, values in found.items()}


@dataclass(frozen=True, slots=True)
class Request:
    """What condition keys are computed from."""

    call: Call
    identities: Identities
    action: str
    """With its service, e.g. `kms:ReEncryptFrom`."""
    key: Key | None = None
    """The key that the action is for."""
    named: str | None = None
    """What the request calls the key: key id, key ARN, alias name, or alias ARN."""
    region: str = ""
    """The Region that the action is for; the caller's unless it is a replica's."""

    @property
    def encryption_context(self) -> Mapping[str, str] | None:
        """The encryption context that goes with the action, of CreateGrant the constraint's; None without one."""
        get = self.call.get
        match self.action:
            case "kms:ReEncryptFrom":
                found = get("SourceEncryptionContext")
            case "kms:ReEncryptTo":
                found = get("DestinationEncryptionContext")
            case "kms:CreateGrant":
                constraints = get("Constraints") or {}
                found = constraints.get("EncryptionContextEquals") or constraints.get("EncryptionContextSubset")
            case _:
                found = get("EncryptionContext")
        return found or None
