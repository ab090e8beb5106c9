"""What a run is about. Apart from `session`, so that checking manifests imports nothing of a KMS."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.manifest.config import LintSettings
from reconciler.manifest.documents import Manifests
from reconciler.model.suppression import Suppression
from reconciler.workflow.choice import Choice


@dataclass(frozen=True, slots=True)
class Request:
    """Manifests, whose they are, and where they go."""

    manifests: Manifests
    stack: str
    choice: Choice = field(default_factory=Choice)
    parallelism: int = 8
    """Calls in flight at once, a target."""
    lint: LintSettings = field(default_factory=LintSettings)
    """What the working directory makes of lint's findings."""
    suppressions: tuple[Suppression, ...] = ()
    """What the manifests set aside of them; read only for lint."""
