"""A plan is data: changes with an action, a reason, the fields that differ, the steps, and the risks."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.kit.absent import Absent
from reconciler.kit.diagnostics import Position
from reconciler.model.accesstest import AccessTest
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.model.ownership import NOTES
from reconciler.plan.steps import Step

_KINDS = (Kind.CUSTOM_KEY_STORE, Kind.KEY, Kind.REPLICA_KEY, Kind.ALIAS, Kind.GRANT)
"""In the order in which a reader wants them."""


class Action(enum.StrEnum):
    """What happens to one resource."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    REPLACE = "replace"
    """A successor is created and the aliases move; the old key stays."""
    CANCEL_DELETION = "cancel-deletion"
    DISABLE = "disable"
    SCHEDULE_DELETION = "schedule-deletion"
    DISOWN = "disown"
    """Our tags go, the key stays."""
    DELETE = "delete"
    """Of aliases and grants only: no change deletes a key."""
    ORPHAN = "orphan"
    """Ours and no longer declared; shown, and left alone unless pruning is asked for."""
    BLOCKED = "blocked"
    """Cannot be done as declared; the plan cannot be applied."""
    NO_OP = "no-op"


class Reason(enum.StrEnum):
    """Why."""

    MISSING = "missing"
    """Declared, and not there."""
    DIFFERS = "differs"
    """Declared fields differ from the real ones."""
    IN_SYNC = "in-sync"
    ADOPTION_ASKED = "adoption-asked"
    PENDING_DELETION = "pending-deletion"
    """Declared, and its deletion is scheduled."""
    IMMUTABLE_FIELD = "immutable-field"
    """A field differs that KMS cannot change."""
    ROTATION_DUE = "rotation-due"
    """Manual rotation: the key has reached its age."""
    PRIMARY_REPLACED = "primary-replaced"
    """The primary of a replica has a successor, of which a replica is made too."""
    SUPERSEDED = "superseded"
    """An older key of a name, beyond the number to keep."""
    NOT_DECLARED = "not-declared"
    PRUNE_ASKED = "prune-asked"
    DESTROY_ASKED = "destroy-asked"
    PROTECTED = "protected"
    ADOPTION_FAILED = "adoption-failed"
    """The key to adopt is not there, not one, or another stack's."""
    UNRESOLVED = "unresolved"
    """It refers to a key that is not there."""
    DUPLICATE = "duplicate"
    """A second key of one name and generation: two runs made one each, and this is the younger."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that differs. `path` is as in the manifest, e.g. `rotation.automatic.periodDays`.

    The values are what JSON has; the policy's are JSON texts.
    """

    path: str
    before: Any | Absent
    after: Any | Absent
    sensitive: bool = False
    cosmetic: bool = False
    """It differs in letters and means the same; it is shown and never acted on alone."""


class RiskLevel(enum.IntEnum):
    """How much a risk weighs. Only danger needs to be allowed."""

    SAFE = 0
    CAUTION = 1
    DANGER = 2
    FORBIDDEN = 3
    """Not to be allowed on the command line: only the manifest can change it."""


@dataclass(frozen=True, slots=True, order=True)
class Risk:
    """What could go wrong with a change, and the fact that says so."""

    level: RiskLevel
    name: str
    """A stable kebab-case name: what `--allow` takes."""
    why: str


_NOTES: Final = frozenset(f"tags[{name}]" for name in NOTES)


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one resource, or that nothing does."""

    address: Address
    action: Action
    reason: Reason
    fields: tuple[FieldChange, ...] = ()
    steps: tuple[Step, ...] = ()
    depends_on: tuple[Address, ...] = ()
    risks: tuple[Risk, ...] = ()
    resource_id: str | None = None
    """Key id, alias name or grant id of what is there now."""
    position: Position | None = None
    """Where the manifest says so; None for what is not declared."""
    statement_positions: Sequence[Position] = field(default=(), compare=False, repr=False)
    """Where each statement of the key policy that it puts comes from, in order; empty when that is not known."""
    detail: str = ""
    """One sentence for people, where action and reason do not say it all."""

    @property
    def effective(self) -> bool:
        """Whether anything is done."""
        return bool(self.steps)

    @property
    def notes(self) -> bool:
        """Whether nothing differs but what kmsctl notes down in tags for itself: nobody changed the key."""
        paths = {field.path for field in self.fields if not field.cosmetic}
        return bool(paths) and paths <= _NOTES


@dataclass(frozen=True, slots=True)
class Cost:
    """Estimated US dollars a month for the keys of the stack, before and after."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that will be done, and everything that was looked at and will not.

    Sorted by target, kind (custom key stores, keys, replicas, aliases, grants) and name, so the same input in any order
    gives the same bytes.
    """

    stack: str
    accounts: Mapping[TargetName, Account]
    desired_digest: str
    changes: tuple[Change, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """Of every resource that a step touches: its address and what it looked like, as a digest."""
    cost: Cost = field(default_factory=lambda: Cost(0.0, 0.0))
    tests: tuple[AccessTest, ...] = ()
    """What has to be true of the keys when it is done; what will not be is among the risks of their changes."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "changes", tuple(sorted(self.changes, key=_order)))

    @property
    def effective(self) -> tuple[Change, ...]:
        """The changes that do something."""
        return tuple(change for change in self.changes if change.effective)

    @property
    def blocked(self) -> tuple[Change, ...]:
        """The changes that cannot be made; while there is one, nothing is applied."""
        return tuple(change for change in self.changes if change.action is Action.BLOCKED)

    def steps(self) -> Iterator[tuple[Change, Step]]:
        """Every step with its change, in the order of the changes (not of execution)."""
        for change in self.changes:
            for step in change.steps:
                yield change, step


def _order(change: Change) -> tuple[TargetName, int, str, str]:
    address = change.address
    return address.target, _KINDS.index(address.kind), address.name, change.resource_id or ""
