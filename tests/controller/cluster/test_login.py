"""Who the operator is to the API server, from files as they really are."""

from __future__ import annotations

import asyncio
import ssl

import kopf
import pytest

from reconciler.controller.cluster.client import Api, ApiError
from reconciler.controller.cluster.login import connect, log_in
from reconciler.kit.errors import KmsctlError
from tests.controller.apiserver import manual

KUBECONFIG = """
current-context: dev
contexts: [{name: dev, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "https://127.0.0.1:6443"}}]
users: [{name: me, user: {token: sesame}}]
"""


@pytest.fixture
def kubeconfig(tmp_path, monkeypatch):
    """Writes the kubeconfig that KUBECONFIG names; there is no service account and no home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "config"
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path.write_text


def test_a_kubeconfig_says_where_and_who(kubeconfig):
    kubeconfig(KUBECONFIG)
    found = log_in(settings=None, logger=None)
    assert found.server == "https://127.0.0.1:6443"
    assert found.as_http_headers() == {"Authorization": "Bearer sesame"}


@pytest.mark.parametrize(
    ("named", "token"), [(True, "sesame"), (False, "of the pod")], ids=["KUBECONFIG is set", "it is not"]
)
def test_a_kubeconfig_that_is_named_comes_before_the_service_account(kubeconfig, monkeypatch, named, token):
    kubeconfig(KUBECONFIG)
    pod = kopf.ConnectionInfo(server="https://kubernetes.default.svc", token="of the pod")
    monkeypatch.setattr(kopf, "login_with_service_account", lambda **_: pod)
    if not named:
        monkeypatch.delenv("KUBECONFIG")
    assert log_in().token == token


def test_without_a_cluster_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(KmsctlError, match="no way to a cluster") as told:
        connect()
    assert "KUBECONFIG" in told.value.fix


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("contexts: []", "Current context is not set in kubeconfigs"),
        ("current-context: dev", "it has no 'dev'"),
        ("token: [sesame", "ParserError"),
        ("- sesame", "AttributeError"),
    ],
    ids=["no context", "an unknown context", "no YAML", "no mapping"],
)
def test_a_kubeconfig_that_cannot_be_used_says_why_and_nothing_of_its_content(kubeconfig, text, why):
    kubeconfig(text)
    with pytest.raises(KmsctlError) as told:
        log_in()
    assert told.value.why == why
    assert "sesame" not in f"{told.value}{told.value.why}{told.value.__cause__}"


def test_a_kubeconfig_that_is_not_there_is_named(kubeconfig):
    with pytest.raises(KmsctlError) as told:
        log_in()
    assert told.value.why.endswith("config: No such file or directory")


def test_credentials_that_vanish_are_an_error_of_the_request(kubeconfig):
    kubeconfig(KUBECONFIG)

    async def story():
        async with connect() as api:
            with pytest.raises(ApiError) as told:
                await api.get("/api")
            return told.value

    assert asyncio.run(story()).status == 0


def test_a_login_that_fails_after_a_refusal_is_told_as_a_refusal():
    from aiohttp import web
    from aiohttp.test_utils import TestServer

    async def refuse(_request):
        return web.json_response({"reason": "Unauthorized"}, status=401)

    async def story():
        application = web.Application()
        application.router.add_get("/{path:.*}", refuse)
        async with TestServer(application) as server:
            answers = iter([kopf.ConnectionInfo(server=str(server.make_url("/")))])

            def once():
                try:
                    return next(answers)
                except StopIteration:
                    raise KmsctlError("gone", why="it is") from None

            async with Api(once, clock=manual()) as api:
                with pytest.raises(ApiError, match="gone: it is"):
                    await api.get("/api")

    asyncio.run(story())


def test_a_certificate_authority_is_read_from_the_kubeconfig(kubeconfig):
    kubeconfig(KUBECONFIG.replace("server:", "insecure-skip-tls-verify: true, server:"))
    assert log_in().as_ssl_context().verify_mode is ssl.CERT_NONE
