"""What is wrong with manifests for code scanning, test reports and annotations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler import __version__
from reconciler.kit.diagnostics import Diagnostic, Position, Severity
from reconciler.kit.errors import KmsctlError
from reconciler.report.github import diagnostics as as_github
from reconciler.report.junit import diagnostics as as_junit
from reconciler.report.sarif import diagnostics as as_sarif
from tests.report import hostile
from tests.report.documents import annotations, junit, sarif

UNKNOWN = Diagnostic(
    "unknown-field", Position("keys.yaml", 10, 3), "`spec.alias` is not a field", "it does nothing", "x"
)
RANGE = Diagnostic("out-of-range", Position("keys.yaml", 9, 29), "`periodDays` cannot be 30")
LEFT = Diagnostic("left-to-plan", Position("tests.yaml", 2, 1), "not all can be told", severity=Severity.WARNING)
PIPED = replace(UNKNOWN, position=Position("-", 3, 1))
ERROR = KmsctlError("no manifests are given", fix="say where they are")
FOUND = {
    "nothing": [],
    "several": [RANGE, UNKNOWN, LEFT],
    "standard input": [PIPED],
    "hostile": [hostile.DIAGNOSTIC],
    "the same twice": [UNKNOWN, UNKNOWN],
}
every_run = pytest.mark.parametrize("found", FOUND.values(), ids=FOUND)


@every_run
def test_a_log_of_sarif_is_valid_and_github_takes_it(found):
    run = sarif(as_sarif.render(found))
    assert [result["level"] for result in run["results"]] == [str(one.severity) for one in found]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {one.name for one in found}


def test_a_log_of_sarif_has_a_stable_form(snapshot):
    assert as_sarif.render(FOUND["several"]).replace(__version__, "VERSION") == snapshot


def test_a_mistake_in_a_manifest_is_no_matter_of_security():
    (rule,) = sarif(as_sarif.render([UNKNOWN]))["tool"]["driver"]["rules"]
    assert rule["properties"]["tags"] == ["correctness"]
    assert "security-severity" not in rule["properties"]


def test_what_comes_from_standard_input_keeps_its_line():
    (result,) = sarif(as_sarif.render([PIPED]))["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "kms/-"},
        "region": {"startLine": 3, "startColumn": 1},
    }


@every_run
def test_a_test_a_file_fails_where_an_error_is_in_it(found):
    suite = junit(as_junit.render(found, checked=["keys.yaml", "sound.yaml"]))
    wrong = {one.position.file for one in found if one.severity is Severity.ERROR}
    assert suite.get("failures") == str(len(wrong))
    assert suite.find("testcase[@name='sound.yaml']/failure") is None


def test_a_test_report_has_a_stable_form(snapshot):
    assert as_junit.render(FOUND["several"], checked=["sound.yaml"]) == snapshot


def test_a_warning_fails_no_test_and_is_told():
    suite = junit(as_junit.render([LEFT]))
    assert suite.get("failures") == "0"
    assert "not all can be told [left-to-plan]" in suite.find("testcase/system-out").text


@every_run
def test_a_diagnostic_is_one_annotation(found):
    assert len(annotations(as_github.render(found))) == len(found)


def test_annotations_have_a_stable_form(snapshot):
    assert as_github.render(FOUND["several"]) == snapshot


def test_an_error_without_a_place_is_told_in_every_format():
    run = sarif(as_sarif.render_error(ERROR))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert junit(as_junit.render_error(ERROR)).get("errors") == "1"
    assert annotations(as_github.render_error(ERROR)) == [
        ("error", {"title": "kmsctl"}, "no manifests are given\nsay where they are")
    ]


@pytest.mark.parametrize("report", [as_sarif, as_junit, as_github], ids=["sarif", "junit", "github"])
def test_a_hostile_error_breaks_no_format(report):
    text = report.render_error(hostile.ERROR)
    {as_sarif: sarif, as_junit: junit, as_github: annotations}[report](text)
    assert "\x1b" not in text
