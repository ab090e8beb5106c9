"""Caches are bounded, and never show what is no longer so."""

from __future__ import annotations

from reconciler.engine.store import aliases, keys


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
