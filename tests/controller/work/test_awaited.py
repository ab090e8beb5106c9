"""Secrets that are missing wake who waits for them once they are there."""

from __future__ import annotations

import base64

import pytest

from reconciler.controller.work import reconcile
from reconciler.controller.work.secrets import ClusterSecrets, read_secret
from tests.controller.support.objects import DEFAULT_TARGET
from tests.controller.support.world import SOON

MATERIAL = "/api/v1/namespaces/payments/secrets/material"
KEYS = "/api/v1/namespaces/default/secrets/late"
EXTERNAL = {"origin": "EXTERNAL", "importedMaterial": {"from": {"secretRef": {"name": "material", "key": "key"}}}}


class ReadAtOnce(ClusterSecrets):
    """Reads without a thread: the API server in memory answers at once."""

    def _read(self, name):
        try:
            read_secret(self.api, self.namespace, name).send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("it waits for something")


@pytest.fixture(autouse=True)
def _without_threads(monkeypatch):
    monkeypatch.setattr(reconcile, "ClusterSecrets", ReadAtOnce)


def data(**values):
    return {key: base64.b64encode(value).decode() for key, value in values.items()}


@pytest.mark.parametrize(
    "before", [None, {}, {"other": b"x"}, {"key": b""}], ids=["none", "empty", "other", "no value"]
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
        world.cluster.secrets[MATERIAL] = data(key=b"0" * 32)
        await world.calm(10)
        assert world.ready(key) == ("True", "InSync")
        reads = []
        world.cluster.faults.append(lambda verb, path: reads.append(path) if path == MATERIAL else None)
        await world.calm(SOON)
        assert reads == [], "and nobody asks after it any more"

    told(story)


def test_a_target_looks_for_its_credentials_as_soon_as_they_are_there(told):
    async def story(world):
        await world.start()
        spec = {**DEFAULT_TARGET, "backend": "aws", "region": "us-east-1", "endpointUrl": "http://127.0.0.1:9",
                "credentials": {"secretRef": {"name": "late"}}}  # fmt: skip
        target = world.cluster.apply("Target", "late", spec)
        await world.calm(SOON)
        assert world.ready(target) == ("False", "Failed")
        world.cluster.secrets[KEYS] = data(aws_access_key_id=b"AKIA")
        await world.calm(10)
        assert "lacks aws_secret_access_key" in world.message(target)
        world.cluster.delete(target)
        await world.calm(SOON)
        world.cluster.secrets[KEYS] = {}
        await world.calm(10)
        assert world.cluster.of(target) is None

    told(story, variables={"KMSCTL_OPERATOR_NAMESPACE": "default"})


def test_of_many_that_are_missing_each_is_asked_after_in_turn(told):
    async def story(world):
        await world.start()
        for number in range(50):
            source = {"secretRef": {"name": f"m{number}", "key": "key"}}
            world.cluster.apply("Key", f"k{number}", {"origin": "EXTERNAL", "importedMaterial": {"from": source}})
        await world.calm(100)
        reads = []
        world.cluster.faults.append(lambda verb, path: reads.append(path) if "/secrets/" in path else None)
        await world.calm(15)
        assert len(reads) <= 60
        assert len(set(reads)) == 50

    told(story)
