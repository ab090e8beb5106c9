"""kstatus, Argo CD and Flux themselves, in every state: what the quick tests say of them is so."""

from __future__ import annotations

import re

import pytest

from tests.controller.health import test_argo, test_flux
from tests.controller.health.kstatus import kstatus
from tests.controller.health.samples import BEFORE, ROWS, new_object, object_in, verdicts
from tests.e2e.health.judges import acted, judged

EVERY = [(name, before, observed) for name in ROWS for before in BEFORE for observed in (2, 3)]
IDS = [f"{name}, {before} before, generation {observed} seen" for name, before, observed in EVERY]
EXPRESSIONS = {field: test_flux.CHECKS["Key"][field] for field in ("inProgress", "failed", "current")}
SCRIPT = test_argo.FOLDER / "health.lua"
BODIES = [object_in(ROWS[name], before, observed=observed) for name, before, observed in EVERY]


@pytest.fixture(scope="module")
def told():
    return judged([*BODIES, new_object()], SCRIPT, EXPRESSIONS)


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


DOCUMENT = {"Statement": [{"Condition": {}}]}
SPEC = {"rotation": {"automatic": {}}, "aliases": ["orders"], "policy": {"document": DOCUMENT}}
PAUSED = {"kms.reconciler.dev/paused": "true"}
DONE = {
    "pause, the first annotation": ("pause", None, PAUSED),
    "pause, beside others": ("pause", {"a": "b"}, {"a": "b", **PAUSED}),
    "resume, the only annotation": ("resume", PAUSED, {}),
    "resume, beside others": ("resume", {"a": "b", **PAUSED}, {"a": "b"}),
}


def after(name, annotations):
    script = next(action["action.lua"] for action in test_argo.ACTIONS["definitions"] if action["name"] == name)
    metadata = {"name": "k", "generation": 3, **({} if annotations is None else {"annotations": annotations})}
    made = acted({"apiVersion": "v1", "kind": "Key", "metadata": metadata, "spec": SPEC}, script, SCRIPT)
    assert made["spec"] == SPEC
    return made["metadata"]["annotations"]


@pytest.mark.parametrize(("name", "annotations", "left"), DONE.values(), ids=DONE)
def test_an_action_changes_its_annotation_and_nothing_else(name, annotations, left):
    assert after(name, annotations) == left


def test_reconcile_writes_the_time_of_the_interpreter():
    assert re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", after("reconcile", None)["kms.reconciler.dev/reconcile-at"])
