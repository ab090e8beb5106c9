"""The whole loop over an API server in memory and the bundled KMS: how objects come to be what they say."""

from __future__ import annotations

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.objects.seen import FINALIZER
from reconciler.kit.errors import KmsError
from tests.controller.support.objects import DEFAULT_TARGET, annotated, grant_spec, ref, says
from tests.controller.support.world import ALLOWED, SOON


def _fail_once(faults, error, when=lambda *_: True):
    def fault(*request):
        if when(*request):
            faults.remove(fault)
            raise error

    faults.append(fault)


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


def test_an_object_that_was_replaced_as_a_whole_is_held_again_at_once(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {})
        grant = world.cluster.apply("Grant", "app", grant_spec("orders"))
        await world.calm(SOON)
        for which in (grant, ref("Target", "default")):
            world.cluster.replace(which)
            await world.calm(SOON)
            assert world.cluster.of(which)["metadata"]["finalizers"] == [FINALIZER]
        world.cluster.replace(grant)
        await world.calm(SOON)
        world.cluster.delete(grant)
        await world.calm(SOON)
        assert world.kms("ListGrants", KeyId=world.key_id(key))["Grants"] == []

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
        key_id = world.key_id(key)
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
        await world.calm(SOON)
        assert world.ready(second) == ("True", "InSync")

    told(story)


def test_an_object_whose_status_is_lost_gets_it_again_and_nothing_is_done_twice(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"aliases": ["alias/orders"]})
        await world.calm(SOON)
        key_id = world.key_id(key)
        world.cluster.lose_status(key)
        await world.calm(700)
        assert world.key_id(key) == key_id
        assert world.ready(key) == ("True", "InSync")
        assert world.told() == ["Created", "Created", "Adopted"]

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


def test_a_misspelt_annotation_is_told_once_with_the_one_that_may_be_meant(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {}, annotations=annotated(pasued="true"))
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        (told,) = world.status(key)["ignoredAnnotations"]
        assert "did you mean kms.reconciler.dev/paused?" in told
        assert world.told() == ["Created", "AnnotationIgnored"]
        await world.restart()
        await world.calm(700)
        assert world.told() == ["Created", "AnnotationIgnored"]
        world.cluster.apply("Key", "orders", annotations=annotated(paused="true"))
        await world.calm(SOON)
        assert "ignoredAnnotations" not in world.status(key)
        assert says(world.status(key)["conditions"], "Synced") == ("Unknown", "Paused")

    told(story)
