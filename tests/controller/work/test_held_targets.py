"""A Target stays for as long as objects need it for their own end; numbers in a status follow what is there."""

from __future__ import annotations

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.objects.seen import FINALIZER
from tests.controller.support.objects import DEFAULT_TARGET, grant_spec
from tests.controller.support.world import ALLOWED, SOON

DEFAULT = ("Target", "default")
ORDERS = ("Key", "orders", {})
APP = ("Grant", "app", grant_spec("orders"))


def test_a_target_that_vanished_unseen_is_noticed_by_the_next_check(told):
    async def story(world):
        (key,) = await world.started(ORDERS)
        world.cluster.lose(world.cluster.apply("Target", "default"))
        world.cluster.watch.clear()
        await world.calm(700)
        assert world.ready(key) == ("False", "TargetNotFound")

    told(story)


def test_a_key_that_somebody_let_go_unseen_is_looked_after_no_more(told):
    async def story(world):
        (key,) = await world.started(ORDERS)
        world.cluster.lose(key)
        world.cluster.watch.clear()
        await world.calm(700)
        assert world.operator.cache.get(key) is None

    told(story)


def finalizers(world, which):
    return world.cluster.of(which)["metadata"].get("finalizers", [])


def test_a_target_is_held_before_the_first_object_on_it_and_free_after_the_last(told):
    async def story(world):
        (target,) = await world.started(DEFAULT)
        assert finalizers(world, target) == []
        world.cluster.writes.clear()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert [path for _, path in world.cluster.writes[:2]] == [target.path, key.path]
        assert finalizers(world, target) == [FINALIZER]
        world.cluster.delete(key)
        await world.calm(SOON)
        assert finalizers(world, target) == []
        world.cluster.delete(target)
        await world.calm(SOON)
        assert world.cluster.of(target) is None

    told(story)


def test_a_target_that_is_deleted_with_all_that_is_on_it_goes_last(told):
    async def story(world):
        target, key, grant = await world.started(
            DEFAULT, ("Key", "orders", {"deletion": {"policy": "Schedule"}}, ALLOWED), APP
        )
        key_id = world.key_id(key)
        for which in (target, key, grant):
            world.cluster.delete(which)
        await world.calm(SOON)
        assert world.cluster.objects == {}
        assert world.state_of(key_id) == "PendingDeletion"
        assert "DeletionRefused" not in world.told()

    told(story)


def test_a_target_that_is_in_use_says_by_whom_and_serves_them_until_they_end(told):
    async def story(world):
        target, key, grant = await world.started(DEFAULT, ("Key", "orders", {"description": "one"}), APP)
        world.cluster.delete(target)
        await world.calm(5)
        assert world.ready(target) == ("False", "InUse")
        assert world.message(target) == ("waiting for Grant payments/app and 1 more, which cannot end without it")
        await world.calm(100)
        assert world.ready(target) == ("False", "DeletionRefused")
        assert "in use by Grant payments/app and 1 more" in world.message(target)
        assert world.told().count("DeletionRefused") == 1
        world.cluster.apply("Key", "orders", {"description": "two"})
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        for which in (grant, key):
            world.cluster.delete(which)
        await world.calm(SOON)
        assert world.cluster.objects == {}
        assert world.kms("ListGrants", KeyId=next(iter(world.live_keys())))["Grants"] == []

    told(story)


def test_an_object_that_no_longer_parses_holds_its_target_until_it_is_gone(told):
    async def story(world):
        west, key = await world.started(
            ("Target", "west", DEFAULT_TARGET),
            ("Key", "orders", {"targetRef": {"name": "west"}, "deletion": {"policy": "Schedule"}}),
        )
        key_id = world.key_id(key)
        world.cluster.apply("Key", "orders", {"targetRef": {"name": "west"}, "keySpec": "ROT13"})
        await world.calm(SOON)
        assert world.ready(key) == ("False", "Invalid")
        world.cluster.delete(west)
        await world.restart()
        await world.calm(100)
        assert world.ready(west) == ("False", "DeletionRefused")
        assert "Key payments/orders" in world.message(west)
        world.cluster.apply("Key", "orders", {"targetRef": {"name": "west"}, "deletion": {"policy": "Schedule"}})
        world.cluster.apply("Key", "orders", annotations=ALLOWED)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(west) is None
        assert world.state_of(key_id) == "PendingDeletion"

    told(story)


def test_a_target_that_is_being_deleted_takes_nothing_new_and_its_successor_does(told):
    async def story(world):
        target, key = await world.started(DEFAULT, ORDERS)
        world.cluster.delete(target)
        await world.calm(SOON)
        late = world.cluster.apply("Key", "late", {})
        await world.calm(SOON)
        assert world.ready(late) == ("False", "TargetDeleting")
        assert "finalizers" not in world.cluster.of(late)["metadata"]
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(target) is None
        assert world.ready(late) == ("False", "TargetNotFound")
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.calm(SOON)
        assert world.ready(late) == ("True", "InSync")

    told(story)


def test_a_target_in_use_that_cannot_be_opened_any_more_says_that(told):
    async def story(world):
        target, _ = await world.started(DEFAULT, ORDERS)
        closed = {"backend": "aws", "region": "us-east-1", "allowedNamespaces": ["*"],
                  "credentials": {"secretRef": {"name": "nowhere"}}}  # fmt: skip
        world.cluster.apply("Target", "default", closed)
        world.cluster.delete(target)
        await world.calm(SOON)
        assert world.ready(target) == ("False", "Failed")
        assert finalizers(world, target) == [FINALIZER]

    told(story)


def test_a_target_that_an_older_operator_did_not_hold_is_held(told):
    async def story(world):
        target, _ = await world.started(DEFAULT, ORDERS)
        await world.stop()
        world.cluster.objects[target.path]["metadata"]["finalizers"] = []
        await world.start()
        await world.calm(SOON)
        assert finalizers(world, target) == [FINALIZER]

    told(story)


def test_numbers_in_a_status_are_right_within_seconds_and_written_once(told):
    async def story(world):
        target, policy = await world.started(
            DEFAULT, ("KeyPolicy", "p", {"administrators": ["arn:aws:iam::111122223333:role/admin"]})
        )
        world.cluster.writes.clear()
        keys = [world.cluster.apply("Key", f"k{number}", {"policyRef": {"name": "p"}}) for number in range(20)]
        await world.calm(10)
        assert world.status(target)["keys"] == 20
        assert world.status(policy)["users"] == 20
        assert world.cluster.writes.count(("PATCH", f"{target.path}/status")) <= 2
        assert world.cluster.writes.count(("PATCH", f"{policy.path}/status")) <= 2
        world.cluster.delete(keys[0])
        await world.calm(10)
        assert world.status(target)["keys"] == 19
        assert world.status(policy)["users"] == 19
        world.cluster.writes.clear()
        await world.calm()
        assert world.cluster.writes == []

    told(story)


@pytest.mark.parametrize("kind", ["Key", "Grant", "KeyPolicy"])
def test_an_object_that_nothing_held_and_that_vanished_unseen_is_forgotten_by_the_next_check(told, kind):
    specs = {"Key": {"keySpec": "ROT13"}, "Grant": grant_spec("nowhere"), "KeyPolicy": {}}

    async def story(world):
        (which,) = await world.started((kind, "gone", specs[kind]))
        assert world.operator.cache.get(which) is not None
        world.cluster.delete(which)
        world.cluster.watch.clear()
        await world.calm(700)
        assert world.operator.cache.get(which) is None

    told(story)


def test_nothing_is_made_while_the_target_cannot_be_held(told):
    async def story(world):
        (target,) = await world.started(DEFAULT)

        def refuse(verb, path):
            if verb == "PATCH" and path == target.path:
                raise ApiError(403, "Forbidden", path)

        world.cluster.faults.append(refuse)
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert "CreateKey" not in world.calls
        assert "finalizers" not in world.cluster.of(key)["metadata"]
        world.cluster.faults.clear()
        await world.calm(100)
        assert world.ready(key) == ("True", "InSync")
        assert finalizers(world, target) == [FINALIZER]

    told(story)
