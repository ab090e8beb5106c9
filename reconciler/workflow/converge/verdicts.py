"""What becomes of one object: a closed union, each with what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.kit.diagnostics import Diagnostic
from reconciler.model.identifiers import AliasName, GrantId
from reconciler.model.observed import Account, ObservedKey
from reconciler.model.stores import ObservedStore
from reconciler.plan.changes import Change
from reconciler.plan.risk.guard import Refusal


@dataclass(frozen=True, slots=True)
class Facts:
    """What the KMS holds of an object; None and nothing for what is not there."""

    account: Account | None = None
    key: ObservedKey | None = None
    """Of a key its own, of an alias and a grant the one that it is on."""
    aliases: tuple[AliasName, ...] = ()
    """Of the key, declared or not, sorted."""
    undeclared: tuple[AliasName, ...] = ()
    """Those of them that no manifest declares."""
    grant_id: GrantId | None = None
    store: ObservedStore | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """It is as declared; or, of what was to be gone, nothing is left to do."""

    facts: Facts
    done: tuple[Change, ...] = ()
    """What was changed for it."""


@dataclass(frozen=True, slots=True)
class Differs:
    """It is not as declared, and nothing was changed: only looking was asked for."""

    facts: Facts
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Unsettled:
    """It was changed, and what the KMS shows is not yet as declared: look again."""

    facts: Facts
    done: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard refuses a change; nothing was changed for it."""

    facts: Facts
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """It cannot be as declared."""

    facts: Facts
    change: Change
    """Whose reason and detail say why."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """It would reach into what is another stack's, or nobody's."""

    facts: Facts
    why: str


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that it stands on is not there yet."""

    facts: Facts
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A call failed, or what a call needs is not at hand."""

    error: Exception
    facts: Facts | None = None
    """None where nothing could be read."""
    done: tuple[Change, ...] = ()
    """What was changed before."""


@dataclass(frozen=True, slots=True)
class Faulty:
    """Its manifest has errors."""

    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class AccessTested:
    """An AccessTest, held against what the KMS holds."""

    facts: Facts
    keys: int
    """How many keys it is about."""
    failures: tuple[str, ...] = ()
    """What does not hold, each in one sentence."""


Verdict = AccessTested | Met | Differs | Unsettled | Refused | Blocked | Forbidden | Waits | Failed | Faulty
