"""What differs is corrected or reported, now or never, as the object says."""

from __future__ import annotations

import pytest

from tests.controller.support.objects import annotated, grant_spec, says
from tests.controller.support.world import DAY, SOON


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


@pytest.mark.no_cover  # a week, drift check by drift check: three times as long under coverage
@pytest.mark.parametrize("tampered", [False, True], ids=["as it was", "with drift"])
def test_a_rotation_that_is_due_is_no_drift_and_aliases_and_grants_follow_also_where_drift_is_only_reported(
    told, tampered
):
    async def story(world):
        await world.start()
        report = {"driftPolicy": "Report"}
        rotation = {"manual": {"everyDays": 5, "keep": 2}}
        spec = {"description": "mine", "aliases": ["alias/orders"], "rotation": rotation, **report}
        key = world.cluster.apply("Key", "orders", spec)
        alias = world.cluster.apply("Alias", "main", {"name": "alias/main", "keyRef": {"name": "orders"}, **report})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders", **report))
        await world.calm(SOON)
        first = world.key_id(key)
        if tampered:
            world.kms("UpdateKeyDescription", KeyId=first, Description="theirs")
            await world.calm(DAY)
            assert says(world.status(key)["conditions"], "Drifted") == ("True", "DriftDetected")
        await world.calm(6 * DAY)
        second = world.key_id(key)
        assert second != first
        assert {one["TargetKeyId"] for one in world.kms("ListAliases")["Aliases"]} == {second}
        assert len(world.kms("ListGrants", KeyId=second)["Grants"]) == 1
        for which in (key, alias, grant):
            assert world.ready(which) == ("True", "InSync")
            assert world.key_id(which) == second
        assert world.told().count("Rotated") == 1
        world.kms("UpdateAlias", AliasName="alias/main", TargetKeyId=first)
        world.kms("UpdateKeyDescription", KeyId=second, Description="theirs")
        await world.calm(DAY)
        for which in (key, alias):
            assert says(world.status(which)["conditions"], "Drifted") == ("True", "DriftDetected")

    told(story, variables={"KMSCTL_DRIFT_INTERVAL": "12h"})
