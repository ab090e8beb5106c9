"""Argo CD's health script and actions, run by Lua 5.1, the language of Argo CD's interpreter.

Source: https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ and
https://argo-cd.readthedocs.io/en/stable/operator-manual/resource_actions/
"""

from __future__ import annotations

import pytest
import yaml

from reconciler.manifest.documents import ManifestKind
from tests.controller.health.argo import FOLDER, health, run
from tests.controller.health.samples import BEFORE, ROWS, new_object, object_in, verdicts

ACTIONS = yaml.safe_load((FOLDER / "actions.yaml").read_text(encoding="utf-8"))
EVERY = [(row, before) for row in ROWS for before in BEFORE]
IDS = [f"{row}, {before} before" for row, before in EVERY]


@pytest.mark.parametrize(("name", "before"), EVERY, ids=IDS)
def test_argo_cd_understands_each_state(name, before):
    status, message = health(object_in(ROWS[name], before))
    assert status == verdicts(ROWS[name], before)[1]
    assert message


def test_a_drift_that_is_left_is_healthy_and_told():
    assert "tags.team" in health(object_in(ROWS["drifted"], "ready"))[1]


@pytest.mark.parametrize("name", ROWS)
def test_a_change_that_was_not_seen_yet_is_progressing_unless_it_is_paused(name):
    status, _ = health(object_in(ROWS[name], "ready", observed=2))
    assert status == ("Suspended" if name == "paused" else "Progressing")


@pytest.mark.parametrize(
    "body", [new_object(), {"metadata": {}}, {"metadata": {}, "status": {}}], ids=["default", "no status", "empty"]
)
def test_an_object_that_no_operator_has_seen_is_progressing(body):
    assert health(body)[0] == "Progressing"


def test_a_condition_without_a_message_is_no_fault():
    body = object_in(ROWS["stuck"], "new")
    for condition in body["status"]["conditions"]:
        del condition["message"]
    assert health(body) == ("Degraded", "a person has to act")


def test_every_kind_has_the_health_script_and_every_kind_that_can_be_paused_the_actions():
    kustomization = yaml.safe_load((FOLDER / "kustomization.yaml").read_text(encoding="utf-8"))
    files = dict(line.split("=") for line in kustomization["configMapGenerator"][0]["files"])
    prefix = "resource.customizations.{}.kms.reconciler.dev_{}"
    managed = set(ManifestKind) - {ManifestKind.KEY_POLICY, ManifestKind.TARGET}
    assert files == {
        **{prefix.format("health", kind): "health.lua" for kind in ManifestKind},
        **{prefix.format("actions", kind): "actions.yaml" for kind in managed},
    }


def act(name: str, annotations: dict[str, str] | None) -> dict[str, str]:
    script = next(action["action.lua"] for action in ACTIONS["definitions"] if action["name"] == name)
    metadata = {"name": "k"} if annotations is None else {"name": "k", "annotations": annotations}
    after = run(script, {"metadata": metadata})["metadata"]["annotations"]
    return dict(after.items()) if after is not None else {}


PAUSED = "kms.reconciler.dev/paused"


@pytest.mark.parametrize("annotations", [None, {"other": "kept"}], ids=["no annotations", "others"])
def test_pausing_and_resuming_leave_other_annotations_alone(annotations):
    paused = act("pause", annotations)
    assert paused == {**(annotations or {}), PAUSED: "true"}
    assert act("resume", paused) == (annotations or {})
    assert act("resume", annotations) == (annotations or {})


def test_reconciling_now_writes_the_time():
    assert act("reconcile", None)["kms.reconciler.dev/reconcile-at"].endswith("Z")


@pytest.mark.parametrize(
    ("annotations", "disabled"),
    [
        (None, {"reconcile": False, "pause": False, "resume": True}),
        ({PAUSED: "true"}, {"reconcile": True, "pause": True, "resume": False}),
        ({PAUSED: "false"}, {"reconcile": False, "pause": False, "resume": True}),
    ],
    ids=["running", "paused", "not paused"],
)
def test_only_what_makes_sense_is_offered(annotations, disabled):
    metadata = {"name": "k"} if annotations is None else {"name": "k", "annotations": annotations}
    offered = run(ACTIONS["discovery.lua"], {"metadata": metadata})
    assert {name: action["disabled"] for name, action in offered.items()} == disabled
    assert set(disabled) == {action["name"] for action in ACTIONS["definitions"]}
