"""Targets that lead elsewhere while somebody is at it."""

from __future__ import annotations

from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from tests.controller.support.world import play

ELSEWHERE = Target(TargetName("default"), account_id="222222222222", allowed_namespaces=("*",))


def test_a_batch_reads_to_its_end_where_it_began_although_its_target_is_opened_elsewhere(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "one", "aliases": ["alias/orders"]})
        await world.calm(30)
        before = world.live_keys()

        def reopen(operation, _):
            if operation == "UpdateKeyDescription":
                world.operator._connections.open(ELSEWHERE, None)

        world.kms_faults.append(reopen)
        world.cluster.lose_status(key)  # nothing but its tags says which key it is
        world.cluster.apply("Key", "orders", {"description": "two", "aliases": ["alias/orders"]})
        world.calls.clear()
        await world.calm(1)
        assert "UpdateKeyDescription" in world.calls
        assert "CreateKey" not in world.calls
        assert world.live_keys() == before

    play(tmp_path, story)
