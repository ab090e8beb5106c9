"""Every diagnostic about manifests has a small file in cases/ that shows it, and its words are kept as a snapshot."""

import ast
from pathlib import Path

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import Account

CASES = Path(__file__).parent / "cases"
PACKAGE = Path(__file__).parents[2] / "reconciler" / "manifest"
ACCOUNT = Account("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:role/deployer")

ELSEWHERE = {
    "control-character": "test_sources",
    "document-too-large": "test_yamltext",
    "empty-folder": "test_sources",
    "file-not-found": "test_sources",
    "file-too-large": "test_sources",
    "kustomize-failed": "test_kustomize",
    "no-manifests": "test_load",
    "not-utf-8": "test_sources",
    "several-documents": "test_config",
    "too-many-faults": "test_load",
    "unreadable-file": "test_sources",
}
"""Diagnostics that need more than a file of text, and the test module that shows them."""


def faults_of(file: Path):
    """What is wrong with a case, for a run on a known account."""
    with pytest.raises(InvalidInput) as caught:
        manifests = load([Source(file.name, file.read_text(encoding="utf-8"))])
        desire(manifests, stack="default", accounts={RUN_TARGET: ACCOUNT})
    return caught.value.diagnostics


@pytest.mark.parametrize("file", sorted(CASES.glob("*.yaml")), ids=lambda file: file.stem)
def test_each_case_shows_the_diagnostic_that_it_is_named_for_and_says_it_in_these_words(file, snapshot):
    faults = faults_of(file)
    text = "\n".join(
        f"{fault.position}: [{fault.name}] {fault.what}\n  why: {fault.why}\n  fix: {fault.fix}" for fault in faults
    )
    assert {fault.name for fault in faults} == {file.stem.partition("--")[0]}
    assert text == snapshot
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize("file", sorted(CASES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_diagnostic_says_what_is_wrong_and_what_to_do_in_the_order_of_the_file(file):
    faults = faults_of(file)
    places = [(fault.position.line, fault.position.column) for fault in faults]
    assert places == sorted(places)
    for fault in faults:
        assert fault.what
        assert fault.fix
        assert not fault.what.endswith(".")


def test_every_diagnostic_in_the_code_has_a_case():
    named = {
        argument.value
        for file in PACKAGE.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("Message", "Diagnostic")
        for argument in call.args[:1]
        if isinstance(argument, ast.Constant)
    }
    shown = {file.stem.partition("--")[0] for file in CASES.glob("*.yaml")} | set(ELSEWHERE)
    assert named - shown == set()


@pytest.mark.parametrize(("name", "module"), ELSEWHERE.items(), ids=str)
def test_diagnostics_that_need_more_than_a_text_are_shown_by_another_test(name, module):
    assert name in (Path(__file__).parent / f"{module}.py").read_text(encoding="utf-8")
