"""Who carries out a plan and where: what a walk is given besides the plan."""

from __future__ import annotations

import math
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reconciler.apply.events import Listener, silent
from reconciler.apply.rollcall import RollCall
from reconciler.apply.secrets import Secrets, no_secrets
from reconciler.apply.site import Census, Site
from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsctlError
from reconciler.kms.port import Kms
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.plan.changes import Plan
from reconciler.plan.steps import PlannedKey, targets_of

DEFAULT_PARALLELISM = 8


def attempt_id() -> str:
    """A name for an attempt to create a key that nothing else has."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Crew:
    """How a plan is carried out, whichever plan it is."""

    clock: Clock
    parallelism: int = DEFAULT_PARALLELISM
    """The most calls in flight. With 1 the steps run one after another, in the plan's order."""
    listener: Listener = silent
    interrupt: threading.Event = field(default_factory=threading.Event)
    """Once set, calls in flight are finished and no more are started."""
    new_attempt: Callable[[], str] = attempt_id
    secrets: Secrets = no_secrets
    """Reads key material and credentials when a step needs them."""
    immediate: frozenset[TargetName] = frozenset()
    """Targets whose KMS shows at once what was written, and dates each key later than those before: the bundled one."""
    patience: float = math.inf
    """See `Site.patience`."""


class Sites:
    """The sites of a plan, one a target, and the keys that its `CreateKey` steps ended with so far."""

    def __init__(self, plan: Plan, targets: Mapping[TargetName, Kms], crew: Crew) -> None:
        """See the class.

        Raises:
            KmsctlError: the plan has steps for a target that is not among `targets`.
        """
        self.keys: dict[PlannedKey, KeyId] = {}
        needed = {target for change, step in plan.steps() for target in targets_of(step, change.address.target)} | {
            change.address.target for change in plan.effective
        }
        for target in sorted(needed - set(targets)):
            raise KmsctlError(f"the plan needs the target {target!r}", why="it is not open", fix="declare it")
        self._sites = {
            target: Site(
                targets[target],
                crew.clock,
                self.keys,
                Census(targets[target]),
                RollCall(targets[target]),
                crew.new_attempt,
                self.of,
                crew.secrets,
                immediate=target in crew.immediate,
                patience=crew.patience,
            )
            for target in needed
        }

    def of(self, target: TargetName) -> Site:
        """The site of a target that the plan needs."""
        return self._sites[target]
