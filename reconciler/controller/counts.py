"""What there is in the cluster, at the moment when somebody asks."""

from __future__ import annotations

from collections import Counter

from reconciler.controller.cluster.refs import RESOURCES
from reconciler.controller.health.safety import EXAMINED
from reconciler.controller.metrics import Snapshot
from reconciler.controller.objects.cache import Cache
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.connections import Connections
from reconciler.model.identifiers import TargetName


def snapshot(cache: Cache, agenda: Agenda, connections: Connections, *, leader: bool) -> Snapshot:
    """The numbers of this moment."""
    objects: Counter[tuple[str, str]] = Counter()
    drifted: Counter[str] = Counter(dict.fromkeys(RESOURCES, 0))
    unsafe: Counter[str] = Counter({str(kind): 0 for kind in EXAMINED})
    keys: Counter[str] = Counter()
    for sort, count in cache.census:
        objects[sort.kind, sort.ready] += count
        drifted[sort.kind] += count * sort.drifted
        if sort.unsafe:
            unsafe[sort.kind] += count
        if sort.key_state:
            keys[sort.key_state] += count
    return Snapshot(
        objects=objects,
        drifted=drifted,
        unsafe=unsafe,
        keys=keys,
        queue_depth=agenda.due(),
        queue_oldest_seconds=agenda.waits(),
        sweep_ages={name: age for name, age in connections.ages().items() if cache.is_used(TargetName(name))},
        leader=leader,
    )
