"""What lint found, for people, for programs, and for pipelines."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from reconciler.kit.diagnostics import Position
from reconciler.lint import Severity, checks
from reconciler.report.github import lint as as_github
from reconciler.report.github.escape import command
from reconciler.report.json import lint as as_json
from reconciler.report.junit import lint as as_junit
from reconciler.report.lint import LintReport, summary
from reconciler.report.sarif import lint as as_sarif
from reconciler.report.sarif.log import FINGERPRINT
from reconciler.report.style import Style
from reconciler.report.text import lint as as_text
from tests.report import linted
from tests.report.schemas import check

EMPTY = LintReport(3)
SOURCE = "".join(f"line {number}\n" for number in range(1, 60))
REPORTS = {"mixed": linted.mixed, "live": linted.live, "hostile": linted.hostile, "empty": lambda: EMPTY}
SARIF = Draft4Validator(json.loads((Path(__file__).parent / "sarif" / "sarif-2.1.0.json").read_text("utf-8")))
every_report = pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)


class TestTheReport:
    def test_what_was_set_aside_does_not_count(self):
        report = linted.mixed()
        assert report.counts == {Severity.ERROR: 2, Severity.WARNING: 1, Severity.NOTE: 1}
        assert report.set_aside == 2

    @pytest.mark.parametrize(
        ("worst", "threshold", "failed"),
        [
            ("KC201", Severity.ERROR, True),
            ("KC401", Severity.ERROR, False),
            ("KC401", Severity.WARNING, True),
            ("KC507", Severity.WARNING, False),
            ("KC507", Severity.NOTE, True),
        ],
    )
    def test_a_run_fails_for_a_finding_as_severe_as_its_threshold(self, worst, threshold, failed):
        report = LintReport(1, (linted.finding(worst),), threshold)
        assert report.failed is failed
        assert not replace(report, findings=(linted.finding(worst, suppressed="meant"),)).failed

    @pytest.mark.parametrize(
        ("found", "told"),
        [
            ((), "Nothing found in 3 keys."),
            (("KC201",), "1 error in 3 keys."),
            (("KC201", "KC507"), "1 error and 1 note in 3 keys."),
            (("KC201", "KC401", "KC401", "KC507"), "1 error, 2 warnings and 1 note in 3 keys."),
        ],
        ids=["none", "one", "two kinds", "three kinds"],
    )
    def test_one_line_sums_up(self, found, told):
        assert summary(LintReport(3, tuple(map(linted.finding, found)))) == told


class TestText:
    def test_findings_show_place_line_and_remedy_and_the_reason_once_a_check(self, snapshot):
        assert as_text.render(linted.mixed(), Style(width=80), sources={"payments/keys.yaml": SOURCE}) == snapshot

    def test_keys_as_they_are_have_no_place_and_those_that_were_not_read_are_told(self, snapshot):
        assert as_text.render(linted.live(), Style(width=80)) == snapshot

    def test_text_can_be_coloured(self, snapshot):
        assert as_text.render(linted.mixed(), Style(colour=True)) == snapshot

    def test_without_findings_there_is_one_line(self):
        assert as_text.render(EMPTY, Style()) == "Nothing found in 3 keys.\n"


@every_report
def test_json_is_valid_by_the_schema(report):
    told = check("lint", as_json.render(report()))
    assert told["failed"] is report().failed
    assert len(told["findings"]) == len(report().findings)


class TestSarif:
    @every_report
    def test_a_log_is_valid_by_the_schema_of_the_standard(self, report):
        SARIF.validate(json.loads(as_sarif.render(report())))

    def run_of(self, report):
        return json.loads(as_sarif.render(report))["runs"][0]

    def test_every_check_is_a_rule_that_github_shows(self):
        rules = self.run_of(EMPTY)["tool"]["driver"]["rules"]
        assert [rule["id"] for rule in rules] == list(checks())
        for rule in rules:
            assert len(rule["fullDescription"]["text"]) <= 1024
            assert rule["help"]["text"]
            assert len(rule["properties"]["tags"]) <= 20

    def test_frameworks_are_tags(self):
        rule = next(rule for rule in self.run_of(EMPTY)["tool"]["driver"]["rules"] if rule["id"] == "KC201")
        wanted = {f"{name} {one}" for name, ids in checks()["KC201"].frameworks.items() for one in ids}
        assert wanted
        assert wanted | {"security"} == set(rule["properties"]["tags"])

    def test_results_point_to_their_rules(self):
        run = self.run_of(linted.mixed())
        rules = run["tool"]["driver"]["rules"]
        assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])

    def test_what_was_set_aside_is_a_suppression_with_its_reason(self):
        told = [result["suppressions"] for result in self.run_of(linted.mixed())["results"]]
        assert [len(suppressions) for suppressions in told] == [0, 0, 1, 0, 1, 0]
        assert told[2][0]["justification"] == "the figures are published"

    def test_a_fingerprint_stays_when_lines_move_and_is_each_findings_own(self):
        report = linted.mixed()
        moved = replace(report, findings=tuple(replace(f, position=Position("x", 1)) for f in report.findings))
        twice = replace(report, findings=report.findings * 2)

        def prints(of):
            return [result["partialFingerprints"][FINGERPRINT] for result in self.run_of(of)["results"]]

        assert prints(moved) == prints(report)
        assert len(set(prints(twice))) == len(twice.findings)

    @pytest.mark.parametrize(
        ("file", "location"),
        [
            ("keys/a b.yaml", {"uri": "keys/a%20b.yaml", "uriBaseId": "%SRCROOT%"}),
            ("/k/ü.yaml", {"uri": "file:///k/%C3%BC.yaml"}),
            ("k\udcff.yaml", {"uri": "k%FF.yaml", "uriBaseId": "%SRCROOT%"}),
            ("-", {"uri": "kms/Key/orders"}),
            ("overlays/prod (kustomize)", {"uri": "kms/Key/orders"}),
        ],
        ids=["relative", "absolute", "not UTF-8", "standard input", "kustomize"],
    )
    def test_a_place_is_a_uri_of_a_file_or_else_named_after_the_resource(self, file, location):
        report = LintReport(1, (linted.finding("KC201", position=Position(file, 3, 5)),))
        told = self.run_of(report)["results"][0]["locations"][0]
        assert told["logicalLocations"][0]["fullyQualifiedName"] == "Key/orders"
        assert told["physicalLocation"]["artifactLocation"] == location
        assert told["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 5}

    def test_a_key_as_it_is_has_a_place_too_for_github_refuses_a_log_without_one(self):
        (result,) = self.run_of(linted.live())["results"]
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"].startswith("kms/arn%3Aaws%3Akms%3A")
        assert physical["region"] == {"startLine": 1}

    def test_runs_on_manifests_and_on_keys_as_they_are_are_told_apart(self):
        assert self.run_of(EMPTY)["automationDetails"] != self.run_of(linted.live())["automationDetails"]


class TestJunit:
    def suite(self, report):
        return ET.fromstring(as_junit.render(report).encode()).find("testsuite")

    @every_report
    def test_every_check_is_a_test_and_no_two_have_one_name(self, report):
        names = [case.get("name") for case in self.suite(report()).findall("testcase")]
        assert len(set(names)) == len(names)
        assert {name.split()[0] for name in names} == set(checks())

    def test_a_test_fails_where_the_run_does_and_is_skipped_where_all_was_set_aside(self):
        suite = self.suite(linted.mixed())
        assert (suite.get("failures"), suite.get("skipped"), suite.get("errors")) == ("1", "2", "0")
        cases = {case.get("name"): case for case in suite.findall("testcase")}
        failed = cases["KC201 public-key-policy: Key/orders"]
        assert failed.get("file") == "payments/keys.yaml"
        assert failed.find("failure").get("message") == "the statement Open lets in everybody (and 1 more)"
        assert "payments/keys.yaml:19:1: error: the statement Wide" in failed.find("failure").text
        assert cases["KC201 public-key-policy: Key/cards"].find("skipped").get("message") == "the figures are published"
        assert "warning" in cases["KC401 rotation-off: Key/ledger"].find("system-out").text

    def test_the_threshold_says_what_fails(self):
        assert self.suite(replace(linted.mixed(), threshold=Severity.NOTE)).get("failures") == "3"


class TestGithub:
    def test_annotations_stand_at_their_lines_the_worst_first(self, snapshot):
        assert as_github.render(linted.mixed()) == snapshot

    def test_what_has_no_file_is_told_without_one(self):
        assert as_github.render(linted.live()).startswith("::error title=KC201")

    @every_report
    def test_a_finding_is_one_command_and_nothing_else_is_one(self, report):
        lines = as_github.render(report()).splitlines()
        assert len(lines) == len(report().counting)
        assert all(re.match("::(error|warning|notice) ", line) for line in lines)

    @given(st.text(), st.text())
    def test_no_text_ends_its_command_or_its_property(self, message, value):
        line = command("error", message, {"title": value, "line": "3"})
        told = re.fullmatch("::error title=([^:,\r\n]*),line=3::([^\r\n]*)\n", line)
        assert told
        assert "\x1b" not in line
