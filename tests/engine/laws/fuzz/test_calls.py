"""Whatever a caller sends, the answer is AWS's: no fault of the service, and nothing of another account."""

from __future__ import annotations

import json
from random import Random

import pytest

from reconciler.engine.operations import OPERATIONS
from tests.engine.laws.effort import SEED, SOAK
from tests.engine.laws.fuzz.conftest import ATTACKER, MARKED, VICTIM
from tests.engine.laws.fuzz.values import ODD, Maker, damaged
from tests.engine.laws.listed import listed

ASKED = sorted(name for name in OPERATIONS if not name.startswith("sts:"))
ROUNDS = 16 * (SOAK or 1)
SEEDS = range(SEED, SEED + 6 * (SOAK or 1))
READ_ERRORS = {"SerializationException"}
NO_ENCLAVE = "The Recipient parameter is not supported"
"""Said with UnsupportedOperationException by operations that do not list it: there is no enclave here to answer."""
HOSTILE = {
    "deep": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "deep and closed": b'{"KeyId":' + b"[" * 900 + b"]" * 900 + b"}",
    "huge": b'{"KeyId":"' + b"a" * 900_000 + b'"}',
    "many members": json.dumps({f"m{n}": n for n in range(50_000)}).encode(),
    "many tags": json.dumps({"Tags": [{"TagKey": str(n), "TagValue": ""} for n in range(20_000)]}).encode(),
    "a member twice": b'{"KeyId":"alias/a","KeyId":5}',
    "a member twice, well": b'{"KeyId":5,"KeyId":"alias/a"}',
    "NaN": b'{"Limit":NaN}',
    "infinity": b'{"Limit":-Infinity}',
    "a number without end": b'{"Limit":' + b"9" * 50_000 + b"}",
    "an exponent": b'{"ValidTo":1e400,"Limit":1e400}',
    "a small number": b'{"ValidTo":1e-400}',
    "a lone surrogate": b'{"KeyId":"\\ud800","Plaintext":"\\udc00"}',
    "surrogates the wrong way": b'{"KeyId":"\\udc00\\ud800"}',
    "bytes that are no text": b'{"KeyId":"\xff\xfe"}',
    "an overlong form": b'{"KeyId":"\xc0\x80"}',
    "a nul": b'{"KeyId":"\\u0000"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"KeyId":"a"}'.encode("utf-16"),
    "comments": b'{/**/"KeyId":"a"}',
    "a trailing comma": b'{"KeyId":"a",}',
    "two values": b"{}{}",
    "no object": b"[]",
    "nothing": b"",
}


def expect_answer_of_aws(response, operation, asked):
    """The response is a well-formed success, or an error that the operation lists."""
    assert response.status in (200, 400), (operation, asked, response.body)
    told = json.loads(response.body or b"{}")
    if response.status == 400 and not told.get("message", "").startswith(NO_ENCLAVE):
        assert told["__type"] in listed(operation) | READ_ERRORS, (operation, asked, told)


def expect_nothing_of_the_victim(response, operation, asked):
    found = [mark for mark in MARKED if mark in response.body]
    assert not found, (operation, asked, response.body)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_json_makes_a_fault_of_the_service(tenants, capfd, name):
    for operation in ASKED:
        expect_answer_of_aws(tenants.ask(operation, HOSTILE[name]), operation, name)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("seed", SEEDS)
def test_no_parameters_make_a_fault_or_show_what_is_not_the_callers(tenants, capfd, seed):
    random = Random(seed)
    maker = Maker(random, tenants.pool)
    for operation in ASKED:
        for _ in range(ROUNDS):
            asked = maker.parameters(operation)
            response = tenants.ask(operation, json.dumps(asked).encode())
            expect_answer_of_aws(response, operation, asked)
            expect_nothing_of_the_victim(response, operation, asked)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("operation", ASKED)
def test_no_damaged_body_makes_a_fault_of_the_service(tenants, capfd, operation):
    random = Random(f"{operation} {SEED}")
    maker = Maker(random, tenants.pool)
    for _ in range(ROUNDS):
        whole = json.dumps(maker.parameters(operation) or {"KeyId": random.choice(ODD)}).encode()
        body = damaged(random, whole)
        response = tenants.ask(operation, body)
        expect_answer_of_aws(response, operation, body)
        expect_nothing_of_the_victim(response, operation, body)
    assert capfd.readouterr().err == ""


def test_the_mark_would_be_seen(tenants):
    """The victim itself reads what the attacker must not: the assertions above can fail."""
    blob = tenants.pool["CiphertextBlob"][2]
    told = tenants.ask("Decrypt", json.dumps({"CiphertextBlob": blob}).encode(), account=VICTIM)
    listing = tenants.ask("ListAliases", b"{}", account=VICTIM)
    assert MARKED[0] in listing.body
    assert MARKED[1] in told.body
    assert MARKED[0] not in tenants.ask("ListAliases", b"{}", account=ATTACKER).body
