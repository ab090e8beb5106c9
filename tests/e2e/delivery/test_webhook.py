"""The webhook as the chart configures it, its certificate and Service, in front of the operator's own application."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web

from reconciler.controller.admission.app import admission_app
from reconciler.controller.admission.certificates import Certificates
from reconciler.controller.admission.neighbourhood import Known
from tests.e2e.cluster.waiting import eventually
from tests.e2e.delivery.conftest import PLACE

GOOD = {
    "apiVersion": "kms.reconciler.dev/v1alpha1",
    "kind": "Key",
    "metadata": {"name": "good", "namespace": "payments"},
    "spec": {"tags": {"team": "shop"}},
}
BAD = GOOD | {"metadata": {"name": "bad", "namespace": "payments"}, "spec": {"policy": {"document": "{"}}}
"""A policy that is no JSON: no definition can see that, `kmsctl validate` does."""


@contextmanager
def served(address: str, folder: Path) -> Iterator[None]:
    """The operator's webhook at `address`, with the certificate in `folder`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> web.AppRunner:
        nothing_known = Known(targets=lambda: None, default_target="default", declared=lambda _: None)
        runner = web.AppRunner(admission_app(nothing_known))
        await runner.setup()
        await web.TCPSite(runner, address, 443, ssl_context=Certificates(folder).context).start()
        return runner

    try:
        runner = asyncio.run_coroutine_threadsafe(start(), loop).result(30)
        yield
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def webhook(cluster, release, tmp_path_factory):
    """What serves it, for as long as a block lasts."""
    release.install({"webhook": {"enabled": True}})
    data = cluster.get("secret", "kmsctl-webhook", namespace=PLACE)["data"]
    folder = tmp_path_factory.mktemp("certificate")
    for name in ("tls.crt", "tls.key"):
        (folder / name).write_bytes(base64.b64decode(data[name]))
    address = cluster.get("service", "kmsctl-webhook", namespace=PLACE)["spec"]["clusterIP"]
    return lambda: served(address, folder)


def test_what_validate_refuses_is_refused_and_anything_can_be_deleted(cluster, webhook):
    cluster.apply(BAD)  # nobody serves the webhook yet, and failurePolicy is Ignore
    with webhook():
        eventually(lambda: refused(cluster), what="the webhook is asked")
        cluster.apply(GOOD)
        cluster.kubectl("delete", "key", "good", "bad", "--namespace=payments", "--timeout=30s")


def refused(cluster) -> bool:
    other = BAD | {"metadata": {"name": "another", "namespace": "payments"}}
    answer = cluster.api.call("POST", "/apis/kms.reconciler.dev/v1alpha1/namespaces/payments/keys?dryRun=All", other)
    if answer.status == 201:
        return False
    assert answer.status == 422, answer.body
    assert "validate.kms.reconciler.dev" in answer.body["message"]
    assert "spec.policy.document" in answer.body["message"]
    return True
