"""The operator put together, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.cluster.refs import path_of
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.manifest.documents import ManifestKind
from tests.controller.cluster.memory import MemoryApi
from tests.controller.support.cluster import Cluster
from tests.controller.support.objects import DEFAULT_TARGET, ref, says
from tests.controller.support.world import play

LEASE = path_of("coordination.k8s.io/v1", "leases", "default", "kmsctl-operator")


class WithLeases(Cluster):
    """A cluster with leases."""

    def __init__(self, now):
        super().__init__(now)
        self.leases = MemoryApi({})

    async def get(self, path, params=None):
        return await (self.leases.get(path) if "/leases" in path else super().get(path, params))

    async def create(self, path, new):
        return await (self.leases.create(path, new) if "/leases" in path else super().create(path, new))

    async def replace(self, path, new):
        return await self.leases.replace(path, new)


@pytest.fixture
def told(tmp_path):
    """Tells a story, with leader election where that is asked for."""

    def tell(story, *, elect=False, errors_with="no longer the leader", **variables):
        async def whole(world):
            if elect:
                world.cluster = WithLeases(world.clock.now)
            await story(world)

        given = {"KMSCTL_LEADER_ELECT": str(elect).lower(), "KMSCTL_OPERATOR_NAMESPACE": "default", **variables}
        play(tmp_path / "kms", whole, variables=given, errors_with=errors_with)

    return tell


def test_nothing_is_known_of_the_cluster_before_its_objects_were_listed(told):
    async def story(world):
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        world.cluster.apply("Target", "broken", {"backend": "elsewhere"})
        world.cluster.apply("Key", "orders", {})
        operator = world.build()
        known = operator.known()
        assert known.targets() is None
        assert known.declared("payments") is None
        await operator.lead()
        assert list(known.targets()) == ["default"]
        assert known.declared("payments") == {(ManifestKind.KEY, "orders")}
        assert known.declared("other") == frozenset()
        assert known.default_target == "default"

    told(story)


@pytest.mark.parametrize(
    ("status", "fix"), [(404, "service account"), (403, "service account"), (0, "service account")]
)
def test_a_start_without_rights_says_what_to_do(told, status, fix):
    async def story(world):
        def refuse(verb, path):
            if verb == "LIST":
                raise ApiError(status, "Reason", path)

        operator = world.build()
        world.cluster.faults.append(refuse)
        with pytest.raises(KmsctlError) as error:
            await operator.lead()
        assert fix in error.value.fix
        assert operator.known().targets() is None

    told(story)


def test_definitions_that_are_missing_are_waited_for_before_it_leads(told):
    async def story(world):
        world.cluster.apply("Key", "orders", {})
        kinds, world.cluster.definitions = world.cluster.definitions, set()
        operator = world.build()
        starting = asyncio.create_task(operator.lead())
        await asyncio.sleep(30)
        assert not starting.done()
        assert LEASE not in world.cluster.leases.objects
        world.cluster.definitions = kinds - {"grants"}
        await asyncio.sleep(30)
        assert not starting.done()
        assert operator._vitals.lacking == "waiting for the definitions of grants.kms.reconciler.dev"
        world.cluster.definitions = kinds
        await asyncio.sleep(30)
        await starting
        assert operator._vitals.lacking == ""
        assert operator.cache.get(ref("Key", "orders")) is not None

    told(story, elect=True)


def test_a_definition_that_goes_while_objects_are_listed_is_waited_for(told):
    async def story(world):
        world.cluster.apply("Key", "orders", {})
        kinds = world.cluster.definitions

        def take_away(verb, path):
            if verb == "LIST" and path.endswith("/keys"):
                world.cluster.faults.remove(take_away)
                world.cluster.definitions = kinds - {"keys"}

        world.cluster.faults.append(take_away)
        operator = world.build()
        starting = asyncio.create_task(operator.lead())
        await asyncio.sleep(30)
        assert not starting.done()
        world.cluster.definitions = kinds
        await asyncio.sleep(30)
        await starting
        assert operator.cache.get(ref("Key", "orders")) is not None

    told(story)


def test_only_the_namespaces_that_are_served_are_listed(told):
    async def story(world):
        world.cluster.apply("Key", "mine", {})
        world.cluster.apply("Key", "theirs", {}, namespace="other")
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        operator = world.build()
        await operator.lead()
        assert {seen.ref for seen in operator.cache.all()} == {ref("Key", "mine"), ref("Target", "default")}

    told(story, KMSCTL_NAMESPACES="payments,empty")


def test_a_replica_waits_for_the_lease_and_leads_once_it_is_free(told):
    async def story(world):
        world.cluster.apply("Key", "orders", {})
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        first, second = world.build(), world.build()
        await first.lead()
        standing_by = asyncio.create_task(second.lead())
        await asyncio.sleep(120)
        assert not standing_by.done(), "the first renews its lease"
        assert len(second.cache) == 0
        await first.stop()
        await asyncio.sleep(5)
        await standing_by
        assert len(second.cache) == 2
        assert world.lost == []

    told(story, elect=True)


def test_a_replica_that_loses_the_lease_says_so_and_works_no_more(told):
    async def story(world):
        world.cluster.apply("Target", "default", DEFAULT_TARGET)
        await world.start()
        await world.calm(30)
        assert _metric(world, "kmsctl_leader") == 1.0
        world.cluster.leases.objects[LEASE]["spec"]["holderIdentity"] = "another"
        world.cluster.leases.objects[LEASE]["metadata"]["resourceVersion"] = "999"
        await world.calm(60)
        assert len(world.lost) == 1
        assert world.operator.known().targets() is None
        assert _metric(world, "kmsctl_leader") == 0.0
        world.calls.clear()
        world.cluster.writes.clear()
        world.cluster.apply("Key", "orders", {})
        await world.calm(60)
        assert "CreateKey" not in world.calls
        assert world.cluster.writes == []

    told(story, elect=True)


def _metric(world, name):
    return next(
        sample.value
        for family in world.operator.metrics.registry.collect()
        for sample in family.samples
        if sample.name == name
    )


def test_what_there_is_is_shown_to_prometheus(told):
    async def story(world):
        await world.start()
        world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        text = {
            (sample.name, sample.labels.get("kind"), sample.labels.get("ready"))
            for family in world.operator.metrics.registry.collect()
            for sample in family.samples
            if sample.value == 1.0
        }
        assert any(kind == "Key" for _, kind, _ in text)

    told(story)


def test_an_operator_that_ends_gives_the_lease_back_and_begins_nothing(told):
    async def story(world):
        await world.start()
        await world.calm(30)
        await world.stop()
        assert not world.cluster.leases.objects[LEASE]["spec"].get("holderIdentity")
        world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        assert world.cluster.writes[-1][1].endswith("/default/status")

    told(story, elect=True)


def test_a_key_that_a_replica_before_may_have_made_is_doubted_for_a_while(told):
    async def story(world):
        await world.start()
        held = world.cluster.apply("Key", "orders", {})
        await world.calm(30)
        world.cluster.lose_status(held)
        await world.restart()
        assert world.operator.cache.doubtful == {held}
        await world.calm()
        assert world.operator.cache.doubtful == set()

    told(story)


def test_a_key_that_was_made_just_before_the_operator_was_killed_is_told_as_made(told):
    async def story(world):
        await world.start()

        def away(verb, path):
            if path.endswith("/status"):
                raise ApiError(503, "ServiceUnavailable", path)

        key = world.cluster.apply("Key", "orders", {})
        world.cluster.faults.append(away)
        await world.calm(1)
        assert len(world.live_keys()) == 1
        world.cluster.events.clear()
        world.cluster.faults.clear()
        await world.restart()
        await world.calm(30)
        assert world.ready(key) == ("True", "InSync")
        assert world.told() == ["Created"]

    told(story)


def test_a_key_that_is_made_and_not_finished_is_told_as_made(told):
    async def story(world):
        await world.start()

        def refuse(operation, _):
            if operation == "EnableKeyRotation":
                raise KmsError("AccessDeniedException", "no", operation=operation)

        world.kms_faults.append(refuse)
        key = world.cluster.apply("Key", "orders", {"rotation": {"automatic": {"periodDays": 365}}})
        await world.calm(20)
        assert says(world.status(key)["conditions"], "Reconciling") == ("True", "AccessDenied")
        assert "EnableKeyRotation" in world.message(key)
        assert "asked again until" in world.message(key)
        await world.calm(100)
        assert says(world.status(key)["conditions"], "Stalled") == ("True", "AccessDenied")
        assert "asked again until" not in world.message(key)
        assert world.told() == ["Created", "Failed"]
        world.kms_faults.clear()
        await world.calm(400)
        assert world.ready(key) == ("True", "InSync")
        assert world.told() == ["Created", "Failed", "Updated"]

    told(story)


def test_objects_that_are_gone_are_looked_for_again_when_they_could_not_be(told):
    async def story(world):
        await world.start()
        policy = world.cluster.apply("KeyPolicy", "p", {"administrators": ["arn:aws:iam::111122223333:role/admin"]})
        await world.calm(30)

        def refuse(verb, path):
            if verb == "LIST":
                raise ApiError(503, "ServiceUnavailable", path)

        world.cluster.faults.append(refuse)
        world.cluster.echo = None
        world.cluster.delete(policy)
        world.cluster.watch.clear()
        await world.calm(700)
        assert world.operator.cache.get(policy) is not None
        world.cluster.faults.clear()
        await world.calm(700)
        assert world.operator.cache.get(policy) is None

    told(story)


def test_a_part_that_fails_ends_the_operator(told, caplog):
    async def story(world):
        await world.start()

        def fail(verb, path):
            if verb == "LIST":
                raise RuntimeError("a fault of ours")

        world.cluster.faults.append(fail)
        await world.calm(700)
        assert world.lost == [world.operator]
        assert "the part 'drift' has failed" in caplog.text

    told(story, errors_with="has failed")


def test_an_api_server_that_does_not_say_what_it_knows_keeps_nobody_from_starting(told):
    async def story(world):
        world.cluster.apply("Key", "orders", {})

        def refuse(verb, path):
            if path.startswith("/apis/kms.reconciler.dev/v1alpha1") and verb == "GET":
                raise ApiError(403, "Forbidden", path)

        world.cluster.faults.append(refuse)
        operator = world.build()
        await operator.lead()
        assert operator.cache.get(ref("Key", "orders")) is not None

    told(story)
