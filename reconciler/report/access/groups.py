"""The list of who may do what, with alike entries put together: one for each principal and each set of ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.policy.access import Entry, Standing, Way
from reconciler.report.access.people import called


@dataclass(frozen=True, slots=True)
class Group:
    """Actions of one principal that have the same ways."""

    standing: Standing
    ways: tuple[Way, ...]
    unless: tuple[Way, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Principal:
    """A principal, and all that it may do."""

    name: str
    groups: tuple[Group, ...]

    @property
    def title(self) -> str:
        """As people call it; an account of which only the root user is meant is that. Printable."""
        found = called(self.name)
        by_itself = any(group.standing is Standing.ALLOWED for group in self.groups)
        return f"root user of {found}" if by_itself and self.name.endswith(":root") else found


def grouped(entries: Iterable[Entry]) -> tuple[Principal, ...]:
    """`entries`, in their order, put together."""
    found: dict[str, dict[tuple[Standing, tuple[Way, ...], tuple[Way, ...]], list[str]]] = {}
    for entry in entries:
        alike = found.setdefault(entry.principal, {})
        alike.setdefault((entry.standing, entry.ways, entry.unless), []).append(entry.action)
    return tuple(
        Principal(name, tuple(Group(*alike, tuple(actions)) for alike, actions in groups.items()))
        for name, groups in found.items()
    )
