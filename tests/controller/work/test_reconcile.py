"""The whole loop over an API server in memory and the bundled KMS."""

from __future__ import annotations

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.objects.seen import FINALIZER
from reconciler.kit.errors import KmsError
from tests.controller.support.objects import DEFAULT_TARGET, annotated, grant_spec, says
from tests.controller.support.world import play

ALLOWED = annotated(allow="key-in-use,alias-leaves-key-in-use")
SOON = 30


def _key_id(world, which):
    return world.status(which)["keyId"]


def _state(world, key_id):
    return world.kms("DescribeKey", KeyId=key_id)["KeyMetadata"]["KeyState"]


def _fail_once(faults, error, when=lambda *_: True):
    def fault(*request):
        if when(*request):
            faults.remove(fault)
            raise error

    faults.append(fault)


@pytest.fixture
def told(tmp_path):
    """Tells a story."""
    return lambda story, **more: play(tmp_path / "kms", story, **more)


def test_a_key_with_an_alias_and_a_grant_becomes_ready_and_then_nothing_is_written(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"aliases": ["alias/orders"]})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        alias = world.cluster.apply("Alias", "main", {"name": "alias/main", "keyRef": {"name": "orders"}})
        policy = world.cluster.apply("KeyPolicy", "p", {"administrators": ["arn:aws:iam::111122223333:role/admin"]})
        await world.calm(SOON)
        for which in (key, grant, alias):
            assert world.ready(which) == ("True", "InSync")
            assert world.cluster.of(which)["metadata"]["finalizers"] == [FINALIZER]
        assert world.ready(policy) == ("True", "Valid")
        assert "finalizers" not in world.cluster.of(policy)["metadata"]
        assert world.told() == ["Created"] * 4
        assert world.status(key)["aliases"] == ["alias/main", "alias/orders"]
        await world.calm(700)  # the Target counts its keys
        world.cluster.writes.clear()
        await world.calm()
        assert world.cluster.writes == []
        assert list(world.live_keys().values()) == ["orders"]

    told(story)


def test_each_object_is_held_before_the_first_call_is_made_for_it(told):
    async def story(world):
        await world.start()
        await world.calm(SOON)
        refused = ApiError(500, "InternalError", "no")
        world.cluster.faults.append(lambda _, path: _raise(refused) if path.endswith("/keys/orders") else None)
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert "CreateKey" not in world.calls
        assert "finalizers" not in world.cluster.of(key)["metadata"]
        world.cluster.faults.clear()
        await world.calm(100)
        assert "CreateKey" in world.calls
        assert world.ready(key) == ("True", "InSync")

    told(story)


@pytest.mark.parametrize(
    "error", [ApiError(409, "Conflict", "changed"), ApiError(0, "Unreachable", "no answer")], ids=str
)
def test_a_write_that_the_api_server_does_not_take_is_made_again(told, error):
    async def story(world):
        await world.start()
        await world.calm(SOON)
        _fail_once(world.cluster.faults, error, lambda _, path: path.endswith("/orders/status"))
        key = world.cluster.apply("Key", "orders", {})
        other = world.cluster.apply("Key", "other", {})
        await world.calm(0.5)
        assert world.ready(other) == ("True", "InSync"), "it keeps no other"
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        assert len(world.live_keys()) == 2

    told(story)


def test_a_failure_of_one_key_keeps_no_other_and_passes(told):
    async def story(world):
        await world.start()
        denied = KmsError("AccessDeniedException", "no", operation="UpdateKeyDescription")
        world.kms_faults.append(lambda operation, _: _raise(denied) if operation == "UpdateKeyDescription" else None)
        key = world.cluster.apply("Key", "orders", {"description": "one"})
        await world.calm(SOON)
        key_id = _key_id(world, key)
        world.cluster.apply("Key", "orders", {"description": "two"})
        other = world.cluster.apply("Key", "other", {})
        await world.calm(SOON)
        assert world.ready(key) == ("False", "AccessDenied")
        assert world.ready(other) == ("True", "InSync")
        assert world.status(key)["keyId"] == key_id
        assert "Failed" in world.told()
        world.kms_faults.clear()
        await world.calm(400)
        assert world.ready(key) == ("True", "InSync")

    told(story)


def _raise(error):
    raise error


def test_a_reference_is_waited_for_and_its_coming_wakes_who_waits(told):
    async def story(world):
        await world.start()
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(SOON)
        assert world.ready(grant) == ("False", "ReferenceNotFound")
        world.cluster.apply("Key", "orders", {})
        await world.calm(5)
        assert world.ready(grant) == ("True", "InSync")

    told(story)


def test_objects_wait_for_their_target_and_its_coming_wakes_them(told):
    async def story(world):
        await world.start(target=False)
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(5)
        assert world.ready(key) == ("False", "TargetNotFound")
        target = world.cluster.apply("Target", "default", {**DEFAULT_TARGET, "allowedNamespaces": ["other"]})
        await world.calm(5)
        assert world.ready(key) == ("False", "NamespaceNotAllowed")
        assert world.cluster.of(key)["metadata"].get("finalizers") is None
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.calm(5)
        assert world.ready(key) == ("True", "InSync")
        assert world.ready(target) == ("True", "Valid")

    told(story)


def test_a_manifest_with_errors_is_told_and_mended(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"keySpec": "ROT13"})
        await world.calm(5)
        assert world.ready(key) == ("False", "Invalid")
        assert world.live_keys() == {}
        world.cluster.apply("Key", "orders", {})
        await world.calm(5)
        assert world.ready(key) == ("True", "InSync")
        assert world.told() == ["Invalid", "Created"]

    told(story)


def test_drift_is_corrected_and_told(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "mine"})
        await world.calm(SOON)
        world.kms("UpdateKeyDescription", KeyId=_key_id(world, key), Description="theirs")
        await world.calm(700)
        found = world.kms("DescribeKey", KeyId=_key_id(world, key))["KeyMetadata"]
        assert found["Description"] == "mine"
        assert world.told() == ["Created", "DriftCorrected"]

    told(story)


def test_drift_is_reported_where_that_is_asked_for(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "mine", "driftPolicy": "Report"})
        await world.calm(SOON)
        world.kms("UpdateKeyDescription", KeyId=_key_id(world, key), Description="theirs")
        await world.calm(700)
        assert says(world.status(key)["conditions"], "Drifted") == ("True", "DriftDetected")
        assert world.status(key)["drift"] == ["description"]
        assert world.told() == ["Created", "DriftDetected"]
        world.kms("UpdateKeyDescription", KeyId=_key_id(world, key), Description="mine")
        await world.calm(700)
        assert world.ready(key) == ("True", "InSync")
        assert "drift" not in world.status(key)

    told(story)


def test_what_is_asked_for_now_is_looked_at_now_and_says_so(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"description": "mine"})
        await world.calm(SOON)
        world.kms("UpdateKeyDescription", KeyId=_key_id(world, key), Description="theirs")
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


def test_a_key_that_is_retained_is_taken_up_by_a_new_object_of_its_name(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        key_id = _key_id(world, key)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert _state(world, key_id) == "Enabled"
        assert "Retained" in world.told()
        world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert _key_id(world, key) == key_id

    told(story)


def test_a_key_whose_deletion_is_declared_is_scheduled_and_its_object_gone(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"deletion": {"policy": "Schedule", "windowDays": 7}})
        await world.calm(SOON)
        key_id = _key_id(world, key)
        world.cluster.apply("Key", "orders", annotations=ALLOWED)
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert _state(world, key_id) == "PendingDeletion"
        (told,) = [event for event in world.cluster.events if event["reason"] == "DeletionScheduled"]
        assert f"scheduled the deletion of Key {key_id} for 2026-11-29" in told["note"]
        world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        assert _key_id(world, key) == key_id
        assert "DeletionCancelled" in world.told()

    told(story)


def test_a_key_in_use_does_not_go_until_somebody_allows_it_or_keeps_it(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"deletion": {"policy": "Schedule"}})
        await world.calm(SOON)
        key_id = _key_id(world, key)
        world.kms("Encrypt", KeyId=key_id, Plaintext=b"x")
        world.cluster.delete(key)
        await world.calm(SOON)
        assert world.ready(key) == ("False", "DeletionRefused")
        assert _state(world, key_id) == "Enabled"
        world.cluster.apply("Key", "orders", annotations=annotated(deletion_policy="Retain"))
        await world.calm(SOON)
        assert world.cluster.of(key) is None
        assert _state(world, key_id) == "Enabled"

    told(story)


def test_an_end_is_left_alone_while_its_object_is_paused(told):
    async def story(world):
        await world.start()
        world.cluster.apply("Key", "orders", {})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(SOON)
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
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(SOON)
        key_id = _key_id(world, key)
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
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(SOON)
        world.cluster.delete(world.cluster.apply("Target", "default"))
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.ready(grant) == ("False", "DeletionRefused")
        message = world.status(grant)["conditions"][0]["message"]
        assert "Target/default" in message
        assert "kms.reconciler.dev/deletion-policy: Retain" in message
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.calm(SOON)
        assert world.cluster.of(grant) is None
        assert world.kms("ListGrants", KeyId=_key_id(world, key))["Grants"] == []

    told(story)


def test_an_end_waits_for_a_target_that_is_not_open_for_now(told):
    async def story(world):
        await world.start()
        world.cluster.apply("Key", "orders", {})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(SOON)
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


def test_an_alias_that_two_want_is_the_older_ones_and_passes_on_when_that_goes(told):
    async def story(world):
        await world.start()
        first = world.cluster.apply("Key", "first", {"aliases": ["alias/main"]})
        await world.calm(SOON)
        second = world.cluster.apply("Key", "second", {"aliases": ["alias/main"]}, namespace="other")
        await world.calm(SOON)
        assert world.ready(first) == ("True", "InSync")
        assert world.ready(second) == ("False", "NameConflict")
        world.cluster.apply("Key", "first", {}, annotations={**ALLOWED, **annotated(prune="true")})
        await world.calm(700)
        assert world.ready(second) == ("True", "InSync")

    told(story)


def test_an_object_whose_status_is_lost_gets_it_again_and_nothing_is_done_twice(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"aliases": ["alias/orders"]})
        await world.calm(SOON)
        key_id = _key_id(world, key)
        world.cluster.lose_status(key)
        await world.calm(700)
        assert _key_id(world, key) == key_id
        assert world.ready(key) == ("True", "InSync")
        assert world.told() == ["Created", "Created"]

    told(story)


def test_a_new_operator_finds_what_was_done_and_writes_nothing(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(700)
        world.cluster.writes.clear()
        world.cluster.events.clear()
        await world.restart()
        await world.calm()
        assert world.cluster.writes == []
        assert world.told() == []
        assert world.ready(key) == ("True", "InSync")

    told(story)


def test_a_target_that_vanished_unseen_is_noticed_by_the_next_check(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(SOON)
        world.cluster.delete(world.cluster.apply("Target", "default"))
        world.cluster.watch.clear()
        await world.calm(700)
        assert world.ready(key) == ("False", "TargetNotFound")

    told(story)


def test_a_key_that_waits_for_its_material_is_not_ready(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"origin": "EXTERNAL"})
        await world.calm(SOON)
        assert world.ready(key) == ("False", "PendingImport")

    told(story)


def test_an_error_that_nobody_thought_of_is_logged_and_what_it_hit_is_looked_at_again(told):
    async def story(world):
        await world.start()
        await world.calm(SOON)
        _fail_once(world.cluster.faults, ValueError("a bug"), lambda _, path: path.endswith("/keys/orders"))
        key = world.cluster.apply("Key", "orders", {})
        other = world.cluster.apply("Key", "other", {}, namespace="other")
        await world.calm(100)
        assert world.ready(key) == ("True", "InSync")
        assert world.ready(other) == ("True", "InSync")

    told(story, errors_with="a request failed")


def test_an_error_that_nobody_thought_of_ends_no_worker(told):
    async def story(world):
        await world.start()
        await world.calm(SOON)
        batches = world.operator._reconciler._at.batches
        sort, errors = batches.sort, [ValueError("a bug")]
        batches.sort = lambda members: _raise(errors.pop()) if errors else sort(members)
        key = world.cluster.apply("Key", "orders", {})
        await world.calm(100)
        assert errors == []
        assert world.ready(key) == ("True", "InSync")

    told(story, errors_with="could not be reconciled")


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
        assert "role/app" in world.kms("GetKeyPolicy", KeyId=_key_id(world, key), PolicyName="default")["Policy"]
        assert world.told() == ["Created", "Updated"]

    told(story)
