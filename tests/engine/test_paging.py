"""Pages: limits and markers."""

from __future__ import annotations

import base64
import json

import pytest


def marker(*content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


def test_keys_are_paged_in_order_and_each_is_listed_once(kms, new_key):
    made = sorted(new_key()["KeyId"] for _ in range(7))
    parameters, seen = {"Limit": 3}, []
    while True:
        page = kms("ListKeys", parameters)
        seen += page["Keys"]
        if not page["Truncated"]:
            break
        parameters["Marker"] = page["NextMarker"]
    assert [entry["KeyId"] for entry in seen] == made
    assert seen[0]["KeyArn"] == f"arn:aws:kms:us-east-1:111122223333:key/{made[0]}"


def test_a_page_that_ends_with_the_list_is_not_truncated(kms, new_key):
    for _ in range(3):
        new_key()
    assert "NextMarker" not in kms("ListKeys", {"Limit": 3})


def test_a_key_that_goes_away_between_pages_shifts_nothing(kms, new_key, clock):
    made = sorted(new_key()["KeyId"] for _ in range(4))
    first = kms("ListKeys", {"Limit": 2})
    kms("ScheduleKeyDeletion", {"KeyId": made[0], "PendingWindowInDays": 7})
    clock.sleep(7 * 86_400)
    second = kms("ListKeys", {"Limit": 2, "Marker": first["NextMarker"]})
    assert [entry["KeyId"] for entry in second["Keys"]] == made[2:]


def test_tags_and_policy_names_are_paged(kms, new_key):
    key = new_key(Tags=[{"TagKey": name, "TagValue": ""} for name in "abc"])["KeyId"]
    first = kms("ListResourceTags", {"KeyId": key, "Limit": 2})
    second = kms("ListResourceTags", {"KeyId": key, "Marker": first["NextMarker"]})
    assert [tag["TagKey"] for tag in first["Tags"] + second["Tags"]] == ["a", "b", "c"]
    after = kms("ListKeyPolicies", {"KeyId": key, "Marker": marker("ListKeyPolicies", "default")})
    assert after["PolicyNames"] == []


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "é",
        "AAAA",
        marker("ListAliases", ""),
        marker("ListKeys", 1),
        marker("ListKeys"),
        marker(),
        marker("ListKeys", "\ud800"),
    ],
    ids=["cut", "not ASCII", "no JSON", "another operation", "another type", "no place", "empty", "surrogate"],
)
def test_a_marker_that_the_operation_did_not_give_is_refused(refused, text):
    assert refused("ListKeys", Marker=text).code == "InvalidMarkerException"


@pytest.mark.parametrize("place", [-1, 2**63, True], ids=["negative", "huge", "boolean"])
def test_a_marker_with_an_impossible_number_is_refused(refused, new_key, place):
    error = refused("ListGrants", KeyId=new_key()["KeyId"], Marker=marker("ListGrants", place))
    assert error.code == "InvalidMarkerException"


LIMITS = {"ListAliases": 100, "ListKeys": 1000, "ListGrants": 100, "ListResourceTags": 50, "ListRetirableGrants": 100}


@pytest.mark.parametrize("operation", LIMITS)
def test_a_limit_over_the_most_is_refused(kms, refused, new_key, operation):
    needs = {
        "ListGrants": {"KeyId": new_key()["KeyId"]},
        "ListResourceTags": {"KeyId": new_key()["KeyId"]},
        "ListRetirableGrants": {"RetiringPrincipal": "arn:aws:iam::111122223333:root"},
    }.get(operation, {})
    most = LIMITS[operation]
    kms(operation, {**needs, "Limit": most})
    error = refused(operation, **needs, Limit=most + 1)
    assert (error.code, str(most) in error.message) == ("ValidationException", True)


def test_keys_that_others_share_are_none(kms, new_key):
    new_key()
    assert kms("ListKeys", {"ResourceOwners": ["OTHER_ACCOUNTS_VIA_RAM"]})["Keys"] == []
    assert len(kms("ListKeys", {"ResourceOwners": ["SELF", "OTHER_ACCOUNTS_VIA_RAM"]})["Keys"]) == 1
