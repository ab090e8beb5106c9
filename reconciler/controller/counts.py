"""What there is in the cluster, counted when somebody asks."""

from __future__ import annotations

from collections import Counter

from reconciler.controller.cluster.refs import RESOURCES
from reconciler.controller.health.safety import EXAMINED, POLICY_SAFE
from reconciler.controller.metrics import Snapshot
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import Seen
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.connections import Connections
from reconciler.manifest.documents import KEY_KINDS
from reconciler.model.identifiers import TargetName


def snapshot(cache: Cache, agenda: Agenda, connections: Connections, *, leader: bool) -> Snapshot:
    """The numbers of this moment."""
    objects: Counter[tuple[str, str]] = Counter()
    drifted: Counter[str] = Counter(dict.fromkeys(RESOURCES, 0))
    unsafe: Counter[str] = Counter({str(kind): 0 for kind in EXAMINED})
    keys: Counter[str] = Counter()
    for seen in cache.all():
        objects[seen.ref.kind, _says(seen, "Ready")] += 1
        drifted[seen.ref.kind] += _says(seen, "Drifted") == "True"
        if _says(seen, POLICY_SAFE) == "False":
            unsafe[seen.ref.kind] += 1
        if seen.kind in KEY_KINDS and seen.status.get("state"):
            keys[str(seen.status["state"])] += 1
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


def _says(seen: Seen, condition: str) -> str:
    return next((str(one.get("status")) for one in seen.conditions if one.get("type") == condition), "Unknown")
