"""The way in: a plan carried out over the KMSs of its targets."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from reconciler.apply.crew import DEFAULT_PARALLELISM, Crew, Sites
from reconciler.apply.events import Listener, silent
from reconciler.apply.outcome import Outcome
from reconciler.apply.preflight import check_secrets
from reconciler.apply.walk import Walk
from reconciler.kit.clock import Clock
from reconciler.kit.errors import Refused
from reconciler.kms.port import Kms
from reconciler.model.identifiers import TargetName
from reconciler.plan.changes import Plan


def apply(
    plan: Plan,
    targets: Mapping[TargetName, Kms],
    *,
    clock: Clock,
    parallelism: int = DEFAULT_PARALLELISM,
    listener: Listener = silent,
    interrupt: threading.Event | None = None,
) -> Outcome:
    """Carry out `plan`: every step once what it depends on is done.

    A step that fails stops its own change and what depends on it, and nothing else; its error is in the outcome.

    Args:
        plan: what to do.
        targets: a KMS for each target that the plan has steps for. They are called from several threads.
        clock: the time that waits are measured and slept by.
        parallelism: the most calls in flight; with 1 the steps run one after another, in the plan's order.
        listener: hears what happens, on this thread.
        interrupt: once it is set, calls in flight are finished and no more are started.

    Raises:
        Refused: the plan has a blocked change; nothing was done.
        KmsctlError: a target of the plan is not among `targets`; nothing was done.
        Exception: what the listener raised; calls in flight were finished.
    """
    return carry_out(plan, targets, Crew(clock, parallelism, listener, interrupt or threading.Event()))


def carry_out(plan: Plan, targets: Mapping[TargetName, Kms], crew: Crew) -> Outcome:
    """`apply`, with everything that can be chosen. A secret that is not at hand ends it before the first call."""
    if plan.blocked:
        blocked = plan.blocked[0]
        raise Refused(
            "the plan cannot be applied",
            why=f"{blocked.address} is blocked: {blocked.detail or blocked.reason}",
            fix="resolve it, then plan again",
        )
    check_secrets(plan, crew.secrets)
    sites = Sites(plan, targets, crew)
    with ThreadPoolExecutor(crew.parallelism, thread_name_prefix="apply") as pool:
        return Walk(plan, sites, crew, pool).carry_out()
