"""What differs is corrected or reported, now or never, as the object says."""

from __future__ import annotations

from tests.controller.support.objects import annotated, says
from tests.controller.support.world import SOON


def test_drift_is_corrected_and_told(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "mine"})
        await world.calm(SOON)
        world.kms("UpdateKeyDescription", KeyId=world.key_id(key), Description="theirs")
        await world.calm(700)
        found = world.kms("DescribeKey", KeyId=world.key_id(key))["KeyMetadata"]
        assert found["Description"] == "mine"
        assert world.told() == ["Created", "DriftCorrected"]

    told(story)


def test_drift_is_reported_where_that_is_asked_for(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "mine", "driftPolicy": "Report"})
        await world.calm(SOON)
        world.kms("UpdateKeyDescription", KeyId=world.key_id(key), Description="theirs")
        await world.calm(700)
        assert says(world.status(key)["conditions"], "Drifted") == ("True", "DriftDetected")
        assert world.status(key)["drift"] == ["description"]
        assert world.told() == ["Created", "DriftDetected"]
        world.kms("UpdateKeyDescription", KeyId=world.key_id(key), Description="mine")
        await world.calm(700)
        assert world.ready(key) == ("True", "InSync")
        assert "drift" not in world.status(key)

    told(story)


def test_what_is_asked_for_now_is_looked_at_now_and_says_so(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "mine"})
        await world.calm(SOON)
        world.kms("UpdateKeyDescription", KeyId=world.key_id(key), Description="theirs")
        world.cluster.apply("Key", "orders", annotations=annotated(reconcile_at="noon"))
        await world.calm(5)
        assert world.status(key)["lastHandledReconcileAt"] == "noon"
        assert "DriftCorrected" in world.told()

    told(story)


def test_a_paused_object_is_left_alone_until_it_is_so_no_more(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {}, annotations=annotated(paused="true"))
        await world.calm(SOON)
        assert says(world.status(key)["conditions"], "Synced") == ("Unknown", "Paused")
        assert world.live_keys() == {}
        world.cluster.apply("Key", "orders", annotations={})
        await world.calm(5)
        assert world.ready(key) == ("True", "InSync")

    told(story)


def test_a_changed_key_policy_is_a_change_and_no_drift_also_where_drift_is_only_reported(told):
    async def story(world):
        await world.start()
        admins = ["arn:aws:iam::111122223333:role/admin"]
        world.cluster.apply("KeyPolicy", "p", {"administrators": admins})
        key = world.cluster.apply("Key", "orders", {"policyRef": {"name": "p"}, "driftPolicy": "Report"})
        await world.calm(SOON)
        world.cluster.apply(
            "KeyPolicy", "p", {"administrators": admins, "users": ["arn:aws:iam::111122223333:role/app"]}
        )
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        assert "role/app" in world.kms("GetKeyPolicy", KeyId=world.key_id(key), PolicyName="default")["Policy"]
        assert world.told() == ["Created", "Updated"]

    told(story)
