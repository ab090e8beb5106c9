"""What is in Secrets is acted on within seconds after it is there, or is another."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.objects.seen import seen_of
from reconciler.controller.work import reconcile
from reconciler.controller.work.awaited import read_for
from reconciler.controller.work.secrets import ClusterSecrets, read_secret
from tests.controller.support.objects import DEFAULT_TARGET, body
from tests.controller.support.world import SOON

MATERIAL = "/api/v1/namespaces/payments/secrets/material"
KEYS = "/api/v1/namespaces/default/secrets/late"
EXTERNAL = {"origin": "EXTERNAL", "importedMaterial": {"from": {"secretRef": {"name": "material", "key": "key"}}}}
ON_AWS = {**DEFAULT_TARGET, "backend": "aws", "region": "us-east-1", "endpointUrl": "http://127.0.0.1:9",
          "credentials": {"secretRef": {"name": "late"}}}  # fmt: skip


class ReadAtOnce(ClusterSecrets):
    """Reads without a thread: the API server in memory answers at once."""

    def _read(self, name):
        try:
            read_secret(self.api, self.namespace, name, self.versions).send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("it waits for something")


@pytest.fixture(autouse=True)
def _without_threads(monkeypatch):
    monkeypatch.setattr(reconcile, "ClusterSecrets", ReadAtOnce)


def data(**values):
    return {key: base64.b64encode(value).decode() for key, value in values.items()}


def listening(world):
    """The Secrets that the operator asks after from now on."""
    reads = []
    world.cluster.faults.append(lambda verb, path: reads.append(path) if "/secrets/" in path else None)
    return reads


@pytest.mark.parametrize(
    "before",
    [None, {}, {"other": b"x"}, {"key": b""}, {"key": b"short"}],
    ids=["none", "empty", "other", "no value", "of the wrong length"],
)
def test_a_key_is_imported_within_seconds_after_its_material_is_there(told, before):
    async def story(world):
        await world.start()
        if before is not None:
            world.cluster.secrets[MATERIAL] = data(**before)
        key = world.cluster.apply("Key", "cards", EXTERNAL)
        await world.calm(SOON)
        assert world.ready(key) == ("False", "Failed")
        calls = len(world.calls)
        await world.calm(SOON)
        assert len(world.calls) == calls, "nothing is asked of the KMS meanwhile"
        world.cluster.secrets[MATERIAL] = data(key=secrets.token_bytes(32))
        await world.calm(10)
        assert world.ready(key) == ("True", "InSync")
        reads = listening(world)
        await world.calm(SOON)
        assert reads == [], "and nobody asks after it any more"

    told(story)


def test_a_serial_that_was_raised_before_there_is_new_material_goes_on_once_there_is(told):
    async def story(world):
        await world.start()
        world.cluster.secrets[MATERIAL] = data(key=b"0" * 32)
        key = world.cluster.apply("Key", "cards", EXTERNAL)
        await world.calm(SOON)
        world.cluster.apply(
            "Key", "cards", {**EXTERNAL, "importedMaterial": {**EXTERNAL["importedMaterial"], "serial": 2}}
        )
        await world.calm(SOON)
        assert "holds material that the key has already" in world.message(key)
        world.cluster.secrets[MATERIAL] = data(key=b"1" * 32)
        await world.calm(10)
        assert world.ready(key) == ("True", "InSync")
        assert "Rotated" in world.told()

    told(story)


def test_a_target_looks_for_its_credentials_as_soon_as_they_are_there(told):
    async def story(world):
        await world.start()
        target = world.cluster.apply("Target", "late", ON_AWS)
        await world.calm(SOON)
        assert world.ready(target) == ("False", "Failed")
        world.cluster.secrets[KEYS] = data(aws_access_key_id=b"AKIA")
        await world.calm(10)
        assert "lacks aws_secret_access_key" in world.message(target)
        del world.cluster.secrets[KEYS]
        await world.calm(10)
        assert "cannot be read" in world.message(target)
        world.cluster.delete(target)
        await world.calm(SOON)
        world.cluster.secrets[KEYS] = {}
        await world.calm(10)
        assert world.cluster.of(target) is None

    told(story, variables={"KMSCTL_OPERATOR_NAMESPACE": "default"})


def test_credentials_that_are_rotated_while_all_is_well_are_taken_within_seconds(told):
    async def story(world):
        opened = []
        await world.start()
        connections = world.operator._connections
        really = connections.open

        def there(target, credentials, must_be):
            """As if the bundled KMS were behind the Target's endpoint."""
            opened.append(credentials and credentials.access_key_id)
            return really(target if credentials is None else _bundled(target), credentials, must_be)

        connections.open = there
        world.cluster.secrets[KEYS] = data(aws_access_key_id=b"one", aws_secret_access_key=b"hush")
        target = world.cluster.apply("Target", "late", ON_AWS)
        await world.calm(SOON)
        assert world.ready(target) == ("True", "Valid")
        taken = len(opened)
        await world.calm(SOON)
        assert opened[taken:] == [], "what does not change is not read again"
        world.cluster.secrets[KEYS] = data(aws_access_key_id=b"two", aws_secret_access_key=b"hush")
        await world.calm(10)
        assert opened[taken:] == ["two"]

    told(story, variables={"KMSCTL_OPERATOR_NAMESPACE": "default"})


def _bundled(target):
    return replace(target, backend="local", endpoint_url=None, credentials=None)


def test_an_api_server_that_does_not_answer_for_a_secret_is_asked_again_and_nobody_is_woken(told):
    async def story(world):
        await world.start()
        world.cluster.apply("Key", "cards", EXTERNAL)
        await world.calm(SOON)
        calls = len(world.calls)

        def away(_, path):
            if path == MATERIAL:
                raise ApiError(503, "ServiceUnavailable", path)

        world.cluster.secrets[MATERIAL] = data(key=b"0" * 32)
        world.cluster.faults.append(away)
        await world.calm(SOON)
        assert len(world.calls) == calls
        world.cluster.faults.clear()
        await world.calm(10)
        assert len(world.calls) > calls

    told(story)


def test_of_many_that_are_missing_each_is_asked_after_in_turn(told):
    async def story(world):
        await world.start()
        for number in range(50):
            source = {"secretRef": {"name": f"m{number}", "key": "key"}}
            world.cluster.apply("Key", f"k{number}", {"origin": "EXTERNAL", "importedMaterial": {"from": source}})
        await world.calm(100)
        reads = listening(world)
        await world.calm(15)
        assert len(reads) <= 60
        assert len(set(reads)) == 50

    told(story)


_PROXY = {"accessKeyId": "ABCDE2345FGHIJ67KLMN", "secretAccessKey": {"from": {"secretRef": {"name": "s", "key": "k"}}}}


@pytest.mark.parametrize(
    ("kind", "spec", "named"),
    [
        ("Key", {}, []),
        ("Key", EXTERNAL, ["material"]),
        ("Key", {"origin": "EXTERNAL", "importedMaterial": {"from": {"env": "M"}}}, []),
        ("Key", {"keySpec": 7}, []),
        ("CustomKeyStore", {"xksProxy": {"uriEndpoint": "https://x.example", "uriPath": "/kms/xks/v1",
                                         "credential": _PROXY}}, ["s"]),
    ],
    ids=["nothing", "material", "no Secret", "not sound", "a proxy's credential"],
)  # fmt: skip
def test_of_what_a_batch_has_read_an_object_awaits_what_it_names_in_its_own_namespace(kind, spec, named):
    versions = {("payments", "material"): "1", ("payments", "s"): None, ("other", "material"): "2"}
    found = read_for(seen_of(body(kind, "it", spec=spec)), versions)
    assert [name for _, name in found] == named
    assert all(place in versions for place in found)
