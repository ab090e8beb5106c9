"""What lint makes of an object before it is stored: errors that are new, and what is only told.

An error that the stored object has already keeps nobody from changing something else: it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from reconciler.controller.health.safety import EXAMINED
from reconciler.controller.health.wording import clause
from reconciler.controller.settings import WebhookLint
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.lint import Finding, Severity
from reconciler.manifest.documents import Document
from reconciler.manifest.objects import Neighbours, read_object
from reconciler.workflow.lint.objects import Case, findings_in

MAX_TOLD: Final = 5
"""Findings in one answer that deny nothing. Notes are not among them: nobody waits for those at `kubectl apply`."""


@dataclass(frozen=True, slots=True)
class Careless:
    """What lint says, as faults of the object are said."""

    denied: tuple[Diagnostic, ...] = ()
    told: tuple[Diagnostic, ...] = ()
    untold: int = 0
    """How many more there are to tell."""


def careless(document: Document, old: Mapping[str, Any] | None, neighbours: Neighbours, mode: WebhookLint) -> Careless:
    """What lint says of the sound object `document`.

    Args:
        document: as it is to be stored.
        old: the object as it is stored; None of one that is new.
        neighbours: what is known of the others.
        mode: what becomes of errors.
    """
    if mode is WebhookLint.OFF or document.kind not in EXAMINED:
        return Careless()
    found = _findings(document, neighbours)
    errors = [one for one in found if one.severity is Severity.ERROR]
    before = _before(old, document, neighbours) if errors and mode is WebhookLint.DENY else frozenset()
    denied = [one for one in errors if mode is WebhookLint.DENY and _label(one) not in before]
    others = [one for one in errors if one not in denied]
    told = others + [one for one in found if one.severity is Severity.WARNING]
    return Careless(
        tuple(_diagnostic(one, document, why=one.check.why) for one in denied),
        tuple(_diagnostic(one, document, why="") for one in told[:MAX_TOLD]),
        max(0, len(told) - MAX_TOLD),
    )


def _findings(document: Document, neighbours: Neighbours) -> tuple[Finding, ...]:
    return findings_in(Case((document,), neighbours.targets)) or ()


def _before(old: Mapping[str, Any] | None, document: Document, neighbours: Neighbours) -> frozenset[tuple[str, str]]:
    """The findings that the stored object has; none where that is not sound."""
    stored = read_object(old, file=document.file) if old is not None else ()
    found = _findings(stored, neighbours) if isinstance(stored, Document) else ()
    return frozenset(map(_label, found))


def _label(found: Finding) -> tuple[str, str]:
    return found.check.id, found.what


def _diagnostic(found: Finding, document: Document, *, why: str) -> Diagnostic:
    here = found.position is not None and found.position.file == document.file
    position = found.position if found.position is not None and here else Position(document.file)
    what = f"{document}: {found.check.id}: {found.what}"
    return Diagnostic(found.check.id, position, what, clause(why), clause(found.fix))
