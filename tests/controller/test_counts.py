"""What there is in the cluster, counted."""

from __future__ import annotations

from datetime import timedelta

from reconciler.controller.counts import snapshot
from reconciler.controller.objects.cache import Cache
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.connections import Connections
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from reconciler.workflow.environment import Environment
from tests.controller.support.objects import body, grant_spec, ref


def _status(ready=None, drifted=None, *, safe=None, **more):
    conditions = [{"type": "Ready", "status": ready}] if ready else []
    if drifted:
        conditions.append({"type": "Drifted", "status": drifted})
    if safe:
        conditions.append({"type": "PolicySafe", "status": safe})
    return {"conditions": conditions, **more}


def test_objects_are_counted_by_what_they_say_of_themselves(tmp_path, clock):
    cache = Cache(TargetName("default"))
    for one in (
        body("Key", "a", status=_status("True", "False", safe="False", state="Enabled")),
        body("Key", "b", status=_status("True", "True", safe="True", state="Disabled")),
        body("Key", "c", status=_status("False")),
        body("Key", "new"),
        body("ReplicaKey", "r", status=_status("True", state="Enabled")),
        body("Grant", "g", spec=grant_spec("a"), status=_status("True", "False", state="Enabled")),
    ):
        cache.put(one)
    agenda = Agenda(lambda _: ("", "", False, False), clock.monotonic)
    agenda.ask(ref("Key", "a"))
    connections = Connections(
        Environment(tmp_path, {}, clock), parallelism=1, around=lambda kms: kms, swept=lambda *_: None
    )
    connections.open(Target(TargetName("default")), None).lists.since(0.0)
    clock.advance(timedelta(seconds=7))
    found = snapshot(cache, agenda, connections, leader=True)
    connections.close()
    assert dict(found.objects) == {
        ("Key", "True"): 2,
        ("Key", "False"): 1,
        ("Key", "Unknown"): 1,
        ("ReplicaKey", "True"): 1,
        ("Grant", "True"): 1,
    }
    assert {kind: count for kind, count in found.drifted.items() if count} == {"Key": 1}
    assert found.drifted["Alias"] == 0, "no drift is told, too"
    assert dict(found.unsafe) == {"Key": 1, "ReplicaKey": 0, "KeyPolicy": 0}
    assert dict(found.keys) == {"Enabled": 2, "Disabled": 1}
    assert (found.queue_depth, found.queue_oldest_seconds) == (1, 7.0)
    assert dict(found.sweep_ages) == {"default": 7.0}
    assert found.leader
