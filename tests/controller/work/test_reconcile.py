"""The whole loop over an API server in memory and the bundled KMS."""

from __future__ import annotations

from tests.controller.support.objects import grant_spec
from tests.controller.support.world import play


def test_a_key_with_an_alias_and_a_grant_becomes_ready_and_then_nothing_is_written(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"aliases": ["alias/orders"]})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(30)
        assert world.ready(key) == ("True", "InSync")
        assert world.ready(grant) == ("True", "InSync")
        assert world.told() == ["Created", "Created", "Created"]
        await world.calm(700)  # the Target counts its keys
        world.cluster.writes.clear()
        await world.calm()
        assert world.cluster.writes == []
        assert list(world.live_keys().values()) == ["orders"]

    play(tmp_path, story)
