"""The cost of an operation does not grow with the number of keys: no statement reads a whole table."""

from __future__ import annotations

from datetime import timedelta

import pytest

APP = "arn:aws:iam::111122223333:role/app"


def exercise(kms, clock):
    """Call every kind of operation that reads or writes the store."""
    tags = [{"TagKey": "stack", "TagValue": "a"}]
    key = kms("CreateKey", {"Tags": tags, "MultiRegion": True})["KeyMetadata"]
    named = {"KeyId": key["KeyId"]}
    other = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]})
    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": other})
    kms("DescribeKey", {"KeyId": "alias/a"})
    kms("ListAliases", {})
    kms("ListAliases", named)
    grant = {**named, "GranteePrincipal": APP, "RetiringPrincipal": APP, "Operations": ["Decrypt"], "Name": "g"}
    token = kms("CreateGrant", grant)["GrantToken"]
    kms("ListGrants", {**named, "GranteePrincipal": APP})
    kms("ListRetirableGrants", {"RetiringPrincipal": APP})
    kms("RetireGrant", {"GrantToken": token})
    blob = kms("Encrypt", {**named, "Plaintext": b"x"})["CiphertextBlob"]
    kms("RotateKeyOnDemand", named)
    kms("Decrypt", {"CiphertextBlob": blob})
    kms("GetKeyLastUsage", named)
    kms("EnableKeyRotation", named)
    kms("ListKeyRotations", named)
    kms("ListKeys", {})
    kms("ListResourceTags", named)
    kms("UntagResource", {**named, "TagKeys": ["none"]})
    kms("tagging:GetResources", {"TagFilters": [{"Key": "stack", "Values": ["a"]}]})
    kms("tagging:GetResources", {"TagFilters": [{"Key": "stack", "Values": ["a", "b"]}]})
    for attribute, value in (("ResourceName", key["KeyId"]), ("EventName", "Encrypt")):
        kms(
            "cloudtrail:LookupEvents",
            {"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}]},
        )
    clock.advance(timedelta(days=400))
    kms("ScheduleKeyDeletion", {"KeyId": other, "PendingWindowInDays": 7})
    clock.advance(timedelta(days=8))
    kms("DescribeKey", named)


def statements(connection, action):
    seen = []
    connection.set_trace_callback(seen.append)
    action()
    connection.set_trace_callback(None)
    return sorted({text for text in seen if text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))})


def plan_of(connection, statement):
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]


def test_no_statement_reads_a_whole_table(engine, kms, clock):
    connection = engine._store._database.connection
    found = statements(connection, lambda: exercise(kms, clock))
    assert len(found) > 40
    scans = {
        statement: step
        for statement in found
        for step in plan_of(connection, statement)
        if step.startswith("SCAN") and "events_by_time" not in step and "CONSTANT ROW" not in step
    }
    assert scans == {}


def test_no_statement_sorts_what_it_found(engine, kms, clock):
    connection = engine._store._database.connection
    found = statements(connection, lambda: exercise(kms, clock))
    sorting = {statement for statement in found for step in plan_of(connection, statement) if "USE TEMP B-TREE" in step}
    # Events about one resource, and what is due, are few.
    unexpected = {statement for statement in sorting if not ("events" in statement or "_due" in statement)}
    assert unexpected == set()


@pytest.mark.parametrize("index", ["keys_to_delete", "keys_to_rotate"])
def test_what_is_due_is_found_by_an_index(engine, index):
    connection = engine._store._database.connection
    column = "deletion_due" if index == "keys_to_delete" else "rotation_due"
    state = "" if index == "keys_to_delete" else " AND state = 'Enabled'"
    plan = plan_of(connection, f"SELECT min({column}) FROM keys WHERE {column} IS NOT NULL{state}")
    assert any(index in step for step in plan)
