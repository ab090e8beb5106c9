"""Objects that are deleted, and what becomes of what they stand for."""

from __future__ import annotations

import pytest

from reconciler.controller.objects.seen import FINALIZER
from reconciler.kit.errors import KmsError
from tests.controller.support.objects import DEFAULT_TARGET, annotated, grant_spec
from tests.controller.support.world import ALLOWED, DAY, SOON

ORDERS = ("Key", "orders", {})
APP = ("Grant", "app", grant_spec("orders"))


def _raise(error):
    raise error


def test_a_key_that_is_retained_is_taken_up_by_a_new_object_of_its_name(told):
    async def story(world):
        (key,) = await world.started(ORDERS)
        key_id = world.key_id(key)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert world.state_of(key_id) == "Enabled"
        assert "Retained" in world.told()
        world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert world.key_id(key) == key_id
        assert world.told()[-1] == "Adopted"
        assert world.cluster.events[-1]["note"] == f"took up Key {key_id}, which was there"

    told(story)


def test_a_key_whose_deletion_is_declared_is_scheduled_and_its_object_gone(told):
    async def story(world):
        (key,) = await world.started(("Key", "orders", {"deletion": {"policy": "Schedule", "windowDays": 7}}))
        key_id = world.key_id(key)
        world.cluster.apply("Key", "orders", annotations=ALLOWED)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert world.state_of(key_id) == "PendingDeletion"
        (told,) = [event for event in world.cluster.events if event["reason"] == "DeletionScheduled"]
        assert f"scheduled the deletion of Key {key_id} for 2026-11-29" in told["note"]
        world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert world.key_id(key) == key_id
        assert "DeletionCancelled" in world.told()

    told(story)


def test_a_key_in_use_does_not_go_until_somebody_allows_it_or_keeps_it(told):
    async def story(world):
        (key,) = await world.started(("Key", "orders", {"deletion": {"policy": "Schedule"}}))
        key_id = world.key_id(key)
        world.kms("Encrypt", KeyId=key_id, Plaintext=b"x")
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.ready(key) == ("False", "DeletionRefused")
        assert world.state_of(key_id) == "Enabled"
        world.cluster.apply("Key", "orders", annotations=annotated(deletion_policy="Retain"))
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert world.state_of(key_id) == "Enabled"

    told(story)


def test_an_end_is_left_alone_while_its_object_is_paused(told):
    async def story(world):
        _, grant = await world.started(ORDERS, APP)
        world.cluster.apply("Grant", "app", annotations=annotated(paused="true"))
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.cluster.of(grant) is not None
        world.cluster.apply("Grant", "app", annotations={})
        await world.calm(SOON)
        assert world.cluster.of(grant) is None

    told(story)


@pytest.mark.parametrize("key_first", [False, True])
def test_a_grant_is_revoked_with_its_object_whether_or_not_its_key_object_is_there(told, key_first):
    async def story(world):
        key, grant = await world.started(ORDERS, APP)
        key_id = world.key_id(key)
        assert len(world.kms("ListGrants", KeyId=key_id)["Grants"]) == 1
        if key_first:
            world.cluster.delete(key)
            await world.calm(SOON)
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.cluster.of(grant) is None
        assert world.kms("ListGrants", KeyId=key_id)["Grants"] == []
        assert "Deleted" in world.told()

    told(story)


def test_an_object_for_which_nothing_was_made_just_goes(told):
    async def story(world):
        await world.start()
        grant = world.cluster.apply("Grant", "app", grant_spec("nowhere"))
        held = world.cluster.apply("Key", "orders", {"deletion": {"policy": "Schedule"}})
        refuse = KmsError("AccessDeniedException", "no", operation="CreateKey")
        world.kms_faults.append(lambda operation, _: _raise(refuse) if operation == "CreateKey" else None)
        await world.calm(SOON)
        world.cluster.delete(grant)
        world.cluster.delete(held)
        await world.calm(SOON)
        assert world.cluster.of(grant) is None
        assert world.cluster.of(held) is None

    told(story)


def test_an_end_that_needs_a_target_that_is_gone_is_refused_until_it_is_there_again_or_the_resource_is_kept(told):
    async def story(world):
        key, grant = await world.started(ORDERS, APP)
        world.cluster.lose(world.cluster.apply("Target", "default"))
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.ready(grant) == ("False", "DeletionRefused")
        message = world.status(grant)["conditions"][0]["message"]
        assert "Target/default" in message
        assert "kms.reconciler.dev/deletion-policy: Retain" in message
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.calm(SOON)
        assert world.cluster.of(grant) is None
        assert world.kms("ListGrants", KeyId=world.key_id(key))["Grants"] == []

    told(story)


def test_an_end_waits_for_a_target_that_is_not_open_for_now(told):
    async def story(world):
        _, grant = await world.started(ORDERS, APP)
        closed = {"backend": "aws", "region": "us-east-1", "allowedNamespaces": ["*"],
                  "credentials": {"secretRef": {"name": "nowhere"}}}  # fmt: skip
        world.cluster.apply("Target", "default", closed)
        await world.calm(SOON)
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.ready(grant) == ("False", "TargetNotReady")
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.calm(SOON)
        assert world.cluster.of(grant) is None

    told(story)


def test_an_alias_goes_with_its_object_where_that_is_asked_for(told):
    async def story(world):
        await world.start()
        world.cluster.apply("Key", "orders", {})
        spec = {"name": "alias/main", "keyRef": {"name": "orders"}}
        kept = world.cluster.apply("Alias", "kept", {**spec, "name": "alias/kept"})
        asked = {**ALLOWED, **annotated(deletion_policy="Delete")}
        gone = world.cluster.apply("Alias", "gone", spec, annotations=asked)
        await world.calm(SOON)
        world.cluster.delete(kept)
        world.cluster.delete(gone)
        await world.calm(SOON)
        assert world.cluster.of(kept) is None
        assert world.cluster.of(gone) is None
        assert [alias["AliasName"] for alias in world.kms("ListAliases")["Aliases"]] == ["alias/kept"]

    told(story)


def test_a_retained_object_of_which_nothing_was_made_goes_without_a_word(told):
    async def story(world):
        await world.start(target=False)
        alias = world.cluster.apply("Alias", "main", {"name": "alias/main", "keyRef": {"name": "nowhere"}})
        world.cluster.objects[alias.path]["metadata"]["finalizers"] = [FINALIZER]
        await world.calm(SOON)
        world.deliver()
        world.cluster.delete(alias)
        await world.calm(SOON)
        assert world.cluster.of(alias) is None
        assert world.told() == []

    told(story)


@pytest.mark.parametrize("first", [True, False], ids=["the watch is first", "the answer is first"])
def test_what_is_gone_is_forgotten_whichever_tells_of_it_first(told, first):
    async def story(world):
        await world.start()
        world.watch_first = first
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert world.operator.cache.get(key) is None

    told(story)


def test_a_grant_without_a_status_whose_key_object_is_gone_is_found_by_its_name(told):
    async def story(world):
        key, grant = await world.started(
            ("Key", "orders", {"keySpec": "ECC_NIST_P256", "keyUsage": "SIGN_VERIFY"}),
            ("Grant", "app", grant_spec("orders", operations=["Sign"])),
        )
        key_id = world.key_id(key)
        world.cluster.delete(key)
        await world.calm(SOON)
        world.cluster.lose_status(grant)
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.cluster.of(grant) is None
        assert world.kms("ListGrants", KeyId=key_id)["Grants"] == []
        assert "Deleted" in world.told()

    told(story)


def test_a_grant_without_a_status_on_a_key_that_nobody_finds_any_more_just_goes(told):
    async def story(world):
        key, grant = await world.started(("Key", "orders", {"deletion": {"policy": "Schedule", "windowDays": 7}}), APP)
        world.cluster.apply("Key", "orders", annotations=ALLOWED)
        world.cluster.delete(key)
        await world.calm(SOON)
        await world.stop()
        await world.calm(8 * DAY)
        world.cluster.lose_status(grant)
        world.cluster.delete(grant)
        await world.start()
        await world.calm(SOON)
        assert world.cluster.of(grant) is None

    told(story)


def test_an_alias_without_a_status_whose_key_object_is_gone_goes_with_its_object_all_the_same(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        asked = {**ALLOWED, **annotated(deletion_policy="Delete")}
        alias = world.cluster.apply(
            "Alias", "main", {"name": "alias/main", "keyRef": {"name": "orders"}}, annotations=asked
        )
        await world.calm(SOON)
        world.cluster.delete(key)
        await world.calm(SOON)
        world.cluster.lose_status(alias)
        world.cluster.delete(alias)
        await world.calm(SOON)
        assert world.cluster.of(alias) is None
        assert world.kms("ListAliases")["Aliases"] == []

    told(story)


def test_what_may_have_been_made_is_not_left_behind_because_its_status_is_lost(told):
    async def story(world):
        _, grant = await world.started(ORDERS, APP)
        world.cluster.lose(world.cluster.apply("Target", "default"))
        world.cluster.lose_status(grant)
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.ready(grant) == ("False", "DeletionRefused")
        assert "Target/default" in world.message(grant)

    told(story)


WEST = {**DEFAULT_TARGET, "region": "eu-west-1"}


def _pair(world):
    """A primary and its replica, both to be scheduled for deletion."""
    world.cluster.apply("Target", "west", WEST)
    end = {"deletion": {"policy": "Schedule", "windowDays": 7}}
    key = world.cluster.apply("Key", "orders", {"multiRegion": True, **end})
    there = {"primaryRef": {"name": "orders"}, "targetRef": {"name": "west"}}
    return key, world.cluster.apply("ReplicaKey", "there", {**there, **end})


@pytest.mark.parametrize("replica_first", [True, False])
def test_a_primary_goes_after_its_replicas_as_soon_as_their_end_is_scheduled(told, replica_first):
    async def story(world):
        await world.start()
        key, replica = _pair(world)
        await world.calm(SOON)
        assert world.ready(replica) == ("True", "InSync")
        key_id = world.key_id(key)
        for which in (replica, key) if replica_first else (key, replica):
            world.cluster.apply(which.kind, which.name, annotations=ALLOWED)
            world.cluster.delete(which)
        await world.calm(SOON)
        assert world.cluster.of(replica) is None
        assert world.cluster.of(key) is None
        assert world.state_of(key_id) == "PendingReplicaDeletion"
        assert "DeletionRefused" not in world.told()

    told(story)


def test_a_primary_waits_for_a_replica_whose_end_is_refused_for_now(told):
    async def story(world):
        await world.start()
        key, replica = _pair(world)
        await world.calm(SOON)
        key_id = world.key_id(key)
        world.cluster.apply("ReplicaKey", "there", annotations=annotated(paused="true"))
        world.cluster.delete(replica)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.ready(key) == ("False", "WaitingForReplicas")
        assert world.message(key) == "waiting for ReplicaKey payments/there, which has to go first"
        assert world.state_of(key_id) == "Enabled"
        world.cluster.apply("ReplicaKey", "there", annotations={})
        await world.calm(10)
        assert world.cluster.of(key) is None
        assert world.state_of(key_id) == "PendingReplicaDeletion"

    told(story)


@pytest.mark.parametrize("kept", ["declared", "retained"])
def test_a_primary_whose_replicas_stay_is_kept_however_they_are_marked(told, kept):
    async def story(world):
        await world.start()
        key, replica = _pair(world)
        await world.calm(SOON)
        if kept == "retained":
            world.cluster.apply("ReplicaKey", "there", annotations=annotated(deletion_policy="Retain"))
            world.cluster.delete(replica)
            await world.calm(SOON)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.ready(key) == ("False", "DeletionRefused")
        assert "replicas-left" in world.message(key)
        assert world.state_of(world.key_id(key)) == "Enabled"

    told(story)


def test_a_replica_goes_whether_or_not_the_object_of_its_primary_is_there(told):
    async def story(world):
        await world.start()
        key, replica = _pair(world)
        await world.calm(SOON)
        world.cluster.apply("Key", "orders", annotations=annotated(deletion_policy="Retain"))
        world.cluster.delete(key)
        await world.calm(SOON)
        world.cluster.apply("ReplicaKey", "there", annotations=ALLOWED)
        world.cluster.delete(replica)
        await world.calm(SOON)
        assert world.cluster.of(replica) is None

    told(story)
