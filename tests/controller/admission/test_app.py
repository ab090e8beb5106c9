"""The webhook over real sockets and TLS, as the API server calls it."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import threading
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from reconciler.controller.admission.app import MAX_BODY, admission_app
from reconciler.controller.admission.certificates import Certificates
from reconciler.controller.admission.neighbourhood import Known
from tests.controller.admission.authority import HOST, make_pair, mount
from tests.controller.admission.reviews import KEY, KNOWN, a_review, an_object

JSON = {"Content-Type": "application/json"}
FAULTY = an_object(spec={"nonsense": 1})


@asynccontextmanager
async def serving(known=KNOWN, *, seconds=4.0, tls=None):
    """A URL and a session to call it with."""
    runner = web.AppRunner(admission_app(known, seconds=seconds))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with aiohttp.ClientSession() as session:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/validate", session
    await runner.cleanup()


def posted(body, *, headers=JSON, **options):
    """(status, text) of one POST."""

    async def story():
        async with serving(**options) as (url, session):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            async with session.post(url, data=io.BytesIO(data), headers=headers) as answer:
                return answer.status, await answer.text()

    return asyncio.run(story())


@pytest.mark.parametrize(("body", "allowed"), [(KEY, True), (FAULTY, False)], ids=["sound", "faulty"])
def test_a_review_is_answered_with_a_review(body, allowed):
    status, text = posted(a_review(body))
    assert status == 200
    assert json.loads(text)["response"]["allowed"] is allowed


def test_it_is_served_with_the_certificate_in_the_folder(tmp_path):
    pair = make_pair()
    mount(tmp_path, pair, "v1")
    client = ssl.create_default_context(cadata=pair.certificate.decode())

    async def story():
        async with serving(tls=Certificates(tmp_path).context) as (url, session):
            answer = await session.post(url, json=a_review(KEY), ssl=client, server_hostname=HOST)
            await answer.read()
            return answer.status

    assert asyncio.run(story()) == 200


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", JSON, 400),
        (b"[" * 100_000, JSON, 400),
        (b"\xff", JSON, 400),
        (b"", JSON, 400),
        ({"kind": "Pod"}, JSON, 400),
        (a_review(KEY), {"Content-Type": "text/plain"}, 415),
        (b"x" * (MAX_BODY + 1), JSON, 413),
    ],
    ids=["not JSON", "too deep", "not UTF-8", "empty", "no review", "not said to be JSON", "too large"],
)
def test_what_is_no_review_is_a_fault_of_the_request_without_a_traceback(body, headers, status):
    got, text = posted(body, headers=headers)
    assert got == status
    assert "Traceback" not in text
    assert len(text) < 200


def test_a_fault_of_ours_is_answered_without_a_traceback_and_logged_with_one(caplog):
    def broken():
        raise ZeroDivisionError("secret detail")

    status, text = posted(a_review(KEY), known=Known(broken, "default", lambda _: None))
    assert status == 500
    assert text == "the review failed; the operator's log says why\n"
    assert "ZeroDivisionError" in caplog.text


def test_a_review_that_takes_too_long_is_given_up():
    over = threading.Event()

    def slow():
        over.wait(20)

    async def story():
        async with serving(Known(slow, "default", lambda _: None), seconds=0.05) as (url, session):
            async with session.post(url, json=a_review(KEY)) as answer:
                given_up = answer.status
            over.set()
            return given_up

    assert asyncio.run(story()) == 503


def test_only_post_to_validate_is_there():
    async def story():
        async with serving() as (url, session):
            answers = [await session.get(url), await session.post(url + "/x", json={})]
            return tuple([(answer.status, await answer.read())[0] for answer in answers])

    assert asyncio.run(story()) == (405, 404)


def test_many_reviews_at_once_are_all_answered():
    async def story():
        async with serving() as (url, session):

            async def one(number):
                body = a_review(KEY if number % 2 else FAULTY)
                async with session.post(url, json=body) as answer:
                    return (await answer.json())["response"]["allowed"]

            return await asyncio.gather(*map(one, range(60)))

    assert asyncio.run(story()) == [bool(number % 2) for number in range(60)]
