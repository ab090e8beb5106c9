"""What a run asks of the planner beside the manifests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from reconciler.policy.access import Identities


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Defaults plan what is declared, and show the rest."""

    prune: bool = False
    """Act on what is ours and no longer declared, as its deletion mark says."""
    destroy: bool = False
    """Nothing is declared any more, and pruning is asked for; protected keys block the plan."""
    in_use_within: timedelta = timedelta(days=90)
    """A key that was used within this time is in use."""
    identities: Identities = field(default_factory=Identities)
    """What is known of IAM, by which AccessTests are judged."""
