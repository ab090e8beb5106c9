"""Clearing a store that several processes have open: all of it at once, and nothing of it comes back."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError


@pytest.fixture
def engines(tmp_path):
    """Two engines on one store, as two processes have them."""
    with Engine.open(tmp_path / "data") as first, Engine.open(tmp_path / "data") as second:
        yield first, second


def test_everybody_sees_an_empty_store_that_works(engines):
    first, second = engines
    key = first.client()("CreateKey", {"Tags": [{"TagKey": "a", "TagValue": "b"}]})["KeyMetadata"]["KeyId"]
    first.client()("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key})
    sealed = second.client()("Encrypt", {"KeyId": "alias/a", "Plaintext": b"x"})["CiphertextBlob"]
    first.clear()
    for kms in (first.client(), second.client()):
        assert kms("ListKeys", {})["Keys"] == []
        assert kms("ListAliases", {})["Aliases"] == []
        with pytest.raises(KmsError):
            kms("Decrypt", {"CiphertextBlob": sealed})
    again = second.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
    assert first.client()("DescribeKey", {"KeyId": again})["KeyMetadata"]["KeyState"] == "Enabled"


def test_what_waited_to_be_recorded_is_forgotten_too(engines):
    first, second = engines
    second.client()("GenerateRandom", {"NumberOfBytes": 8})
    first.client()("GenerateRandom", {"NumberOfBytes": 8})
    first.clear()
    second.client()("ListKeys", {})
    assert [event["eventName"] for engine in (second, first) for event in engine.events()] == ["ListKeys"] * 2


def test_no_table_but_what_opens_the_store_has_anything_left(engines, tmp_path):
    first, _ = engines
    key = first.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
    first.client()("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    list(first.events())  # what waited is written
    first.clear()
    with sqlite3.connect(tmp_path / "data" / "kms.sqlite3") as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        left = {name for name in tables if connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]}
        kept = {row[0] for row in connection.execute("SELECT name FROM meta")}
    connection.close()
    assert left <= {"meta", "sqlite_sequence"}
    assert kept == {"salt", "root_check", "cleared"}


def test_a_store_that_was_cleared_opens_and_records_as_any_other(tmp_path):
    with Engine.open(tmp_path / "data") as engine:
        engine.clear()
    with Engine.open(tmp_path / "data") as engine:
        with pytest.raises(KmsError):
            engine.client()("GenerateRandom", {"NumberOfBytes": 8_000})
        engine.client()("ListKeys", {})
        assert [event["eventName"] for event in engine.events()] == ["GenerateRandom", "ListKeys"]


def test_a_call_writes_the_record_when_it_has_waited_long_enough(data, clock):
    with Engine.open(data, clock=clock) as engine, Engine.open(data, clock=clock) as other:
        engine.client()("GenerateRandom", {"NumberOfBytes": 8})
        assert list(other.events()) == []
        clock.advance(timedelta(seconds=2))
        engine.client()("ListKeys", {})
        assert [event["eventName"] for event in other.events()] == ["GenerateRandom", "ListKeys"]
