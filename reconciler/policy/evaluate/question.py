"""What is asked of a statement, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.policy.evaluate.inputs import Facts
from reconciler.policy.evaluate.requester import Naming, Requester


@dataclass(frozen=True, slots=True)
class Clause:
    """What one statement, whose principal, action and resource match a request, leaves open."""

    naming: Naming
    """How it includes the requester; in IAM policies, by itself."""
    checks: tuple[Callable[[Facts], bool], ...] = ()
    """All must hold."""
    needs: frozenset[str] = frozenset()

    def holds(self, facts: Facts) -> bool:
        """Whether it applies to a request with these `facts`."""
        for holds in self.checks:  # noqa: SIM110  a generator costs more than the checks
            if not holds(facts):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Question:
    """One requester, one action, one resource."""

    requester: Requester
    action: str
    """In lower case."""
    resource: str
    bounded: bool = False
    """Whether a permission boundary is set on the requester."""
