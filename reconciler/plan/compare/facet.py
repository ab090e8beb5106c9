"""What a comparator says: the fields that differ, and the steps that make them as declared."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.plan.changes import FieldChange
from reconciler.plan.phases import phase_of
from reconciler.plan.steps import Step


@dataclass(frozen=True, slots=True)
class Facet:
    """Of one facet of one resource. Fields without steps are shown only."""

    fields: tuple[FieldChange, ...] = ()
    steps: tuple[Step, ...] = ()

    def __add__(self, other: Facet) -> Facet:
        return Facet(self.fields + other.fields, self.steps + other.steps)

    def in_order(self) -> Facet:
        """The same, with the steps that run last listed last."""
        return Facet(self.fields, tuple(sorted(self.steps, key=phase_of)))


SAME = Facet()
"""Nothing differs."""
