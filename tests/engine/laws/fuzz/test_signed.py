"""Signed requests with anything wrong: refused with an error of AWS, never served and never a fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.messages import Request
from reconciler.engine.server.replay import Replays
from reconciler.engine.server.signed import Signed
from reconciler.kit.clock import ManualClock
from tests.engine.laws.effort import SEED, SOAK
from tests.engine.laws.fuzz.values import damaged
from tests.engine.laws.listed import SIGNING
from tests.support.people import ALL_OF_KMS, MAIN, people, role, user
from tests.support.signing import KEY_ID, NOW, SECRET, sign

TRIES = 300 * (SOAK or 1)
BOSS, APP = f"arn:aws:iam::{MAIN}:user/boss", f"arn:aws:iam::{MAIN}:role/app"
TARGET = {"x-amz-target": "TrentService.ListKeys", "content-type": "application/x-amz-json-1.1"}
REFUSALS = SIGNING | {"UnknownOperationException", "ThrottlingException"}
PIECES = (
    "",
    "/",
    ",",
    ";",
    "=",
    " ",
    "\t",
    "AWS4-HMAC-SHA256",
    "AWS4-ECDSA-P256-SHA256",
    "Credential=",
    "host",
    "\x00",
)
PIECES += ("é", "\x85", "a" * 3_000, "%2F", "Signature=", "UNSIGNED-PAYLOAD", "20261122T120000Z", KEY_ID)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """An application that believes signatures only, and the credentials of a session."""
    folder = tmp_path_factory.mktemp("signed")
    clock = ManualClock(datetime.fromtimestamp(NOW, UTC))
    trust = {"Statement": {"Effect": "Allow", "Principal": {"AWS": BOSS}, "Action": "sts:AssumeRole"}}
    boss, app = user(BOSS, ALL_OF_KMS), role(APP, ALL_OF_KMS, trust=trust)
    source = people(boss, app, keys=[(KEY_ID, SECRET, BOSS)])
    replays = Replays(folder)
    with Engine.open(folder / "data", clock=clock, identities=source) as engine:
        believing = Signed(source.current, engine.open_token, replays, clock)
        asked = {"RoleArn": APP, "RoleSessionName": "run"}
        credentials = engine.client(principal=BOSS)("sts:AssumeRole", asked)["Credentials"]
        session = {"key_id": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"]}
        yield Application(engine, believing, now=lambda: 0.0), {**session, "token": credentials["SessionToken"]}
    replays.close()


def answered(application, request):
    """The status and the code of the answer, which is never a fault."""
    response = application.answer(request)
    assert response.status < 500, request
    code = json.loads(response.body).get("__type")
    assert response.status == 200 or code in REFUSALS, (code, request)
    return response.status


def requests(served, how):
    """Requests that are signed as they should be, each anew."""
    for number in range(TRIES):
        body = b'{"Limit": %d}' % (number % 900 + 1)
        headers = {**TARGET, "x-amz-meta": str(number)}
        signed = sign(headers=headers, body=body, **(served[1] if how == "session" else {}))
        yield Request("POST", "/", "", signed, body, "192.0.2.7", False)


def spoilt(random, request):
    """`request` with one thing wrong in what its signature covers, or in the signature."""
    name = random.choice(["body", "method", "path", "query", *sorted(request.headers)])
    match name:
        case "body":
            return request._replace(body=damaged(random, request.body))
        case "method":
            return request._replace(method=random.choice(["GET", "PUT", "post", ""]))
        case "path":
            return request._replace(path=random.choice(["", "//", "/x", "/%2e", "/é"]))
        case "query":
            return request._replace(query=random.choice(["a", "a=b", "%", "%zz", "Action=x", "é=é", "=" * 900]))
        case _:
            return request._replace(headers=_spoilt_headers(random, request.headers, name))


def _spoilt_headers(random, headers, name):
    value, piece = headers[name], random.choice(PIECES)
    cut = random.randrange(len(value))
    bad = random.choice(
        [value[:cut] + piece + value[cut + random.randrange(3) :], piece, value[:cut], value.swapcase(), value * 2]
    )
    changed = {**headers, name: bad}
    if random.randrange(8) == 0:
        del changed[name]
    return changed


def differences(one, other):
    """What of two requests is not alike."""
    pairs = {**{f"header {name}": (value, one.headers.get(name)) for name, value in other.headers.items()}}
    pairs |= {name: (getattr(other, name), getattr(one, name)) for name in ("method", "path", "query", "body")}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def same(one, other):
    """Whether two requests are signed alike: white space around and within header values does not count."""

    def shape(request):
        headers = {name: " ".join(value.split()) for name, value in request.headers.items()}
        headers["authorization"] = "".join(headers.get("authorization", "").split())
        return request._replace(headers=headers)

    return shape(one) == shape(other)


@pytest.mark.parametrize("how", ["key", "session"])
def test_a_request_that_is_altered_after_signing_is_refused(served, capfd, how):
    random = Random(f"{how} {SEED}")
    for request in requests(served, how):
        altered = spoilt(random, request)
        if not same(altered, request):
            assert answered(served[0], altered) != 200, altered
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("how", ["key", "session"])
def test_a_request_that_is_signed_well_is_served_once(served, how):
    for number, request in enumerate(requests(served, how)):
        if number == 20:
            break
        assert answered(served[0], request) == 200
        assert answered(served[0], request) == 400


def test_no_authorization_header_makes_a_fault(served, capfd):
    random = Random(SEED)
    for request in requests(served, "key"):
        text = "".join(random.choice(PIECES) for _ in range(random.randrange(9)))
        assert answered(served[0], request._replace(headers={**request.headers, "authorization": text})) != 200
    assert capfd.readouterr().err == ""
