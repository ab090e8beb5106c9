"""Probes, metrics and the webhook's port, over real sockets."""

from __future__ import annotations

import asyncio
import datetime as dt

import aiohttp
import pytest
from aiohttp import web

from reconciler.controller.metrics import Metrics
from reconciler.controller.serve import Server
from reconciler.controller.settings import Listen
from reconciler.controller.vitals import Vitals
from reconciler.kit.errors import KmsctlError
from tests.controller.apiserver import manual
from tests.controller.certificates import certificate

ANYWHERE = Listen("127.0.0.1", 0)


@pytest.fixture
def clock():
    return manual()


@pytest.fixture
def vitals(clock):
    return Vitals(clock, stuck_seconds=60)


def asked(vitals, *paths):
    """Status and text of each path."""

    async def story():
        server = Server(ANYWHERE, Metrics(), vitals)
        await server.start()
        async with aiohttp.ClientSession() as session:
            answers = []
            for path in paths:
                async with session.get(f"http://{server.addresses[0]}{path}") as answer:
                    answers.append((answer.status, await answer.text(), answer.headers["Content-Type"]))
        await server.stop()
        return answers

    return [
        answer[:2] if path != "/metrics" else answer for path, answer in zip(paths, asyncio.run(story()), strict=True)
    ]


def test_a_process_is_ready_from_its_start_to_its_end(vitals):
    before = asked(vitals, "/readyz")
    vitals.serve()
    between = asked(vitals, "/readyz")
    vitals.end()
    assert [before, between, asked(vitals, "/readyz")] == [
        [(503, "starting or ending\n")],
        [(200, "ok\n")],
        [(503, "starting or ending\n")],
    ]


def test_a_process_that_lacks_something_is_not_ready_and_says_what(vitals):
    vitals.serve()
    vitals.lacks("waiting for the definitions of keys.kms.reconciler.dev")
    assert asked(vitals, "/readyz", "/healthz") == [
        (503, "waiting for the definitions of keys.kms.reconciler.dev\n"),
        (200, "ok\n"),
    ]
    vitals.lacks("")
    assert asked(vitals, "/readyz") == [(200, "ok\n")]


def test_a_process_is_well_while_its_workers_come_to_an_end(vitals, clock):
    with vitals.working("12 objects of eu.payments"):
        clock.advance(dt.timedelta(seconds=59))
        assert asked(vitals, "/healthz") == [(200, "ok\n")]
        clock.advance(dt.timedelta(seconds=2))
        assert asked(vitals, "/healthz") == [(500, "12 objects of eu.payments has taken 61 s\n")]
    assert asked(vitals, "/healthz") == [(200, "ok\n")]


def test_work_that_fails_has_come_to_an_end(vitals, clock):
    with pytest.raises(RuntimeError), vitals.working("x"):
        raise RuntimeError
    clock.advance(dt.timedelta(hours=1))
    assert vitals.stuck() == []


def test_metrics_are_served_as_prometheus_reads_them(vitals):
    ((status, text, kind),) = asked(vitals, "/metrics")
    assert status == 200
    assert "kmsctl_build_info{" in text
    assert kind == "text/plain; version=0.0.4; charset=utf-8"


def test_nothing_else_is_served(vitals):
    assert asked(vitals, "/validate")[0][0] == 404


def test_a_port_that_is_taken_is_told_and_nothing_is_served(vitals):
    async def story():
        first = Server(ANYWHERE, Metrics(), vitals)
        await first.start()
        second = Server(first.addresses[0], Metrics(), vitals)
        try:
            with pytest.raises(KmsctlError, match=f"cannot listen at {first.addresses[0]}") as told:
                await second.start()
            return told.value.why
        finally:
            await first.stop()

    assert "in use" in asyncio.run(story())


def test_an_application_is_mounted_behind_tls(vitals, tmp_path):
    context, trust = certificate(tmp_path)

    async def hello(_):
        return web.Response(text="reviewed")

    async def story():
        application = web.Application()
        application.router.add_post("/validate", hello)
        server = Server(ANYWHERE, Metrics(), vitals)
        server.mount(application, context, ANYWHERE)
        await server.start()
        url = f"https://localhost:{server.addresses[1].port}/validate"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, ssl=trust, server_hostname="localhost") as answer,
        ):
            text = await answer.text()
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get(url.replace("https", "http")):
                pass
        await server.stop()
        return text

    assert asyncio.run(story()) == "reviewed"


def test_requests_in_flight_are_finished(vitals):
    async def story():
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def slow(_):
            begun.set()
            await go_on.wait()
            return web.Response(text="done")

        server = Server(ANYWHERE, Metrics(), vitals)
        server._probes.application = lambda: with_slow(slow)
        await server.start()
        async with aiohttp.ClientSession() as session:
            asking = asyncio.ensure_future(session.get(f"http://{server.addresses[0]}/slow"))
            await begun.wait()
            stopping = asyncio.ensure_future(server.stop())
            await asyncio.sleep(0)
            go_on.set()
            answer = await asking
            text = await answer.text()
            answer.release()
            await stopping
        return text

    def with_slow(handler):
        application = web.Application()
        application.router.add_get("/slow", handler)
        return application

    assert asyncio.run(story()) == "done"
