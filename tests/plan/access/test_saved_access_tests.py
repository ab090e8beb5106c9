"""What AccessTests say of a saved plan when it is applied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.plan.options import PlanOptions
from reconciler.plan.saved.planfile import SavedPlan, dump, load
from reconciler.plan.saved.vet import reassessed
from tests.manifest.build import manifest
from tests.plan.access.expecting import CLOSED, GRANT, expects, key, line, planned, there, told
from tests.plan.build import has, has_grant, terms_of


@pytest.mark.parametrize(
    ("at_apply", "failing"),
    [
        pytest.param([], False, id="as it was"),
        pytest.param([has_grant(terms=terms_of("reader"), called="theirs")], True, id="somebody made a grant since"),
    ],
)
def test_a_saved_plan_holds_its_tests_against_what_is_there_when_it_is_applied(at_apply, failing):
    grantee = terms_of("reader").grantee_principal
    manifests = manifest("Key", "db", "{description: new}"), expects(deny=line(str(grantee), "'*'"))
    made = planned(*manifests, on=there(has(policy=CLOSED, grants=[])))
    assert not told(made)
    read = load(dump(SavedPlan(made, {}, {})))
    assert read.plan == made
    now = reassessed(read.plan, there(has(policy=CLOSED, grants=at_apply)), PlanOptions())
    assert bool(told(now)) is failing


def test_a_saved_plan_that_makes_a_key_judges_it_once_more():
    made = planned(key(), expects(deny=line("role/app", "Decrypt")))
    read = load(dump(SavedPlan(made, {}, {}))).plan
    assert [len(change.statement_positions) for change in read.changes] == [3]
    now = reassessed(read, there(), PlanOptions())
    assert told(now) == told(made)
    assert "statement AllowUse (1.yaml:" in told(now)[0]


def test_a_saved_plan_says_where_the_grant_that_decides_is_declared():
    made = planned(key(), GRANT, expects(deny=line("role/batch", "Decrypt")))
    now = reassessed(load(dump(SavedPlan(made, {}, {}))).plan, there(), PlanOptions())
    assert told(now) == told(made)
    assert "Grant/batch (1.yaml:" in told(now)[0]


def test_a_plan_whose_changes_come_from_nowhere_names_the_statement_alone():
    made = planned(key(), GRANT, expects(deny=line("role/app", "Decrypt")))
    lost = replace(made, changes=tuple(replace(change, position=None) for change in made.changes))
    (why,) = told(reassessed(lost, there(), PlanOptions()))
    assert why.endswith("the key policy allows it: statement AllowUse")
