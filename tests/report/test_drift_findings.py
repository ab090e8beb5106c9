"""Drift for code scanning, test reports and annotations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler import __version__
from reconciler.kit.absent import ABSENT
from reconciler.lint.check import Severity
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.keyspec import KeyState
from reconciler.plan.drift import DriftEntry, DriftKind, FieldDrift
from reconciler.report import driftrules
from reconciler.report.github import drift as as_github
from reconciler.report.junit import drift as as_junit
from reconciler.report.sarif import drift as as_sarif
from tests.report import drifted, hostile
from tests.report.basics import ACCOUNT, EU_ACCOUNT, NEW_POLICY, ORDERS, PUBLIC, at, key_id
from tests.report.documents import annotations, junit, sarif

DRIFTS = {"everything": drifted.everything, "none": drifted.none, "hostile": hostile.drift}
every_drift = pytest.mark.parametrize("drift", DRIFTS.values(), ids=DRIFTS)
listed_or_not = pytest.mark.parametrize("listed", [True, False], ids=["listed", "counted"])


def entry(kind: DriftKind = DriftKind.CHANGED, *fields: FieldDrift, **more: object) -> DriftEntry:
    """Drift of one key."""
    return DriftEntry(kind, ORDERS, key_id(1), fields, **{"position": at(4), **more})


def of(*entries: DriftEntry):
    """A drift of `entries` alone."""
    return replace(drifted.none(), entries=entries)


class TestTheRules:
    @pytest.mark.parametrize(
        ("found", "severity"),
        [
            (entry(), Severity.WARNING),
            (entry(DriftKind.MISSING), Severity.ERROR),
            (entry(DriftKind.PENDING_DELETION), Severity.ERROR),
            (entry(DriftKind.PENDING_DELETION, expected=True), Severity.NOTE),
            (entry(DriftKind.CHANGED, FieldDrift("policy", NEW_POLICY, PUBLIC)), Severity.ERROR),
            (entry(DriftKind.CHANGED, FieldDrift("policy", PUBLIC, PUBLIC)), Severity.WARNING),
            (entry(DriftKind.CHANGED, FieldDrift("policy", NEW_POLICY, ABSENT)), Severity.WARNING),
        ],
        ids=["changed", "missing", "deletion", "expected", "opened to everybody", "open as declared", "no policy"],
    )
    def test_what_loses_data_or_lets_everybody_in_is_an_error(self, found, severity):
        assert driftrules.severity(found) is severity

    def test_what_differs_is_named_as_far_as_one_line_goes(self):
        few = entry(DriftKind.CHANGED, FieldDrift("description", "a", "b"), FieldDrift("enabled", True, False))
        assert driftrules.what(few) == "it differs from its manifest in description, enabled"
        many = entry(DriftKind.CHANGED, *(FieldDrift(f"tags[{number}]", "a", "b") for number in range(10)))
        assert driftrules.what(many).endswith("tags[7], 2 more")

    def test_every_kind_has_a_rule_with_an_id_of_its_own(self):
        assert driftrules.RULES.keys() == set(DriftKind)
        assert len({rule.id for rule in [*driftrules.RULES.values(), driftrules.UNMANAGED]}) == len(DriftKind) + 1


class TestSarif:
    @every_drift
    @listed_or_not
    def test_a_log_is_valid_and_github_takes_it(self, drift, listed):
        acting = [one for one in drift().entries if not one.expected]
        results = sarif(as_sarif.render(drift(), list_unmanaged=listed))["results"]
        assert len(results) == len(acting) + (len(drift().unmanaged) if listed else 0)

    def test_a_log_has_a_stable_form(self, snapshot):
        log = as_sarif.render(drifted.everything(), list_unmanaged=True)
        assert log.replace(__version__, "VERSION") == snapshot

    def test_every_rule_says_why_it_matters_and_what_to_do(self):
        for rule in sarif(as_sarif.render(drifted.none()))["tool"]["driver"]["rules"]:
            assert "Fix: " in rule["help"]["text"]
            assert rule["properties"]["tags"] == ["security", "drift"]
            assert rule["properties"]["security-severity"]

    def test_a_finding_is_at_its_manifest(self):
        (result,) = sarif(as_sarif.render(of(entry())))["results"]
        assert result["locations"][0]["physicalLocation"] == {
            "artifactLocation": {"uri": "payments/keys.yaml", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": 4, "startColumn": 1},
        }

    def test_what_no_manifest_declares_is_placed_by_its_name(self):
        (result,) = sarif(as_sarif.render(of(entry(DriftKind.ORPHANED, position=None))))["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "kms/Key/orders"}

    def test_runs_on_other_stacks_accounts_and_regions_have_categories_of_their_own(self):
        one = replace(drifted.none(), accounts={RUN_TARGET: ACCOUNT})
        runs = [
            one,
            replace(one, stack="cards"),
            replace(one, accounts={RUN_TARGET: EU_ACCOUNT}),
            replace(one, accounts={RUN_TARGET: replace(ACCOUNT, region="eu-west-1")}),
            drifted.none(),
            hostile.drift(),
        ]
        found = [sarif(as_sarif.render(run))["automationDetails"]["id"] for run in runs]
        assert found[0] == "kmsctl-drift/payments/111122223333.us-east-1/"
        assert len(set(found)) == len(runs)
        assert all(each.count("/") == 3 and each.endswith("/") for each in found)

    def test_a_fingerprint_stays_when_lines_move_values_change_or_the_key_has_a_successor(self):
        first = entry(DriftKind.CHANGED, FieldDrift("description", "a", "b"))
        moved = replace(first, position=at(40), fields=(FieldDrift("description", "a", "c"),), resource_id=key_id(9))
        runs = [sarif(as_sarif.render(of(one)))["results"][0]["partialFingerprints"] for one in (first, moved)]
        assert runs[0] == runs[1]

    def test_two_orphans_of_one_name_are_two_findings(self):
        old, older = (
            entry(DriftKind.ORPHANED, position=None),
            replace(entry(DriftKind.ORPHANED, position=None), resource_id=key_id(2)),
        )
        results = sarif(as_sarif.render(of(old, older)))["results"]
        (again,) = sarif(as_sarif.render(of(older)))["results"]
        assert again["partialFingerprints"] == results[1]["partialFingerprints"]


class TestJunit:
    @every_drift
    @listed_or_not
    def test_a_test_a_resource_fails_where_somebody_should_act(self, drift, listed):
        suite = junit(as_junit.render(drift(), list_unmanaged=listed))
        failing = {str(one.address) for one in drift().entries if not one.expected}
        assert suite.get("failures") == str(len(failing))

    def test_a_document_has_a_stable_form(self, snapshot):
        assert as_junit.render(drifted.everything(), list_unmanaged=True) == snapshot

    def test_what_is_as_declared_passes(self):
        suite = junit(as_junit.render(drifted.none()))
        assert suite.find("testcase").get("name") == "Key/audit"
        assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("5", "0", "0")

    def test_two_entries_of_one_name_are_one_test(self):
        old = entry(DriftKind.ORPHANED, position=None)
        suite = junit(as_junit.render(of(old, replace(old, resource_id=key_id(2)))))
        assert suite.find("testcase[@name='Key/orders']/failure").get("message") == (
            "no manifest declares it; no manifest declares it"
        )

    def test_a_name_that_drifts_and_is_in_sync_is_one_test_that_fails(self):
        drift = drifted.none()
        older = DriftEntry(DriftKind.ORPHANED, drift.in_sync[0].address, key_id(99))
        suite = junit(as_junit.render(replace(drift, entries=(older,))))
        assert (suite.get("tests"), suite.get("failures")) == ("5", "1")

    def test_what_is_expected_is_skipped_with_its_reason(self):
        suite = junit(as_junit.render(of(entry(DriftKind.UNDECLARED, detail="a grant", expected=True))))
        skipped = suite.find("testcase[@name='Key/orders']/skipped")
        assert skipped.get("message") == "a grant (nobody needs to act)"


class TestGithub:
    @every_drift
    @listed_or_not
    def test_an_entry_is_one_command(self, drift, listed):
        acting = [one for one in drift().entries if not one.expected]
        told = annotations(as_github.render(drift(), list_unmanaged=listed))
        assert len(told) == len(acting) + (len(drift().unmanaged) if listed else 0)

    def test_annotations_stand_at_their_lines_the_worst_first(self, snapshot):
        assert as_github.render(drifted.everything(), list_unmanaged=True) == snapshot

    def test_without_drift_nothing_is_said(self):
        assert as_github.render(drifted.none()) == ""

    def test_an_unmanaged_key_says_whose_it_is(self):
        key = replace(drifted.everything().unmanaged[0], state=KeyState.DISABLED, description="")
        told = annotations(as_github.render(replace(drifted.none(), unmanaged=(key,)), list_unmanaged=True))
        assert [command for command, *_ in told] == ["notice"]
        assert "it is Disabled, and managed by nobody\n" in told[0][2]


@pytest.mark.parametrize(
    "render", [as_sarif.render, as_junit.render, as_github.render], ids=["sarif", "junit", "github"]
)
def test_sensitive_values_are_in_no_format(render):
    assert "hunter" not in render(
        of(entry(DriftKind.CHANGED, FieldDrift("token", "hunter2", "hunter3", sensitive=True)))
    )
