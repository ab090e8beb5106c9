"""What somebody else changes in the KMS is changed back, or told."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.controller.test_changes import aliases, description, period, rotates, state, tags, user

DECLARED: dict[str, Any] = {
    "aliases": ["orders"],
    "tags": {"team": "shop"},
    "rotation": {"automatic": {"periodDays": 365}},
    "policy": {"administrators": ["role/platform"], "users": ["role/orders-api"]},
}


def redescribe(place: Place, key_id: str) -> None:
    place.account.kms.update_key_description(KeyId=key_id, Description="tampered")


def retag(place: Place, key_id: str) -> None:
    place.account.kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "team", "TagValue": "nobody"}])


def untag(place: Place, key_id: str) -> None:
    place.account.kms.untag_resource(KeyId=key_id, TagKeys=["team"])


def disable(place: Place, key_id: str) -> None:
    place.account.kms.disable_key(KeyId=key_id)


def stop_rotation(place: Place, key_id: str) -> None:
    place.account.kms.disable_key_rotation(KeyId=key_id)


def rotate_seldom(place: Place, key_id: str) -> None:
    place.account.kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=2000)


def open_policy(place: Place, key_id: str) -> None:
    policy = place.account.kms.get_key_policy(KeyId=key_id)["Policy"]
    tampered = policy.replace("role/orders-api", "role/payments-api")
    place.account.kms.put_key_policy(KeyId=key_id, Policy=tampered)


def has_alias(place: Place, key_id: str) -> bool:
    return bool(aliases(place, key_id))


def drop_alias(place: Place, key_id: str) -> None:
    (name,) = aliases(place, key_id)
    place.account.kms.delete_alias(AliasName=name)


TAMPERING = {
    "description": (redescribe, description, "Encrypts orders"),
    "a tag": (retag, tags, {"team": "shop"}),
    "a tag gone": (untag, tags, {"team": "shop"}),
    "disabled": (disable, state, "Enabled"),
    "rotation off": (stop_rotation, rotates, True),
    "rotation period": (rotate_seldom, period, 365),
    "policy": (open_policy, user, ["orders-api"]),
    "alias gone": (drop_alias, has_alias, True),
}


def test_tampering_is_undone_and_told_and_counted(place, operator):
    """Each case in a key of its own, all at once."""
    cases = {f"k{number}": case for number, case in enumerate(TAMPERING.values())}
    place.apply(*(key(name, **{**DECLARED, "aliases": [f"orders/{name}"]}) for name in cases))
    ids = {name: place.key_id(name) for name in cases}
    counted = operator.metric('kmsctl_drift_corrected_total{kind="Key"}')
    for name, (tamper, _, _) in cases.items():
        tamper(place, ids[name])
    for name, (_, seen, expected) in cases.items():
        eventually(partial(is_seen, place, ids[name], seen, expected), what=f"{name} is corrected")
        event = place.told("Key", name, "DriftCorrected")
        assert event["type"] == "Warning"
    assert operator.metric('kmsctl_drift_corrected_total{kind="Key"}') >= counted + len(TAMPERING)
    assert sorted(place.account.key_ids()) == sorted(ids.values())


def is_seen(place: Place, key_id: str, seen: Callable[[Place, str], Any], expected: Any) -> bool:
    found = seen(place, key_id)
    assert found == expected
    return True


def test_an_alias_that_somebody_moved_comes_back(place):
    place.apply(key("mine", aliases=["mine"]), key("other"))
    mine, other = place.key_id("mine"), place.key_id("other")
    place.account.kms.update_alias(AliasName="alias/mine", TargetKeyId=other)
    eventually(lambda: place.account.aliases() == {"alias/mine": mine}, what="the alias is back")
    place.told("Key", "mine", "DriftCorrected")


def test_a_grant_that_somebody_revoked_comes_back(place):
    grant = {"keyRef": {"name": "orders"}, "granteePrincipal": "role/nightly-report", "operations": ["Decrypt"]}
    place.apply(key(), manifest("Grant", "report", **grant))
    key_id, revoked = place.key_id(), place.ready("Grant", "report")["status"]["grantId"]
    place.account.kms.revoke_grant(KeyId=key_id, GrantId=revoked)
    (made,) = eventually(lambda: place.account.grants(key_id), what="there is a grant")
    assert made["GrantId"] != revoked
    eventually(lambda: place.ready("Grant", "report")["status"]["grantId"] == made["GrantId"], what="the status tells")


def test_a_key_whose_deletion_somebody_scheduled_is_saved(place):
    place.apply(key())
    key_id = place.key_id()
    place.account.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    place.told("Key", "orders", "DeletionCancelled")
    eventually(lambda: state(place, key_id) == "Enabled", what="the key is enabled")
    assert place.key_id() == key_id


def test_an_alias_that_nobody_declares_is_told_and_left_until_pruning_is_asked_for(place):
    place.apply(key(aliases=["orders"]))
    key_id = place.key_id()
    place.account.kms.create_alias(AliasName="alias/stray", TargetKeyId=key_id)
    body = place.wait("Key", "orders", reason="DriftDetected")
    assert body["status"]["drift"] == ["aliases[alias/stray]"]
    assert aliases(place, key_id) == ["alias/orders", "alias/stray"]
    place.annotate("Key", "orders", prune="true")
    place.ready("Key", "orders")
    assert aliases(place, key_id) == ["alias/orders"]


def test_drift_that_is_only_to_be_reported_is_left_and_told(place, operator):
    place.apply(key(**DECLARED, driftPolicy="Report"))
    key_id = place.key_id()
    before = place.account.writes()
    redescribe(place, key_id)
    retag(place, key_id)
    body = place.wait("Key", "orders", reason="DriftDetected")
    assert sorted(body["status"]["drift"]) == ["description", "tags[team]"]
    assert place.condition("Key", "orders", "Drifted")["status"] == "True"
    assert place.told("Key", "orders", "DriftDetected")["type"] == "Warning"
    assert operator.metric('kmsctl_drift{kind="Key"}') >= 1
    assert place.account.writes() == before
    assert description(place, key_id) == "tampered"


def test_a_new_spec_is_applied_although_drift_is_only_reported(place):
    place.apply(key(**DECLARED, driftPolicy="Report"))
    key_id = place.key_id()
    redescribe(place, key_id)
    place.wait("Key", "orders", reason="DriftDetected")
    place.patch("Key", "orders", tags={"team": "web"})
    body = place.ready("Key", "orders")
    assert "drift" not in body["status"]
    assert (tags(place, key_id), description(place, key_id)) == ({"team": "web"}, "Encrypts orders")


def test_drift_that_somebody_undoes_is_drift_no_more(place):
    place.apply(key(**DECLARED, driftPolicy="Report"))
    key_id = place.key_id()
    redescribe(place, key_id)
    place.wait("Key", "orders", reason="DriftDetected")
    place.account.kms.update_key_description(KeyId=key_id, Description="Encrypts orders")
    assert "drift" not in place.ready("Key", "orders")["status"]


def test_aliases_and_grants_can_be_only_reported_too(place):
    of_key = {"keyRef": {"name": "orders"}, "driftPolicy": "Report"}
    place.apply(key(ignore={"fields": ["tags"]}), key("other"))
    place.apply(manifest("Alias", "current", **{"name": "current", **of_key}))
    place.apply(manifest("Grant", "report", granteePrincipal="role/alice", operations=["Decrypt"], **of_key))
    key_id, other = place.key_id(), place.key_id("other")
    place.ready("Alias", "current")
    grant_id = place.ready("Grant", "report")["status"]["grantId"]
    place.account.kms.update_alias(AliasName="alias/current", TargetKeyId=other)
    place.account.kms.revoke_grant(KeyId=key_id, GrantId=grant_id)
    place.wait("Alias", "current", reason="DriftDetected")
    place.wait("Grant", "report", reason="DriftDetected")
    assert place.account.aliases() == {"alias/current": other}
    assert place.account.grants(key_id) == []
