"""What was found, and where."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.kit.diagnostics import Position
from reconciler.lint.check import Check, Severity
from reconciler.model.address import Address

Path = tuple[str | int, ...]
"""The way to a value: into the policy, e.g. `("Statement", 2, "Condition")`, or the manifest, e.g. `("spec",)`."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check's code says of one subject, before it is known where that stands in a file."""

    what: str
    """The fault, in one sentence without a full stop; values in it are safe to print."""
    path: Path = ()
    fix: str = ""
    """Better than what the check says in general; empty: that will do."""
    excused: str | None = None
    """Why it is meant, where the manifest has a field to say so."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found about one resource."""

    check: Check
    severity: Severity
    """As the settings have it; otherwise the check's."""
    resource: str
    """`Key/payments`, the ARN of a live key, or whatever else the subject is called."""
    address: Address | None
    """None of what no manifest declares."""
    position: Position | None
    """None where there is no file."""
    what: str
    """In one sentence without a full stop; safe to print."""
    fix: str
    path: Path = ()
    """Within the policy, or from the root of the manifest."""
    suppressed: str | None = None
    """The reason for which it is set aside; None when it counts."""

    @property
    def counts(self) -> bool:
        """Whether nobody has set it aside."""
        return self.suppressed is None
