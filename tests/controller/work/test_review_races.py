"""Objects that change, end and are made anew while somebody is at them."""

from __future__ import annotations

import copy

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
