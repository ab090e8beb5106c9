"""Requests to an API server over real sockets."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import kopf
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from reconciler.controller.cluster.client import Api, ApiError, ObjectRef, PatchType
from reconciler.kit.errors import KmsctlError
from tests.controller.apiserver import Fault, client, manual, serving
from tests.controller.certificates import certificate

KEYS = "/apis/kms.reconciler.dev/v1alpha1/namespaces/shop/keys"
ORDERS = ObjectRef("Key", "shop", "orders")


def an_object(name="orders", **fields):
    return {"metadata": {"name": name}, **fields}


def test_what_is_created_is_read_changed_and_deleted():
    async def story():
        async with serving() as (_, api):
            created = await api.create(KEYS, an_object(spec={"a": 1}))
            patched = await api.patch(ORDERS.path, {"spec": {"a": None, "b": 2}})
            replaced = await api.replace(ORDERS.path, {**patched, "spec": {"c": 3}})
            await api.delete(ORDERS.path)
            with pytest.raises(ApiError) as gone:
                await api.get(ORDERS.path)
            return created, patched, replaced, gone.value

    created, patched, replaced, gone = asyncio.run(story())
    assert created["spec"] == {"a": 1}
    assert patched["spec"] == {"b": 2}
    assert replaced["spec"] == {"c": 3}
    assert gone.not_found
    assert gone.reason == "NotFound"


def test_a_status_takes_the_place_of_the_one_at_the_subresource():
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, {"metadata": {"name": "orders", "uid": "u-1"}, "status": {"old": 1}})
            await api.put_status(ORDERS, "u-1", {"state": "Enabled"})
            return server

    server = asyncio.run(story())
    assert server.objects[ORDERS.path]["status"] == {"state": "Enabled"}
    assert server.requests[-1].path == f"{ORDERS.path}/status"
    assert server.requests[-1].headers["Content-Type"] == "application/json-patch+json"


def test_a_status_of_an_object_is_not_put_on_another_of_its_name():
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, {"metadata": {"name": "orders", "uid": "u-1"}, "status": {"old": 1}})
            with pytest.raises(ApiError) as refused:
                await api.put_status(ORDERS, "another", {"state": "Enabled"})
            return server, refused.value

    server, error = asyncio.run(story())
    assert (error.status, error.reason) == (422, "Invalid")
    assert server.objects[ORDERS.path]["status"] == {"old": 1}


def test_a_patch_says_how_it_is_meant():
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, an_object())
            apply = {"fieldManager": "kmsctl"}
            await api.patch(ORDERS.path, {"spec": {}}, content_type=PatchType.APPLY, params=apply)
            return server.requests[-1]

    request = asyncio.run(story())
    assert request.headers["Content-Type"] == "application/apply-patch+yaml"
    assert request.query == {"fieldManager": "kmsctl"}


def test_of_an_object_the_metadata_alone_can_be_asked_for():
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, an_object())
            await api.get(ORDERS.path)
            await api.metadata(ORDERS.path)
            return [request.headers["Accept"] for request in server.requests[1:]]

    whole, metadata = asyncio.run(story())
    assert whole == "application/json"
    assert metadata == "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"


def test_a_replacement_of_what_changed_in_between_is_a_conflict():
    async def story():
        async with serving() as (_, api):
            created = await api.create(KEYS, an_object())
            await api.replace(ORDERS.path, created)
            with pytest.raises(ApiError) as stale:
                await api.replace(ORDERS.path, created)
            with pytest.raises(ApiError) as there:
                await api.create(KEYS, an_object())
            return stale.value, there.value

    stale, there = asyncio.run(story())
    assert stale.conflict
    assert there.conflict
    assert [stale.reason, there.reason] == ["Conflict", "AlreadyExists"]


def test_a_list_is_read_in_pages():
    async def story():
        async with serving() as (server, api):
            server.page = 2
            for name in "abcde":
                await api.create(KEYS, an_object(name))
            return await api.list(KEYS), server

    items, server = asyncio.run(story())
    assert [item["metadata"]["name"] for item in items] == list("abcde")
    assert [request.verb for request in server.requests[5:]] == ["GET"] * 3


def test_of_all_objects_the_metadata_alone_are_read_in_pages():
    async def story():
        async with serving() as (server, api):
            server.page = 2
            for name in "abc":
                await api.create(KEYS, an_object(name))
            return [item["metadata"]["name"] async for item in api.list_metadata(KEYS)], server.requests[3:]

    names, requests = asyncio.run(story())
    assert names == list("abc")
    accepted = {request.headers["Accept"] for request in requests}
    assert accepted == {"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}
    assert len(requests) == 2


def test_a_list_of_nothing_may_be_null_as_that_of_metadata_is():
    async def story():
        async with serving() as (server, api):
            server.play(Fault(200, body={"items": None}), Fault(200, body={"items": None}))
            return [item async for item in api.list_metadata(KEYS)], await api.list(KEYS)

    assert asyncio.run(story()) == ([], [])


def test_a_list_whose_snapshot_is_gone_is_read_at_once():
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, an_object())
            server.play(Fault(410, body={"reason": "Expired", "message": "too old"}))
            return await api.list(KEYS, {"labelSelector": "a=b"}), server.requests[-1].query

    items, query = asyncio.run(story())
    assert len(items) == 1
    assert query == {"labelSelector": "a=b"}


def test_a_list_that_is_forbidden_says_so():
    with pytest.raises(ApiError) as told:
        answer_of(Fault(403, body={"reason": "Forbidden", "message": "may not"}), lambda api: api.list(KEYS))
    assert told.value.forbidden


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_answer_that_asks_to_come_again_is_obeyed(status):
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, an_object())
            server.play(Fault(status, {"Retry-After": "2"}), Fault(status, {"Retry-After": "0"}))
            await api.get(ORDERS.path)
            return api.waits, api.seen

    waits, seen = asyncio.run(story())
    assert waits == [2.0, 0.0]
    assert seen == [("POST", 201), ("GET", status), ("GET", status), ("GET", 200)]


def test_patience_with_answers_that_ask_to_come_again_ends():
    async def story():
        async with serving() as (server, api):
            server.play(*[Fault(429, {"Retry-After": "0"}) for _ in range(100)])
            with pytest.raises(ApiError) as told:
                await api.get(ORDERS.path)
            return told.value, len(api.seen)

    error, requests = asyncio.run(story())
    assert error.status == 429
    assert requests <= 32


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "3600"}, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}])
def test_an_answer_that_does_not_say_soon_is_the_callers(headers):
    with pytest.raises(ApiError) as told:
        answer_of(Fault(503, headers, text="upstream connect error"))
    assert str(told.value) == "HTTP503 (503): the answer says no more"
    assert told.value.unreachable


def test_what_the_api_says_is_safe_to_print():
    with pytest.raises(ApiError) as told:
        answer_of(Fault(422, body={"reason": "Invalid", "message": "spec: \x1b[2Jbad\n" + "x" * 5000}))
    assert "\\x1b" in told.value.message
    assert len(told.value.message) < 1_100


@pytest.mark.parametrize("text", ["[]", "<html>", ""], ids=["a list", "a page", "nothing"])
def test_an_answer_that_is_no_object_is_an_error(text):
    with pytest.raises(ApiError, match="no JSON object"):
        answer_of(Fault(200, text=text))


@pytest.mark.parametrize("body", [{"reason": 3, "message": []}, ["x"]], ids=["not of text", "a list"])
def test_an_error_without_a_status_object_is_told_by_its_number(body):
    with pytest.raises(ApiError, match="HTTP400"):
        answer_of(Fault(400, body=body))


def test_a_redirect_is_not_followed():
    with pytest.raises(ApiError, match="no JSON object"):
        answer_of(Fault(302, {"Location": "http://127.0.0.1:9/"}, text="elsewhere"))


def test_a_lost_connection_is_an_error_without_a_status():
    with pytest.raises(ApiError) as told:
        answer_of(Fault(hang_up=True), lambda api: api.patch(ORDERS.path, {}))
    assert told.value.status == 0
    assert told.value.unreachable


def test_a_server_that_is_not_there_is_unreachable_and_counted():
    async def story():
        async with client("http://127.0.0.1:1") as api:
            with pytest.raises(ApiError) as told:
                await api.get("/api/v1")
            return told.value, api.seen

    error, seen = asyncio.run(story())
    assert error.unreachable
    assert seen == [("GET", 0)]


def test_a_token_that_the_server_knows_no_more_is_read_again_once():
    async def story():
        async with serving("old", "new") as (server, api):
            server.tokens = {"new"}
            await api.create(KEYS, an_object())
            return server.requests

    requests = asyncio.run(story())
    assert [request.headers["Authorization"] for request in requests] == ["Bearer old", "Bearer new"]


def test_a_login_that_stays_refused_is_an_error():
    async def story():
        async with serving("old", "other") as (server, api):
            server.tokens = {"new"}
            with pytest.raises(ApiError) as told:
                await api.get(KEYS)
            return told.value, len(server.requests)

    error, requests = asyncio.run(story())
    assert (error.status, requests) == (401, 2)


def test_a_token_is_read_again_as_it_ages():
    async def story():
        clock = manual()
        async with serving("old", "new", clock=clock) as (server, api):
            await api.create(KEYS, an_object())
            clock.advance(timedelta(seconds=61))
            await api.get(ORDERS.path)
            await api.get(ORDERS.path)
            return server.requests

    requests = asyncio.run(story())
    assert [request.headers["Authorization"] for request in requests] == ["Bearer old", "Bearer new", "Bearer new"]


def test_one_connection_serves_many_requests():
    async def story():
        async with serving() as (server, api):
            await api.create(KEYS, an_object())
            await api.get(ORDERS.path)
            return {request.peer for request in server.requests}

    assert len(asyncio.run(story())) == 1


def test_a_request_whose_connections_are_closed_meanwhile_is_lost_and_the_next_one_is_not():
    async def story():
        async with serving() as (_, api):
            await api.create(KEYS, an_object())
            session = api._open()
            await session.close()
            with pytest.raises(ApiError) as told:
                await api.get(ORDERS.path)
            await api.close()
            return told.value, await api.get(ORDERS.path)

    error, found = asyncio.run(story())
    assert error.unreachable
    assert found["metadata"]["name"] == "orders"


def test_a_client_shows_no_token():
    assert "sesame" not in repr(client("http://127.0.0.1:1", ["sesame"]))


@pytest.mark.parametrize(
    ("ref", "path"),
    [
        (ORDERS, f"{KEYS}/orders"),
        (ObjectRef("Target", "", "default"), "/apis/kms.reconciler.dev/v1alpha1/targets/default"),
        (ObjectRef("Key", "a/b", "c?d"), "/apis/kms.reconciler.dev/v1alpha1/namespaces/a%2Fb/keys/c%3Fd"),
    ],
    ids=["in a namespace", "in none", "hostile"],
)
def test_an_object_has_one_path(ref, path):
    assert ref.path == path


def test_no_name_leads_out_of_its_place():
    with pytest.raises(ValueError, match="no name"):
        ObjectRef("Key", "shop", "..").path  # noqa: B018
    assert [str(ORDERS), str(ObjectRef("Target", "", "t"))] == ["Key shop/orders", "Target t"]


def answer_of(fault, ask=lambda api: api.get(ORDERS.path)):
    async def story():
        async with serving() as (server, api):
            server.play(fault)
            return await ask(api)

    return asyncio.run(story())


def test_a_token_that_cannot_be_read_again_at_the_moment_is_used_on():
    async def story():
        clock = manual()
        async with serving("old", clock=clock) as (server, api):
            await api.create(KEYS, an_object())
            clock.advance(timedelta(seconds=61))

            def replaced_this_moment():
                raise KmsctlError("not there")

            api._log_in = replaced_this_moment
            await api.get(ORDERS.path)
            return server.requests[-1].headers["Authorization"]

    assert asyncio.run(story()) == "Bearer old"


def test_a_new_certificate_authority_is_read_by_the_next_request(tmp_path):
    """The cluster's authority was replaced, and the file has it already."""
    authority = tmp_path / "ca.crt"
    certificate(tmp_path)
    authority.write_bytes((tmp_path / "tls.crt").read_bytes())
    context, _ = certificate(tmp_path)

    async def answer(_):
        return web.json_response({"kind": "Key"})

    async def story():
        application = web.Application()
        application.router.add_get("/{path:.*}", answer)
        server = TestServer(application, scheme="https")
        await server.start_server(ssl=context)
        info = kopf.ConnectionInfo(server=f"https://localhost:{server.port}", ca_path=str(authority))
        async with Api(lambda: info, clock=manual()) as api:
            with pytest.raises(ApiError) as told:
                await api.get("/api")
            authority.write_bytes((tmp_path / "tls.crt").read_bytes())
            answered = await api.get("/api")
        await server.close()
        return told.value, answered

    error, answered = asyncio.run(story())
    assert error.unreachable
    assert answered == {"kind": "Key"}
