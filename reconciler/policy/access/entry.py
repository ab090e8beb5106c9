"""One line of the list of who may do what."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.policy.access.answer import Standing
from reconciler.policy.conditions import Condition
from reconciler.policy.evaluate import Trace


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which something is allowed, delegated or denied."""

    standing: Standing
    causes: tuple[Trace, ...]
    """The statements, or the grant, that do it together: the key's first, then those of IAM policies."""
    conditions: tuple[Condition, ...] = ()
    """All that must hold, as far as it depends on the request; a grant's constraints are among them."""
    excluded: tuple[str, ...] = ()
    """Principals that it is not for: the `NotPrincipal` of a statement that allows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one principal may do of one action."""

    principal: str
    """ARN; a root user's stands for its account; `*` is everybody; a service's name."""
    action: str
    standing: Standing
    """The best of `ways`."""
    ways: tuple[Way, ...]
    """Each is enough; unconditional ones first. Of what is denied, the statements that deny it."""
    unless: tuple[Way, ...] = ()
    """Statements that deny it under conditions."""
