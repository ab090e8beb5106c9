"""A changed spec is acted on, field by field, and in place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Place, key, manifest

FIRST: dict[str, Any] = {
    "aliases": ["one"],
    "tags": {"team": "shop"},
    "rotation": {"automatic": {"periodDays": 365}},
    "policy": {"administrators": ["role/platform"], "users": ["role/orders-api"]},
}


def description(place: Place, key_id: str) -> Any:
    return place.account.describe(key_id)["Description"]


def state(place: Place, key_id: str) -> Any:
    return place.account.describe(key_id)["KeyState"]


def tags(place: Place, key_id: str) -> Any:
    return {name: value for name, value in place.account.tags(key_id).items() if "/" not in name}


def aliases(place: Place, key_id: str) -> Any:
    return sorted(name for name, target in place.account.aliases().items() if target == key_id)


def period(place: Place, key_id: str) -> Any:
    return place.account.kms.get_key_rotation_status(KeyId=key_id).get("RotationPeriodInDays")


def rotates(place: Place, key_id: str) -> Any:
    return place.account.kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"]


def user(place: Place, key_id: str) -> Any:
    policy = json.loads(place.account.kms.get_key_policy(KeyId=key_id)["Policy"])
    named = json.dumps([each["Principal"] for each in policy["Statement"]])
    return [name for name in ("orders-api", "payments-api") if place.account.role(name) in named]


CHANGES = {
    "description": ({"description": "Other"}, description, "Other"),
    "enabled": ({"enabled": False}, state, "Disabled"),
    "a tag": ({"tags": {"team": "web"}}, tags, {"team": "web"}),
    "a tag more": ({"tags": {"cost": "7"}}, tags, {"team": "shop", "cost": "7"}),
    "an alias more": ({"aliases": ["one", "two"]}, aliases, ["alias/one", "alias/two"]),
    "rotation period": ({"rotation": {"automatic": {"periodDays": 90}}}, period, 90),
    "no rotation": ({"rotation": {"automatic": None, "none": {"reason": "test"}}}, rotates, False),
    "policy": ({"policy": {"users": ["role/payments-api"]}}, user, ["payments-api"]),
}


@pytest.mark.parametrize(("change", "seen", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_changed_field_is_changed_in_the_same_key(place, change, seen, expected):
    place.apply(key(**FIRST))
    key_id = place.key_id()
    place.patch("Key", "orders", **change)
    place.ready("Key", "orders")
    assert seen(place, key_id) == expected
    assert place.account.key_ids() == [key_id]


def test_a_raised_serial_rotates_once(place):
    place.apply(key(rotation={"onDemand": {"serial": 1}}))
    key_id = place.key_id()
    place.patch("Key", "orders", rotation={"onDemand": {"serial": 2}})
    assert place.ready("Key", "orders")["status"]["rotation"] == "on-demand 2"
    place.told("Key", "orders", "Rotated")
    (rotation,) = place.account.kms.list_key_rotations(KeyId=key_id)["Rotations"]
    assert rotation["RotationType"] == "ON_DEMAND"


def test_an_alias_that_moves_is_updated_in_place(place):
    place.apply(key("old"), key("new"), manifest("Alias", "current", name="current", keyRef={"name": "old"}))
    place.ready("Alias", "current")
    place.patch("Alias", "current", keyRef={"name": "new"})
    assert place.ready("Alias", "current")["status"]["keyId"] == place.key_id("new")
    assert place.account.aliases() == {"alias/current": place.key_id("new")}
    assert "DeleteAlias" not in place.account.writes()


def test_a_changed_grant_is_made_anew_and_then_the_old_one_revoked(place):
    grant = {"keyRef": {"name": "orders"}, "granteePrincipal": "role/nightly-report"}
    place.apply(key(), manifest("Grant", "report", **grant, operations=["Decrypt"]))
    before = place.ready("Grant", "report")["status"]["grantId"]
    place.patch("Grant", "report", operations=["Decrypt", "DescribeKey"])
    after = place.ready("Grant", "report")["status"]["grantId"]
    (left,) = place.account.grants(place.key_id())
    assert after == left["GrantId"] != before
    assert sorted(left["Operations"]) == ["Decrypt", "DescribeKey"]
    writes = place.account.writes()
    assert writes.index("RevokeGrant") > max(at for at, name in enumerate(writes) if name == "CreateGrant")


def test_a_changed_key_policy_reaches_every_key_that_names_it(place):
    roles = {"administrators": ["role/platform"], "users": ["role/orders-api"]}
    place.apply(*(key(name, policyRef={"name": "standard"}) for name in ("one", "two")))
    place.apply(manifest("KeyPolicy", "standard", **roles))
    ids = [place.key_id(name) for name in ("one", "two")]
    place.wait("KeyPolicy", "standard", reason="Valid")
    assert place.status("KeyPolicy", "standard")["users"] == 2
    place.patch("KeyPolicy", "standard", users=["role/payments-api"])
    eventually(lambda: [user(place, key_id) for key_id in ids] == [["payments-api"]] * 2, what="both policies changed")


def test_a_field_that_kms_cannot_change_blocks_until_a_successor_is_asked_for(place):
    place.apply(key("signing", keySpec="ECC_NIST_P256", keyUsage="SIGN_VERIFY", aliases=["signing"]))
    before = place.key_id("signing")
    assert place.account.aliases() == {"alias/signing": before}
    refusal = place.refused(key("signing", keySpec="ECC_NIST_P384", keyUsage="SIGN_VERIFY", aliases=["signing"]))
    assert "replacement" in refusal
    place.apply(
        key("signing", keySpec="ECC_NIST_P384", keyUsage="SIGN_VERIFY", aliases=["signing"], replacement="NewKey")
    )
    after = place.ready("Key", "signing")["status"]["keyId"]
    assert place.account.aliases() == {"alias/signing": after}
    assert sorted(place.account.key_ids()) == sorted([before, after])
    assert state(place, before) == "Enabled"


def test_a_dangerous_change_is_refused_until_an_annotation_allows_it_by_name(place):
    place.apply(key())
    key_id = place.key_id()
    place.account.kms.encrypt(KeyId=key_id, Plaintext=b"in use")
    place.patch("Key", "orders", enabled=False)
    message = place.wait("Key", "orders", reason="Refused")["status"]["conditions"][0]["message"]
    assert "kms.reconciler.dev/allow: key-in-use" in message
    assert place.told("Key", "orders", "Refused")["type"] == "Warning"
    assert state(place, key_id) == "Enabled"
    place.annotate("Key", "orders", allow="key-in-use")
    place.ready("Key", "orders")
    assert state(place, key_id) == "Disabled"
