"""Objects that are new."""

from __future__ import annotations

import json

from tests.e2e.controller.place import FINALIZER, key, manifest


def test_a_key_is_created_with_its_alias_and_shows_what_it_is(place):
    place.apply(key(aliases=["orders"], rotation={"automatic": {"periodDays": 180}}, tags={"team": "shop"}))
    body = place.ready("Key", "orders")
    (key_id,) = place.account.key_ids()
    status = body["status"]
    assert body["metadata"]["finalizers"] == [FINALIZER]
    assert {name: status[name] for name in ("keyId", "aliases", "state", "rotation", "accountId", "region")} == {
        "keyId": key_id,
        "aliases": ["alias/orders"],
        "state": "Enabled",
        "rotation": "180d",
        "accountId": place.account.number,
        "region": "eu-central-1",
    }
    assert status["arn"] == place.account.describe(key_id)["Arn"]
    assert status["keySpec"] == "SYMMETRIC_DEFAULT"
    assert place.account.aliases() == {"alias/orders": key_id}
    assert place.account.tags(key_id)["team"] == "shop"
    assert place.told("Key", "orders", "Created", key_id)["type"] == "Normal"


def test_a_key_carries_the_stack_and_the_name_that_it_is_found_by(place):
    place.apply(key())
    tags = place.account.tags(place.key_id())
    assert tags["kms.reconciler.dev/stack"] == place.stack
    assert tags["kms.reconciler.dev/name"] == "orders"


def test_a_key_gets_the_policy_that_its_roles_make(place):
    place.apply(key(policy={"administrators": ["role/platform"], "users": ["role/orders-api"]}))
    policy = json.loads(place.account.kms.get_key_policy(KeyId=place.key_id())["Policy"])
    principals = json.dumps([statement["Principal"] for statement in policy["Statement"]])
    assert place.account.role("platform") in principals
    assert place.account.role("orders-api") in principals


def test_a_grant_and_an_alias_show_what_they_are_and_whose(place):
    place.apply(
        key(),
        manifest("Alias", "current", name="orders/current", keyRef={"name": "orders"}),
        manifest(
            "Grant", "report", keyRef={"name": "orders"}, granteePrincipal="role/nightly-report", operations=["Decrypt"]
        ),
    )
    key_id = place.key_id()
    alias = place.ready("Alias", "current")["status"]
    grant = place.ready("Grant", "report")["status"]
    (made,) = place.account.grants(key_id)
    assert (grant["keyId"], grant["grantId"]) == (key_id, made["GrantId"])
    assert made["GranteePrincipal"] == place.account.role("nightly-report")
    assert (alias["keyId"], alias["aliasName"]) == (key_id, "alias/orders/current")
    assert place.account.aliases() == {"alias/orders/current": key_id}


def test_a_target_shows_the_account_and_who_the_operator_is_there(place):
    place.apply(key())
    place.key_id()

    status = place.ready("Target", place.target)["status"]
    assert status["accountId"] == place.account.number
    assert status["callerArn"] == f"arn:aws:iam::{place.account.number}:user/operator"


def test_a_key_that_is_declared_disabled_is_ready(place):
    place.apply(key(enabled=False))
    assert place.ready("Key", "orders")["status"]["state"] == "Disabled"


def test_one_call_creates_one_key(place):
    place.apply(*(key(f"k{number}") for number in range(5)))
    ids = {place.key_id(f"k{number}") for number in range(5)}
    assert set(place.account.key_ids()) == ids
    assert place.account.writes().count("CreateKey") == 5
