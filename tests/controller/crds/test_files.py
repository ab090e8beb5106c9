"""The files of `operator/crds/`."""

from __future__ import annotations

import runpy
import sys

import pytest
import yaml

from reconciler.controller.crds.definition import definition_of
from reconciler.controller.crds.files import as_yaml, files
from reconciler.manifest.documents import ManifestKind
from tests.docs.pages import ROOT

FOLDER = ROOT / "operator" / "crds"
FILES = dict(files())


@pytest.mark.parametrize(("name", "text"), FILES.items(), ids=FILES)
def test_a_file_is_what_make_crds_writes(name, text):
    assert (FOLDER / name).read_text(encoding="utf-8") == text, "run `make crds`"


def test_there_are_no_other_files():
    assert {path.name for path in FOLDER.iterdir()} == set(FILES)


def test_make_crds_writes_them_into_the_folder_that_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["crds", str(tmp_path)])
    runpy.run_module("reconciler.controller.crds", run_name="__main__")
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize("kind", ManifestKind)
def test_yaml_says_what_was_meant_and_nothing_by_reference(kind):
    text = as_yaml([definition_of(kind)])
    assert yaml.safe_load(text) == definition_of(kind)
    assert "&id" not in text
