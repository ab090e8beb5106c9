"""How kmsctl marks what it owns: tags on keys, names of grants.

There is no state file. A key says itself whose it is, what its manifest calls it and which of its successive
keys it is; a grant says so in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from reconciler.model.desired import MAX_WINDOW, MIN_WINDOW, Deletion
from reconciler.model.identifiers import Days

TAG_PREFIX = "kms.reconciler.dev/"
"""Tags under this prefix are ours; a manifest may not declare them."""
STACK_TAG = TAG_PREFIX + "stack"
NAME_TAG = TAG_PREFIX + "name"
GENERATION_TAG = TAG_PREFIX + "generation"
DELETION_TAG = TAG_PREFIX + "deletion"
OPERATION_TAG = TAG_PREFIX + "operation"
ROTATION_TAG = TAG_PREFIX + "rotation"
"""A `RotationMark`."""
GRANTS_TAG = TAG_PREFIX + "grants"
"""The most grants of ours that the key ever had at once. It only rises, so a key without it has none to read."""
NOTES: Final = frozenset({DELETION_TAG, OPERATION_TAG, ROTATION_TAG, GRANTS_TAG})
"""What kmsctl notes down on a key for itself. It changes with what is asked for, and not with what the key does."""

_GRANT_PREFIX = "kmsctl"
_DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True, order=True)
class Ownership:
    """What a key's tags say of it."""

    stack: str
    name: str
    generation: int

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Ownership | None:
        """Read from `tags`; None when they do not make the key anybody's.

        A generation that cannot be read counts as the first: a key that somebody mistagged is still its stack's, and
        no second key is made beside it.
        """
        stack, name = tags.get(STACK_TAG), tags.get(NAME_TAG)
        if not stack or not name:
            return None
        return cls(stack, name, _count(tags.get(GENERATION_TAG, "")) or 1)

    def tags(self) -> dict[str, str]:
        """As tags."""
        return {STACK_TAG: self.stack, NAME_TAG: self.name, GENERATION_TAG: str(self.generation)}


@dataclass(frozen=True, slots=True)
class RotationMark:
    """The last on-demand rotation serial that was honoured: `serial/rotations`, or `serial/rotations/intended`.

    A rotation is announced by its serial and the count of rotations before it, made, and then marked as honoured. So
    a re-run after a crash knows whether the rotation happened, and does not take one for it that somebody else made
    before.
    """

    serial: int
    rotations: int
    """How often the key had been rotated on demand by then."""
    intended: int | None = None
    """The serial that is being honoured; None when none is."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> RotationMark | None:
        """Read from `tags`; None when there is none or it is not ours to read."""
        numbers = [_count(part) for part in tags.get(ROTATION_TAG, "").split("/")]
        match numbers:
            case [int(serial), int(rotations)]:
                return cls(serial, rotations)
            case [int(serial), int(rotations), int(intended)]:
                return cls(serial, rotations, intended)
            case _:
                return None

    def __str__(self) -> str:
        mark = f"{self.serial}/{self.rotations}"
        return mark if self.intended is None else f"{mark}/{self.intended}"


_PROTECTED = "protect"


def deletion_mark(deletion: Deletion) -> str:
    """The value of `DELETION_TAG`: what to do with the key once its manifest is gone.

    `Retain` or `Schedule/<days>`, and `/protect` behind it for a protected key.
    """
    parts = ["Retain"] if deletion.policy == "Retain" else ["Schedule", str(deletion.window)]
    return "/".join([*parts, _PROTECTED] if deletion.protect else parts)


def marked_deletion(tags: Mapping[str, str]) -> Deletion:
    """What `DELETION_TAG` says. A mark that cannot be read retains the key: the harmless reading."""
    parts = tags.get(DELETION_TAG, "Retain").split("/")
    protect = parts[-1] == _PROTECTED
    match parts[:-1] if protect else parts:
        case ["Schedule", days] if MIN_WINDOW <= (_count(days) or 0) <= MAX_WINDOW:
            return Deletion("Schedule", Days(int(days)), protect)
        case _:
            return Deletion("Retain", protect=protect)


def most_grants(tags: Mapping[str, str]) -> int:
    """What `GRANTS_TAG` says; 0 when there is none or it cannot be read."""
    return _count(tags.get(GRANTS_TAG, "")) or 0


def _count(text: str) -> int | None:
    """The number in ASCII digits that `text` is, or None."""
    return int(text) if text.isascii() and text.isdecimal() else None


@dataclass(frozen=True, slots=True, order=True)
class GrantName:
    """The `Name` of a grant of ours: `kmsctl:<stack>:<name>:<digest of its content>`.

    KMS allows letters, digits and `:/_-` there, so the dots of a Kubernetes name are written as underscores,
    which those names cannot hold.
    """

    stack: str
    name: str
    content: str

    @classmethod
    def of(cls, text: str) -> GrantName | None:
        """`text` taken apart; None when the grant is not ours."""
        parts = text.split(":")
        if len(parts) != 4 or parts[0] != _GRANT_PREFIX or not all(parts):
            return None
        return cls(parts[1].replace("_", "."), parts[2].replace("_", "."), parts[3])

    @classmethod
    def naming(cls, stack: str, name: str, digest: str) -> GrantName:
        """The name of grant `name` whose content has the digest `digest`."""
        return cls(stack, name, digest[:_DIGEST_LENGTH])

    def __str__(self) -> str:
        stack, name = self.stack.replace(".", "_"), self.name.replace(".", "_")
        return f"{_GRANT_PREFIX}:{stack}:{name}:{self.content}"
