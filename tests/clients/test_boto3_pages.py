"""boto3's paginators, all of them, across pages."""

from __future__ import annotations

import os

import pytest
from botocore.exceptions import ClientError

from tests.support.world import role_arn

PAGE = {"PageSize": 2}


@pytest.fixture
def kms(there):
    return there.user()


@pytest.fixture
def key(kms):
    return kms.create_key(Tags=[{"TagKey": f"tag-{n}", "TagValue": ""} for n in range(5)])["KeyMetadata"]["KeyId"]


def pages(kms, operation, **parameters):
    return list(kms.get_paginator(operation).paginate(PaginationConfig=PAGE, **parameters))


def items(found, name):
    return [item for page in found for item in page[name]]


def grant(kms, key, name):
    return kms.create_grant(
        KeyId=key,
        Name=name,
        GranteePrincipal=role_arn("documents"),
        RetiringPrincipal=role_arn("reader-of-pages") if name is None else role_arn("application"),
        Operations=["Decrypt"],
    )["GrantId"]


def test_grants(kms, key):
    made = {grant(kms, key, f"grant-{n}") for n in range(5)}
    found = pages(kms, "list_grants", KeyId=key)
    assert len(found) == 3
    assert {one["GrantId"] for one in items(found, "Grants")} == made
    retirable = items(pages(kms, "list_retirable_grants", RetiringPrincipal=role_arn("application")), "Grants")
    assert made <= {one["GrantId"] for one in retirable}


def test_aliases(kms, key):
    made = {f"alias/pages/{key}/{n}" for n in range(5)}
    for name in made:
        kms.create_alias(AliasName=name, TargetKeyId=key)
    found = pages(kms, "list_aliases", KeyId=key)
    assert (len(found), {one["AliasName"] for one in items(found, "Aliases")}) == (3, made)


def test_tags(kms, key):
    found = pages(kms, "list_resource_tags", KeyId=key)
    assert (len(found), len(items(found, "Tags"))) == (3, 5)


def test_keys(kms, key):
    found = items(pages(kms, "list_keys"), "Keys")
    assert key in {one["KeyId"] for one in found}
    assert len({one["KeyId"] for one in found}) == len(found)


def test_rotations(kms, key):
    for _ in range(3):
        kms.rotate_key_on_demand(KeyId=key)
    found = pages(kms, "list_key_rotations", KeyId=key)
    assert (len(found), len(items(found, "Rotations"))) == (2, 3)


def test_policies_and_custom_key_stores(kms, key):
    assert items(pages(kms, "list_key_policies", KeyId=key), "PolicyNames") == ["default"]
    assert isinstance(items(pages(kms, "describe_custom_key_stores"), "CustomKeyStores"), list)


def test_every_paginator_that_boto3_has_is_asked_above(kms):
    operations = ["list_grants", "list_retirable_grants", "list_aliases", "list_resource_tags", "list_keys"]
    operations += ["list_key_rotations", "list_key_policies", "describe_custom_key_stores"]
    mapping = kms.meta.method_to_api_mapping
    assert {name for name in mapping if kms.can_paginate(name)} == set(operations)


def test_a_marker_is_good_for_its_own_operation_alone(kms, key):
    grant(kms, key, "one")
    grant(kms, key, f"two-{os.urandom(2).hex()}")
    marker = kms.list_grants(KeyId=key, Limit=1)["NextMarker"]
    for call, parameters in ((kms.list_keys, {}), (kms.list_resource_tags, {"KeyId": key})):
        with pytest.raises(ClientError, match="InvalidMarkerException"):
            call(Marker=marker, **parameters)
