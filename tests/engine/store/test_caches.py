"""Caches are bounded, and never show what is no longer so."""

from __future__ import annotations

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.store import aliases, grants, keys
from reconciler.kit.errors import KmsError


def test_the_caches_hold_a_bounded_number_of_rows(monkeypatch, engine, kms, new_key):
    monkeypatch.setattr(keys, "CACHED_KEYS", 2)
    monkeypatch.setattr(aliases, "CACHED_ALIASES", 2)
    for index in range(4):
        kms("CreateAlias", {"AliasName": f"alias/{index}", "TargetKeyId": new_key()["KeyId"]})
    for _ in range(2):
        for index in range(4):
            kms("DescribeKey", {"KeyId": f"alias/{index}"})
    assert len(engine._store.keys._cache) == 2
    assert len(engine._store.aliases._targets) == 2


def test_a_refused_change_does_not_stay_in_the_cache(kms, refused, new_key):
    key = new_key(Tags=[{"TagKey": f"k{index}", "TagValue": ""} for index in range(50)])["KeyId"]
    refused("TagResource", KeyId=key, Tags=[{"TagKey": "x", "TagValue": ""}])
    assert len(kms("ListResourceTags", {"KeyId": key})["Tags"]) == 50
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == "Enabled"


def test_the_most_recently_used_stays_in_the_cache(monkeypatch, engine, kms, new_key):
    monkeypatch.setattr(aliases, "CACHED_ALIASES", 2)
    for name in "abc":
        kms("CreateAlias", {"AliasName": f"alias/{name}", "TargetKeyId": new_key()["KeyId"]})
    for name in "abac":
        kms("DescribeKey", {"KeyId": f"alias/{name}"})
    assert [place[2] for place in engine._store.aliases._targets] == ["alias/a", "alias/c"]


BOB = "arn:aws:iam::111122223333:user/bob"


@pytest.fixture
def key(new_key):
    return new_key()["KeyId"]


def encrypts(engine, key, principal=BOB):
    try:
        engine.client(principal=principal)("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    except KmsError:
        return False
    return True


def test_a_grant_counts_and_stops_counting_at_once_for_every_process(engine, kms, key, data, clock):
    given = {"KeyId": key, "GranteePrincipal": BOB, "Operations": ["Encrypt"]}
    with Engine.open(data, clock=clock) as other:
        for client in (kms, other.client()):
            assert not encrypts(engine, key)
            assert not encrypts(other, key)
            grant = client("CreateGrant", given)
            assert encrypts(engine, key)
            assert encrypts(other, key)
            client("RevokeGrant", {"KeyId": key, "GrantId": grant["GrantId"]})


def test_grants_are_kept_for_a_bounded_number_of_grantees(monkeypatch, engine, key):
    monkeypatch.setattr(grants, "CACHED_GRANTEES", 2)
    for index in range(5):
        encrypts(engine, key, f"{BOB}{index}")
    assert len(engine._store.grants._by_grantee) <= 2


def test_who_has_very_many_grants_is_looked_up_each_time(monkeypatch, engine, kms, key):
    monkeypatch.setattr(grants, "CACHED_GRANTS", 1)
    for _ in range(2):
        kms("CreateGrant", {"KeyId": key, "GranteePrincipal": BOB, "Operations": ["Encrypt"]})
    assert encrypts(engine, key)
    assert len(engine._store.grants._by_grantee) == 0
