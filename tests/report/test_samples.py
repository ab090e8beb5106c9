"""The samples have every word of a plan, so that every report is seen with all of them."""

from __future__ import annotations

from enum import Enum
from typing import get_args

import pytest

from reconciler.apply.events import Event
from reconciler.plan.changes import Action, Reason, RiskLevel
from reconciler.plan.drift import DriftKind
from reconciler.plan.steps import Step
from tests.report import applied, drifted, samples

PLAN = samples.everything()


@pytest.mark.parametrize(
    ("vocabulary", "used"),
    [
        pytest.param(Action, {change.action for change in PLAN.changes}, id="actions"),
        pytest.param(Reason, {change.reason for change in PLAN.changes}, id="reasons"),
        pytest.param(RiskLevel, {r.level for change in PLAN.changes for r in change.risks}, id="risk levels"),
        pytest.param(DriftKind, {entry.kind for entry in drifted.everything().entries}, id="kinds of drift"),
    ],
)
def test_the_samples_use_every_word(vocabulary: type[Enum], used: set[Enum]) -> None:
    assert used == set(vocabulary)


def test_the_samples_have_every_kind_of_step() -> None:
    assert {type(step) for _, step in PLAN.steps()} == set(get_args(Step))


def test_the_samples_have_every_kind_of_event() -> None:
    assert {type(event) for event in applied.EVENTS} == set(get_args(Event))
