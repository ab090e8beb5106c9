"""One process of the operator, over a real socket."""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from unittest.mock import patch

import aiohttp
import pytest

from reconciler.controller import operator as composed
from reconciler.controller import process as ended
from reconciler.controller.process import Process
from reconciler.controller.settings import Settings
from reconciler.kit.clock import SystemClock
from reconciler.kit.errors import KmsctlError
from tests.controller.certificates import certificate
from tests.controller.support.cluster import Cluster
from tests.controller.support.objects import DEFAULT_TARGET, ref, says

VARIABLES = {
    "KMSCTL_CLUSTER_NAME": "c",
    "KMSCTL_LEADER_ELECT": "false",
    "KMSCTL_LISTEN": "127.0.0.1:0",
    "KMSCTL_WEBHOOK_LISTEN": "127.0.0.1:0",
    "KMSCTL_LOG_FORMAT": "text",
}


@pytest.fixture(autouse=True)
def _own_logs():
    """Logs are the whole process's."""
    root, kopf = logging.getLogger(), logging.getLogger("kopf")
    before = root.handlers[:], root.level, kopf.handlers[:], kopf.propagate
    yield
    root.handlers[:], root.level, kopf.handlers[:], kopf.propagate = before
    logging.captureWarnings(capture=False)


@pytest.fixture
def cluster(monkeypatch, tmp_path):
    made = Cluster(SystemClock().now)
    monkeypatch.setenv("KMSCTL_HOME", str(tmp_path / "kms"))
    with patch.object(composed, "connect", lambda **_: made):
        yield made


def _process(**variables):
    return Process(lambda: Settings.from_environment({**VARIABLES, **variables}), lambda: None)


async def _get(address, path, **how):
    scheme = "https" if how else "http"
    async with aiohttp.ClientSession() as session, session.get(f"{scheme}://{address}{path}", **how) as answer:
        return answer.status, await answer.text()


def test_a_process_serves_probes_and_metrics_and_works_on_what_the_watch_shows(cluster):
    async def story():
        process = _process()
        await process.start()
        cluster.echo = lambda: None
        (address,) = process._server.addresses
        assert (await _get(address, "/readyz"))[0] == 200
        assert "kmsctl_build_info" in (await _get(address, "/metrics"))[1]
        key = cluster.apply("Key", "orders", {})
        cluster.apply("Target", "default", DEFAULT_TARGET)
        async with asyncio.timeout(30):
            while says((cluster.of(key) or {}).get("status", {}).get("conditions", ())) != ("True", "InSync"):
                while cluster.watch:
                    body, gone = cluster.watch.pop(0)
                    process.noticed(body, gone=gone)
                await asyncio.sleep(0.01)
        cluster.delete(key)
        async with asyncio.timeout(30):
            while cluster.of(key) is not None or cluster.watch:
                while cluster.watch:
                    body, gone = cluster.watch.pop(0)
                    process.noticed(body, gone=gone)
                await asyncio.sleep(0.01)
        assert process._operator.cache.get(ref("Key", "orders")) is None
        await process.stop()
        with pytest.raises(aiohttp.ClientConnectorError):
            await _get(address, "/readyz")

    asyncio.run(story())


def test_a_process_serves_the_webhook_where_it_has_a_certificate(cluster, tmp_path):
    certificate(tmp_path)

    async def story():
        process = _process(KMSCTL_WEBHOOK_CERT_DIR=str(tmp_path))
        await process.start()
        _, webhook = process._server.addresses
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        assert (await _get(webhook, "/validate", ssl=context))[0] == 405
        await process.stop()

    asyncio.run(story())


def test_a_process_that_has_not_begun_or_has_ended_hears_nothing_and_ends_twice(cluster):
    async def story():
        process = _process()
        process.noticed({}, gone=False)
        await process.stop()
        await process.start()
        await process.stop()
        await process.stop()
        process.noticed({}, gone=True)

    asyncio.run(story())


def test_definitions_that_are_gone_at_the_end_are_named_with_what_to_do(cluster, caplog):
    async def story():
        process = _process()
        await process.explain_end()
        await process.start()
        await process.explain_end()
        assert "definitions are gone" not in caplog.text
        cluster.definitions.discard("grants")
        await process.explain_end()
        await process.stop()

    logging.getLogger("reconciler").addHandler(caplog.handler)
    try:
        asyncio.run(story())
    finally:
        logging.getLogger("reconciler").removeHandler(caplog.handler)
    assert "definitions are gone: grants.kms.reconciler.dev" in caplog.text
    assert "kmsctl operator crds" in caplog.text


def test_an_api_server_that_hangs_keeps_nobody_from_ending(cluster, monkeypatch):
    monkeypatch.setattr(ended, "_LAST_WORDS_SECONDS", 0.01)

    async def never(path, params=None):
        await asyncio.Event().wait()

    async def story():
        process = _process()
        await process.start()
        monkeypatch.setattr(cluster, "get", never)
        async with asyncio.timeout(30):
            await process.explain_end()
            await process.stop()

    asyncio.run(story())


def test_a_setting_that_is_wrong_ends_the_start_before_anything_is_served():
    process = Process(lambda: Settings.from_environment({}))

    async def story():
        with pytest.raises(KmsctlError, match="the cluster has no name"):
            await process.start()
        await process.stop()

    asyncio.run(story())


def test_a_process_that_leads_no_more_ends_itself_as_sigterm_does():
    process = Process(lambda: Settings.from_environment(VARIABLES))
    with patch.object(signal, "raise_signal") as raised:
        process._ended()
    raised.assert_called_once_with(signal.SIGTERM)
