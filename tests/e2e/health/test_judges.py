"""kstatus, Argo CD and Flux themselves, in every state: what the quick tests say of them is so."""

from __future__ import annotations

import pytest

from tests.controller.health import test_argo, test_flux
from tests.controller.health.kstatus import kstatus
from tests.controller.health.samples import BEFORE, ROWS, new_object, object_in, verdicts
from tests.e2e.health.judges import judged

EVERY = [(name, before, observed) for name in ROWS for before in BEFORE for observed in (2, 3)]
IDS = [f"{name}, {before} before, generation {observed} seen" for name, before, observed in EVERY]
EXPRESSIONS = {field: test_flux.CHECKS["Key"][field] for field in ("inProgress", "failed", "current")}
BODIES = [object_in(ROWS[name], before, observed=observed) for name, before, observed in EVERY]


@pytest.fixture(scope="module")
def told():
    return judged([*BODIES, new_object()], test_argo.FOLDER / "health.lua", EXPRESSIONS)


@pytest.mark.parametrize("number", range(len(EVERY)), ids=IDS)
def test_the_tools_agree_with_the_table_and_with_the_quick_tests(told, number):
    name, before, observed = EVERY[number]
    said, body = told[number], BODIES[number]
    assert said["kstatus"] == kstatus(body)
    assert (said["argo"]["status"], said["argo"]["message"]) == test_argo.health(body)
    assert said["flux"] == test_flux.flux(body, EXPRESSIONS)
    if observed == 3:
        assert (said["kstatus"], said["argo"]["status"]) == verdicts(ROWS[name], before)


def test_a_new_object_is_in_progress_for_all(told):
    assert [told[-1]["kstatus"], told[-1]["argo"]["status"], told[-1]["flux"]] == [
        "InProgress",
        "Progressing",
        "InProgress",
    ]
