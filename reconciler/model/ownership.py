"""How kmsctl marks what it owns: tags on keys, names of grants.

There is no state file. A key says itself whose it is, what its manifest calls it and which of its successive
keys it is; a grant says so in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
        """Read from `tags`; None when they do not make the key anybody's."""
        stack, name = tags.get(STACK_TAG), tags.get(NAME_TAG)
        generation = tags.get(GENERATION_TAG, "1")
        if not stack or not name or not generation.isdecimal():
            return None
        return cls(stack, name, int(generation))

    def tags(self) -> dict[str, str]:
        """As tags."""
        return {STACK_TAG: self.stack, NAME_TAG: self.name, GENERATION_TAG: str(self.generation)}


@dataclass(frozen=True, slots=True)
class RotationMark:
    """The last on-demand rotation serial that was honoured, and how often the key had been rotated by then.

    With the count, a re-run after a crash knows whether the rotation that a raised serial asked for happened.
    """

    serial: int
    rotations: int

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> RotationMark | None:
        """Read from `tags`; None when there is none or it is not ours to read."""
        serial, _, rotations = tags.get(ROTATION_TAG, "").partition("/")
        if not serial.isdecimal() or not rotations.isdecimal():
            return None
        return cls(int(serial), int(rotations))

    def __str__(self) -> str:
        return f"{self.serial}/{self.rotations}"


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
        case ["Schedule", days] if days.isdecimal() and MIN_WINDOW <= int(days) <= MAX_WINDOW:
            return Deletion("Schedule", Days(int(days)), protect)
        case _:
            return Deletion("Retain", protect=protect)


def most_grants(tags: Mapping[str, str]) -> int:
    """What `GRANTS_TAG` says; 0 when there is none or it cannot be read."""
    value = tags.get(GRANTS_TAG, "")
    return int(value) if value.isdecimal() else 0


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
