"""What has to be true of who may do what with a key: an `AccessTest` manifest, of one of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address


@dataclass(frozen=True, slots=True)
class Expectation:
    """Requests that must all be allowed, or all be denied: every principal asking for every action."""

    position: Position
    principals: tuple[str, ...]
    """ARNs, and names of services."""
    actions: tuple[str, ...]
    """With their prefix, as IAM spells them, each one that the key can be asked."""
    context: Mapping[str, str] = field(default_factory=dict)
    """The encryption context."""
    via: str | None = None
    """The service through which the principals ask: `s3`."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Condition keys, in lower case, besides those that follow from the rest."""
    delegated: bool = False
    """Whether what the key policy leaves to IAM policies that are not known counts as allowed."""


@dataclass(frozen=True, slots=True)
class AccessTest:
    """What one manifest says of one key."""

    name: str
    """Of the manifest."""
    key: Address
    position: Position
    must_allow: tuple[Expectation, ...] = ()
    must_deny: tuple[Expectation, ...] = ()

    @property
    def lines(self) -> tuple[Expectation, ...]:
        """All that is expected."""
        return (*self.must_allow, *self.must_deny)

    def __str__(self) -> str:
        return f"AccessTest/{self.name}"
