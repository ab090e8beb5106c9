"""How many KMS calls a plan makes, counted at the port."""

from __future__ import annotations

import io
from pathlib import Path

from reconciler.engine.engine import Engine
from reconciler.kit.clock import SystemClock
from reconciler.kms.account import identify
from reconciler.kms.counted import Counted
from reconciler.kms.observe import observe
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import read_sources
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import ObservedState
from reconciler.model.scope import scope_of
from reconciler.model.target import DEFAULT_REGION
from reconciler.plan.planner import plan


def count_calls(source: Path, home: Path) -> int:
    """The calls of a plan of the manifests in `source` against the bundled KMS in `home`.

    Raises:
        RuntimeError: the plan has changes.
    """
    manifests = load(read_sources([str(source)], stdin=io.BytesIO()))
    with Engine.open(home) as engine:
        counted = Counted(engine.client())
        account = identify(counted, DEFAULT_REGION)
        desired = desire(manifests, stack="default", accounts={RUN_TARGET: account})
        observed = observe(counted, account, scope_of(desired)[RUN_TARGET], clock=SystemClock())
        if plan(desired, ObservedState({RUN_TARGET: observed})).effective:
            raise RuntimeError("the plan has changes")
        return sum(counted.calls().values())
