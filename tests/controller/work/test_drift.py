"""The check for drift."""

from __future__ import annotations

import asyncio

from reconciler.controller.objects.cache import Cache
from reconciler.controller.work.agenda import Agenda
from reconciler.controller.work.connections import Connections
from reconciler.controller.work.drift import check_for_drift
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from reconciler.workflow.environment import Environment
from tests.controller.cluster.virtual import run_virtually
from tests.controller.support.objects import annotated, body, ref
from tests.controller.support.world import Clock

GOING = "2026-03-01T00:00:00Z"


def _checked(home, interval, seconds):
    """The instants and objects of checks during `seconds`; and whether lists were kept."""

    async def story(loop):
        cache = Cache(TargetName("default"))
        for name, more in {
            "plain": {},
            "going": {"deletionTimestamp": GOING},
            "paused": {"annotations": annotated(paused="true")},
        }.items():
            cache.put(body("Key", name, **more))
        agenda = Agenda(lambda _: ("payments", "", False, False), loop.time)
        connections = Connections(
            Environment(home, {}, Clock(loop)), parallelism=1, around=lambda kms: kms, swept=lambda *_: None
        )
        opened = connections.open(Target(TargetName("default")), None)
        lists = opened.lists.since(0.0)
        instants, recounts = [], []

        async def recount():
            recounts.append(loop.time())

        checking = asyncio.create_task(check_for_drift(agenda, cache, connections, interval, recount))

        async def take():
            while True:
                taken = await agenda.take(10)
                instants.append((round(loop.time(), 3), taken.items))
                agenda.done(taken)

        taking = asyncio.create_task(take())
        await asyncio.sleep(seconds)
        for task in (checking, taking):
            task.cancel()
        await asyncio.gather(checking, taking, return_exceptions=True)
        kept = opened.lists.since(0.0) is lists
        connections.close()
        assert [round(instant, 3) for instant in recounts] == [instant for instant, _ in instants]
        return instants, kept

    return run_virtually(story)


def test_all_objects_but_those_that_go_or_are_paused_are_looked_at_every_interval(tmp_path):
    instants, kept = _checked(tmp_path, 600, 1300)
    assert instants == [(600.0, (ref("Key", "plain"),)), (1200.0, (ref("Key", "plain"),))]
    assert not kept, "lists are read anew"


def test_nothing_is_looked_at_before_the_first_interval_is_over(tmp_path):
    assert _checked(tmp_path, 600, 599) == ([], True)


def test_checks_keep_a_distance_however_short_the_interval(tmp_path):
    assert len(_checked(tmp_path, 0.001, 5.5)[0]) == 5
