"""Objects that change, end and are made anew while somebody is at them."""

from __future__ import annotations

import copy

from reconciler.controller.cluster.refs import API_VERSION
from tests.controller.support.objects import grant_spec
from tests.controller.support.world import play


def _made_anew(world, which, spec):
    """Somebody takes our finalizer off an object, deletes it, and makes another of its name."""
    world.cluster.objects.pop(which.path)
    return world.cluster.apply(which.kind, which.name, spec)


def test_what_was_concluded_on_an_object_is_not_written_on_another_that_took_its_name(tmp_path):
    async def story(world):
        await world.start()
        spec = {"description": "one", "driftPolicy": "Report"}
        key = world.cluster.apply("Key", "orders", spec)

        def replaced(operation, _):
            if operation == "CreateKey":
                world.kms_faults.clear()
                _made_anew(world, key, {**spec, "description": "two"})
                world.cluster.watch.clear()  # and the watch is slow to show it

        world.kms_faults.append(replaced)
        await world.calm(0.001)
        await world.calm(30)
        assert "keyId" not in world.status(key), "nothing was written on the new one"
        world.operator.intake.notice(copy.deepcopy(world.cluster.of(key)))
        await world.calm(60)
        assert world.ready(key) == ("True", "InSync")
        (key_id,) = world.live_keys()
        described = world.kms("DescribeKey", KeyId=key_id)["KeyMetadata"]
        assert described["Description"] == "two", "what it declares was brought about, and is no drift"

    play(tmp_path, story)


def test_a_watch_that_is_late_brings_no_object_back_that_has_ended(tmp_path):
    async def story(world):
        await world.start()
        world.cluster.apply("Key", "orders", {})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(30)
        before = copy.deepcopy({**world.cluster.of(grant), "apiVersion": API_VERSION})
        (key_id,) = world.live_keys()
        world.cluster.delete(grant)
        await world.calm(5)
        assert world.cluster.of(grant) is None
        assert world.kms("ListGrants", KeyId=key_id)["Grants"] == []
        world.operator.intake.notice(before)  # as it was before anybody asked for its end
        await world.calm(30)
        assert world.kms("ListGrants", KeyId=key_id)["Grants"] == [], "nobody gets access by an echo"

    play(tmp_path, story)


def test_an_object_that_is_there_again_as_it_was_restored_is_noticed(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        before = copy.deepcopy(world.cluster.of(key))
        world.cluster.delete(key)
        await world.calm(5)
        world.cluster._store(key.path, before)
        await world.calm(30)
        assert world.operator.cache.get(key) is not None

    play(tmp_path, story)
