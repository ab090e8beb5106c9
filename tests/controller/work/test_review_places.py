"""Targets that lead elsewhere while somebody is at it."""

from __future__ import annotations

from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from tests.controller.support.objects import DEFAULT_TARGET, ref
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


def test_a_target_that_comes_to_lead_elsewhere_than_to_its_keys_is_not_used(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(700)  # the Target knows its keys
        before = world.status(key)["keyId"]
        target = world.cluster.apply("Target", "default", {**DEFAULT_TARGET, "accountId": "222222222222"})
        await world.calm(700)
        assert world.ready(target) == ("False", "Refused")
        assert world.ready(key) == ("False", "TargetNotReady")
        assert world.status(key)["keyId"] == before
        await world.restart()
        await world.calm(60)
        assert world.ready(target) == ("False", "Refused"), "whoever comes next knows it, too"
        assert "CreateKey" not in world.calls[world.calls.index("CreateKey") + 1 :]
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.calm(60)
        assert world.ready(key) == ("True", "InSync")
        assert world.status(key)["keyId"] == before

    play(tmp_path, story)


def test_a_target_that_no_key_was_made_through_may_lead_anywhere(tmp_path):
    async def story(world):
        await world.start()
        await world.calm(30)
        target = world.cluster.apply("Target", "default", {**DEFAULT_TARGET, "accountId": "222222222222"})
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(60)
        assert world.ready(target) == ("True", "Valid")
        assert world.status(key)["accountId"] == "222222222222"

    play(tmp_path, story)


def test_a_target_that_is_gone_is_open_no_more_and_has_no_age(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        connections = world.operator._connections
        assert connections.ages().keys() == {"default"}
        world.cluster.lose(ref("Target", "default"))
        await world.calm(1)
        assert connections.get(TargetName("default")) is None
        assert connections.ages() == {}
        await world.calm(700)
        assert world.ready(key) == ("False", "TargetNotFound")

    play(tmp_path, story)


def test_the_lists_of_a_target_that_nobody_uses_have_no_age_that_somebody_waits_for(tmp_path):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        assert b"kmsctl_sweep_age_seconds{" in world.operator.metrics.text()
        world.cluster.delete(key)
        await world.calm(5)
        assert b"kmsctl_sweep_age_seconds{" not in world.operator.metrics.text()

    play(tmp_path, story)
