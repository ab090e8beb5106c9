"""`kmsctl operator crds`."""

from __future__ import annotations

import json

import yaml

from reconciler.controller.crds.definition import definition_of
from reconciler.manifest.documents import ManifestKind


def test_the_command_prints_all_of_them_for_kubectl(kmsctl):
    printed = list(yaml.safe_load_all(kmsctl("operator", "crds").out))
    assert printed == [definition_of(kind) for kind in ManifestKind]


def test_the_command_prints_those_that_are_named_as_one_list_in_json(kmsctl):
    said = kmsctl("operator", "crds", "--kind", "Key", "--kind", "Target", "--output", "json").out
    assert json.loads(said) == {
        "apiVersion": "v1",
        "kind": "List",
        "items": [definition_of(ManifestKind.KEY), definition_of(ManifestKind.TARGET)],
    }


def test_a_kind_that_there_is_not_is_told(kmsctl):
    result = kmsctl("operator", "crds", "--kind", "Keyy")
    assert result.code == 1
    assert "'Keyy'" in result.err


def test_without_a_command_the_commands_are_listed(kmsctl):
    assert "print the custom resource definitions" in kmsctl("operator").out
