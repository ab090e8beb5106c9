"""Policies and keys with one known fault each: every one is found, and nothing else is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from reconciler.lint import Severity, Subject, checks, lint, subjects_of
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import read_sources
from tests.lint.build import ACCOUNTS, ROOT, case_subjects, policy, subject

CASES = [
    pytest.param(case, id=f"{case['finds']}: {case['fault']}")
    for file in sorted((Path(__file__).parent / "corpus").glob("*.yaml"))
    for case in yaml.safe_load(file.read_text("utf-8"))
]
DOCUMENTED = sorted((ROOT / "tests" / "policy" / "documented").glob("*.json"))
OF_AWS = {"aws-managed-ebs.json": {"KC203"}}
"""The policy of a key that AWS manages: indeed nobody else can change it."""
EXAMPLES = sorted(
    path for path in (ROOT / "examples").iterdir() if any("kind: Key" in f.read_text() for f in path.rglob("*.yaml"))
)


@pytest.mark.parametrize("case", CASES)
def test_a_known_fault_is_found_and_nothing_else(case):
    found = lint(case_subjects(case))
    assert {one.check.id for one in found} == {case["finds"], *case.get("also", ())}, [one.what for one in found]


def test_a_policy_that_is_too_long_is_found():
    many = [{**json.loads(policy())["Statement"][0], "Sid": f"Statement{number}"} for number in range(400)]
    found = {one.check.id for one in lint([subject(policy=policy(*many))])}
    assert found == {"KC108", "KC126"}


def test_there_are_a_hundred_faults_and_every_check_of_keys_has_one():
    (cases,) = zip(*(param.values for param in CASES), strict=True)
    assert len(cases) >= 100
    assert {case["finds"] for case in cases} | {"KC108"} == {one for one in checks() if not one.startswith("KC9")}


@pytest.mark.parametrize("path", DOCUMENTED, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_what_aws_documents(path):
    document = json.loads(path.read_text("utf-8"))["policy"]
    found = lint([Subject(path.stem, account="111122223333", policy=json.dumps(document))])
    told = {one.check.id for one in found if one.severity is not Severity.NOTE}
    assert told == OF_AWS.get(path.name, set()), [one.what for one in found]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_nothing_is_wrong_with_the_examples(path):
    sources = [one for one in read_sources([str(path)], stdin=None) if "kustomization" not in one.name]
    desired = desire(load(sources), stack="example", accounts={})
    found = lint([*subjects_of(desired), *subjects_of(desired, ACCOUNTS)])
    assert not [(one.resource, one.what) for one in found if one.severity is not Severity.NOTE]
