"""Kubernetes Secrets: what is read of them, and that nothing of it is told."""

from __future__ import annotations

import asyncio
import base64

import pytest

from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.health.failures import FailureKind, classify
from reconciler.controller.work.secrets import ClusterSecrets, credentials_in, read_secret
from reconciler.kit.errors import KmsctlError
from reconciler.kms.translate import Unreachable
from reconciler.model.material import SecretFile, SecretReference, SecretVariable
from tests.controller.support.cluster import Cluster

PATH = "/api/v1/namespaces/payments/secrets/material"
PLACE = ("payments", "material")
CONTENT = "hush-hush-material"


@pytest.fixture
def cluster(clock):
    made = Cluster(clock.now)
    made.secrets[PATH] = _data(key=CONTENT, empty="")
    return made


def _data(**values):
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def _read(cluster, source, namespace="payments"):
    """As a worker thread reads it, while the loop goes on."""

    async def story():
        loop = asyncio.get_running_loop()
        return await asyncio.to_thread(ClusterSecrets(cluster, loop, namespace), source)

    return asyncio.run(story())


def test_a_key_of_a_secret_is_read_and_never_shown(cluster):
    secret = _read(cluster, SecretReference("material", "key"))
    assert secret.content == CONTENT.encode()
    assert CONTENT not in repr(secret)
    assert CONTENT not in str(secret)


@pytest.mark.parametrize("key", ["other", "empty"])
def test_a_secret_that_lacks_the_key_says_so_and_nothing_of_the_others(cluster, key):
    with pytest.raises(KmsctlError, match=f"payments/material has no key {key}, or it is empty") as error:
        _read(cluster, SecretReference("material", key))
    assert CONTENT not in repr(error.value) + str(error.value)


@pytest.mark.parametrize("source", [SecretFile("/etc/passwd"), SecretVariable("AWS_SECRET_ACCESS_KEY")], ids=str)
def test_the_operators_own_files_and_variables_are_nobodys(cluster, source):
    with pytest.raises(KmsctlError, match="cannot be read by the operator") as error:
        _read(cluster, source)
    assert "secretRef" in error.value.fix


def test_a_secret_of_another_namespace_is_not_reached(cluster):
    with pytest.raises(KmsctlError, match="Secret other/material cannot be read"):
        _read(cluster, SecretReference("material", "key"), "other")


@pytest.mark.parametrize(
    ("status", "why", "fix"),
    [(404, "404", "create it"), (403, "403", "`get` on secrets")],
)
def test_a_secret_that_cannot_be_read_says_why_and_what_to_do(cluster, status, why, fix):
    def refuse(_, path):
        raise ApiError(status, "Reason", path)

    cluster.faults.append(refuse)
    with pytest.raises(KmsctlError) as error:
        asyncio.run(read_secret(cluster, "payments", "material", {}))
    assert why in error.value.why
    assert fix in error.value.fix


@pytest.mark.parametrize("status", [0, 429, 503])
def test_an_api_server_that_is_not_there_for_now_is_no_reason_to_give_up(cluster, status):
    def refuse(_, path):
        raise ApiError(status, "Reason", path)

    cluster.faults.append(refuse)
    with pytest.raises(KmsctlError) as error:
        asyncio.run(read_secret(cluster, "payments", "material", {}))
    assert classify(error.value).kind is FailureKind.UNREACHABLE


def test_a_thread_does_not_wait_for_a_secret_for_ever(cluster, monkeypatch):
    ended = []

    async def never(path, params=None):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(path)

    async def story():
        secrets = ClusterSecrets(cluster, asyncio.get_running_loop(), "payments", patience=0.01)
        with pytest.raises(Unreachable):
            await asyncio.to_thread(secrets, SecretReference("material", "key"))
        await asyncio.sleep(0)

    monkeypatch.setattr(cluster, "get", never)
    asyncio.run(story())
    assert ended == [PATH]


@pytest.mark.parametrize("data", [{"key": "not!base64"}, {"key": None}, {"key": 7}, {"key": "é"}], ids=str)
def test_what_is_no_secret_says_so_without_its_content(cluster, data):
    cluster.secrets[PATH] = data
    with pytest.raises(KmsctlError, match="is no Secret") as error:
        asyncio.run(read_secret(cluster, "payments", "material", {}))
    assert "not!" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_secret_without_data_is_empty(cluster, monkeypatch):
    async def empty(path, params=None):
        return {"data": None}

    monkeypatch.setattr(cluster, "get", empty)
    assert asyncio.run(read_secret(cluster, "payments", "material", {})) == {}


@pytest.mark.parametrize("token", [None, "the-token"])
def test_credentials_are_read_under_awss_names_and_never_shown(cluster, token):
    more = {"aws_session_token": f"{token}\n"} if token else {}
    cluster.secrets[PATH] = _data(aws_access_key_id="AKIA\n", aws_secret_access_key=" hush ", **more)
    found = asyncio.run(credentials_in(cluster, "payments", "material", {}))
    assert (found.access_key_id, found.secret_access_key, found.session_token) == ("AKIA", "hush", token)
    assert "hush" not in repr(found)
    assert "the-token" not in repr(found)


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ({"aws_access_key_id": "AKIA"}, "lacks aws_secret_access_key"),
        ({"aws_secret_access_key": "hush"}, "lacks aws_access_key_id"),
        ({"aws_access_key_id": ""}, "lacks aws_access_key_id and aws_secret_access_key"),
    ],
    ids=str,
)
def test_credentials_that_lack_a_part_say_which_and_nothing_of_the_rest(cluster, there, missing):
    cluster.secrets[PATH] = _data(**there)
    with pytest.raises(KmsctlError, match=missing) as error:
        asyncio.run(credentials_in(cluster, "payments", "material", {}))
    assert "hush" not in str(error.value) + repr(error.value)


@pytest.mark.parametrize(
    ("status", "noted"),
    [(404, {PLACE: None}), (403, {PLACE: None}), (0, {}), (429, {})],
    ids=["404", "403", "-", "429"],
)
def test_that_there_is_nothing_to_read_is_noted_and_that_nobody_answers_is_not(cluster, status, noted):
    def refuse(_, path):
        raise ApiError(status, "Reason", path)

    versions = {}
    cluster.faults.append(refuse)
    with pytest.raises(KmsctlError):
        asyncio.run(read_secret(cluster, "payments", "material", versions))
    assert versions == noted


def test_of_a_secret_that_is_read_twice_the_first_version_is_noted(cluster):
    versions = {}
    asyncio.run(read_secret(cluster, "payments", "material", versions))
    first = dict(versions)
    cluster.secrets[PATH] = _data(key="another")
    asyncio.run(read_secret(cluster, "payments", "material", versions))
    assert versions == first
    assert list(first) == [PLACE]
