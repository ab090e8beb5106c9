"""The cost of an operation does not grow with the number of keys: no statement reads a whole table."""

from __future__ import annotations

import pytest

from tests.engine.exercise import exercise

FEW = ("events", "_due", "custom_stores")
"""Events about one resource, what is due, and the custom key stores of an account are few: these may be sorted."""


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
    unexpected = {statement for statement in sorting if not any(few in statement for few in FEW)}
    assert unexpected == set()


@pytest.mark.parametrize("column", ["deletion_due", "rotation_due", "expires", "settles"])
def test_what_is_due_is_found_by_an_index(engine, column):
    index = {"deletion_due": "delete", "rotation_due": "rotate", "expires": "expire", "settles": "settle"}[column]
    state = " AND state = 'Enabled'" if column == "rotation_due" else ""
    query = f"SELECT min({column}) FROM keys WHERE {column} IS NOT NULL{state}"
    assert any(f"keys_to_{index}" in step for step in plan_of(engine._store._database.connection, query))
