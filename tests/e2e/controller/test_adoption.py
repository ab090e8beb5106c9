"""Keys that were there before: taken over when that is asked for, and when the Target opens what is nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.controller.place import Place, key, manifest


def made_by_hand(place: Place) -> str:
    key_id = str(place.account.kms.create_key(Description="by hand")["KeyMetadata"]["KeyId"])
    place.account.kms.create_alias(AliasName="alias/legacy", TargetKeyId=key_id)
    place.account.kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "app", "TagValue": "legacy"}])
    return key_id


def by_id(key_id: str) -> dict[str, Any]:
    return {"adopt": {"keyId": key_id}}


def by_alias(key_id: str) -> dict[str, Any]:
    return {"adopt": {"alias": "alias/legacy"}}


def by_tags(key_id: str) -> dict[str, Any]:
    return {"adopt": {"tags": {"app": "legacy"}}}


def by_annotated_id(key_id: str) -> dict[str, Any]:
    return {"annotations": {"adopt": key_id}}


def by_annotated_alias(key_id: str) -> dict[str, Any]:
    return {"annotations": {"adopt": "alias/legacy"}}


WAYS = [by_id, by_alias, by_tags, by_annotated_id, by_annotated_alias]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_key_is_adopted_where_the_target_opens_what_is_nobodys(place, way):
    place.add_target(unmanagedKeys="Allow")
    key_id = made_by_hand(place)
    asked = way(key_id)
    annotations = asked.pop("annotations", None)
    body = {**manifest("Key", "orders", annotations=annotations, aliases=["legacy"], description="adopted", **asked)}
    place.apply(body)
    assert place.key_id() == key_id
    assert place.account.describe(key_id)["Description"] == "adopted"
    assert place.account.tags(key_id)["kms.reconciler.dev/stack"] == place.stack
    assert place.account.key_ids() == [key_id]
    place.told("Key", "orders", "Adopted", key_id)


def test_without_that_a_key_that_is_nobodys_is_not_touched(place):
    key_id = made_by_hand(place)
    place.apply(key(adopt={"keyId": key_id}))
    body = place.wait("Key", "orders", reason="NotYours")
    assert "unmanagedKeys" in body["status"]["conditions"][0]["message"]
    assert place.account.writes() == []
    assert place.told("Key", "orders", "Forbidden")["type"] == "Warning"


def test_an_alias_of_a_key_that_is_nobodys_is_not_taken(place):
    made_by_hand(place)
    place.apply(key(aliases=["legacy"]))
    place.wait("Key", "orders", reason="NotYours")
    assert place.account.writes() == []


def test_a_grant_on_a_key_that_is_nobodys_is_not_given(place):
    key_id = made_by_hand(place)
    place.apply(manifest("Grant", "report", key=key_id, granteePrincipal="role/export", operations=["Decrypt"]))
    place.wait("Grant", "report", reason="NotYours")
    assert place.account.grants(key_id) == []


def test_a_key_to_adopt_that_is_not_there_says_so(place):
    place.add_target(unmanagedKeys="Allow")
    place.apply(key(adopt={"alias": "alias/nowhere"}))
    place.wait("Key", "orders", reason="AdoptionFailed")
    assert place.account.key_ids() == []
