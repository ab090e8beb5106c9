"""Costs, in every format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.identifiers import KeyId
from reconciler.plan.changes import Cost
from reconciler.plan.cost import KeyCost, Prices
from reconciler.report.costs import Costs
from reconciler.report.json import cost as as_json
from reconciler.report.markdown import cost as as_markdown
from reconciler.report.style import Style
from reconciler.report.text import cost as as_text
from tests.report import hostile
from tests.report.basics import STACK, key_id
from tests.report.schemas import check

COSTS = Costs(
    STACK,
    (KeyCost("ledger", KeyId(key_id(2)), 1.0, 2.0), KeyCost("orders", KeyId(key_id(1)), 1.0, 0.0)),
    Cost(4.0, 5.0),
    Prices(1.0, 1.0, 2, "2026-01-01", "https://aws.amazon.com/kms/pricing/"),
)
NOTHING = replace(COSTS, keys=(), total=Cost(0.0, 0.0))


def test_costs_read_well_as_text(snapshot):
    assert as_text.render(COSTS, Style()) == snapshot


def test_costs_read_well_as_markdown(snapshot):
    assert as_markdown.render(COSTS) == snapshot


def test_without_keys_there_is_no_table():
    assert "KEY" not in as_text.render(NOTHING, Style())
    assert "|" not in as_markdown.render(NOTHING)


@pytest.mark.parametrize("costs", [COSTS, NOTHING, hostile.costs()], ids=["some", "none", "hostile"])
def test_every_estimate_is_valid_by_the_schema(costs):
    check("cost", as_json.render(costs))
