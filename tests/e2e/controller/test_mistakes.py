"""Objects that are wrong: refused by the API server, or told by the operator."""

from __future__ import annotations

import pytest

from tests.e2e.controller.place import key, manifest

CEL = {
    "an automatic rotation of a signing key": (
        key(keySpec="RSA_2048", keyUsage="SIGN_VERIFY", rotation={"automatic": {"periodDays": 365}}),
        ["spec.rotation.automatic", "SYMMETRIC_DEFAULT", "manual"],
    ),
    "two modes of rotation": (
        key(rotation={"automatic": {"periodDays": 365}, "none": {"reason": "why"}}),
        ["spec.rotation"],
    ),
    "an alias of AWS": (key(aliases=["aws/s3"]), ["spec.aliases"]),
    "a window that KMS does not have": (key(deletion={"windowDays": 3}), ["spec.deletion.windowDays", "7"]),
    "a grant to nobody": (
        manifest("Grant", "report", keyRef={"name": "orders"}, operations=["Decrypt"]),
        ["granteePrincipal"],
    ),
}


@pytest.mark.parametrize(("body", "words"), CEL.values(), ids=CEL)
def test_the_api_server_refuses_it_and_says_where_and_what_to_do(place, body, words):
    message = place.refused(body)
    for word in words:
        assert word in message


def test_what_only_the_operator_can_know_is_told_with_the_field_and_what_to_do(place):
    place.add_target("other", region="eu-west-1")
    other = {"name": f"{place.namespace}-other"}
    place.apply(key(), manifest("Alias", "current", name="x", keyRef={"name": "orders"}, targetRef=other))
    told = place.wait("Alias", "current", reason="Invalid")["status"]["conditions"][0]["message"]
    assert "keyRef" in told or "target" in told
    event = place.told("Alias", "current", "Invalid")
    assert event["type"] == "Warning"
    assert place.account.aliases() == {}
    place.ready("Key", "orders")


def test_an_object_with_errors_can_be_corrected_or_deleted_at_once(place):
    place.apply(key(policy={"administrators": ["role/"]}), key("other", policy={"users": ["role/"]}))
    body = place.wait("Key", "orders", reason="Invalid")
    assert "administrators[0]" in body["status"]["conditions"][0]["message"]
    assert place.account.writes() == []
    place.wait("Key", "other", reason="Invalid")
    place.delete("Key", "other")
    place.gone("Key", "other", within=10)
    place.patch("Key", "orders", policy={"administrators": ["role/platform"]})
    place.ready("Key", "orders")


def test_a_role_that_is_not_there_is_told_and_waited_for(place):
    place.apply(key(policy={"administrators": ["role/platform"], "users": ["role/nobody"]}))
    place.apply(key("other"))
    told = place.wait("Key", "orders", reason="PrincipalUnknown")["status"]["conditions"][0]["message"]
    assert "KMS does not know a principal" in told
    assert place.account.key_ids() == [place.key_id("other")]
    place.patch("Key", "orders", policy={"users": ["role/orders-api"]})
    place.ready("Key", "orders")


def test_what_the_operators_role_may_not_do_is_told_by_name(place):
    place.apply(key(policy={"administrators": ["role/platform"]}))
    key_id = place.key_id()
    policy = place.account.kms.get_key_policy(KeyId=key_id)["Policy"]
    deny = '{"Sid":"no","Effect":"Deny","Principal":{"AWS":"%s"},"Action":"kms:UpdateKeyDescription","Resource":"*"}'
    user = f"arn:aws:iam::{place.account.number}:user/operator"
    tampered = policy.replace('"Statement":[', '"Statement":[' + deny % user + ",")
    place.patch("Key", "orders", ignore={"fields": ["policy"]})
    place.ready("Key", "orders")
    place.account.kms.put_key_policy(KeyId=key_id, Policy=tampered)
    place.patch("Key", "orders", description="other")
    told = place.wait("Key", "orders", reason="AccessDenied")["status"]["conditions"][0]["message"]
    assert "kms:UpdateKeyDescription" in told


def test_an_alias_is_the_oldest_objects_whoever_else_declares_it(place):
    place.apply(key("first", aliases=["mine"]))
    first = place.key_id("first")
    place.apply(key("second", aliases=["mine"]))
    told = place.wait("Key", "second", reason="NameConflict")["status"]["conditions"][0]["message"]
    assert "first" in told
    assert place.account.aliases() == {"alias/mine": first}
    place.delete("Key", "first")
    place.gone("Key", "first")
