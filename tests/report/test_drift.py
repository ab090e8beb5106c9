"""Drift in every format."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.plan.drift import DriftKind, FieldDrift
from reconciler.report.json import drift as as_json
from reconciler.report.markdown import drift as as_markdown
from reconciler.report.style import Style
from reconciler.report.text import drift as as_text
from tests.report import drifted, hostile
from tests.report.schemas import check


def with_fields(*fields):
    """A drift of one key."""
    whole = drifted.everything()
    changed = next(entry for entry in whole.entries if entry.kind is DriftKind.CHANGED)
    return replace(whole, entries=(replace(changed, fields=fields),))


def test_a_drift_of_everything_reads_well_as_text(snapshot):
    assert as_text.render(drifted.everything(), Style()) == snapshot


def test_unmanaged_keys_are_listed_in_text_when_asked_for(snapshot):
    assert as_text.render(replace(drifted.everything(), entries=()), Style(), list_unmanaged=True) == snapshot


def test_no_drift_is_said_in_so_many_words(snapshot):
    assert as_text.render(replace(drifted.none(), read_at=None), Style(colour=True)) == snapshot


def test_a_drift_of_everything_reads_well_as_markdown(snapshot):
    assert as_markdown.render(drifted.everything(), list_unmanaged=True) == snapshot


def test_no_drift_is_short_in_markdown(snapshot):
    assert as_markdown.render(replace(drifted.none(), read_at=None)) == snapshot


def test_a_drift_too_long_for_a_comment_says_how_much_is_missing():
    text = as_markdown.render(drifted.everything(), list_unmanaged=True, limit=10)
    assert text.endswith("8 entries did not fit: see `kmsctl drift`.\n")


def test_an_entry_of_which_nothing_more_can_be_said_is_only_in_the_table():
    assert "<details>" not in as_markdown.render(with_fields())


def test_a_drift_of_everything_has_a_stable_form(snapshot):
    assert as_json.render(drifted.everything()) == snapshot


@pytest.mark.parametrize("drift", [drifted.everything, drifted.none, hostile.drift])
@pytest.mark.parametrize("listed", [True, False], ids=["listed", "counted"])
def test_every_drift_is_valid_by_the_schema(drift, listed):
    report = check("drift", as_json.render(drift(), list_unmanaged=listed))
    assert ("keys" in report["unmanaged"]) is listed


def test_sensitive_values_are_in_no_format():
    drift = with_fields(FieldDrift("token", "hunter2", "hunter3", sensitive=True))
    for text in (as_json.render(drift), as_markdown.render(drift), as_text.render(drift, Style())):
        assert "hunter" not in text
        assert "token" in text


def test_a_policy_that_is_not_there_any_more_is_in_json_without_a_comparison():
    report = check("drift", as_json.render(with_fields(FieldDrift("policy", "{}", ABSENT))))
    assert report["entries"][0]["fields"] == [{"path": "policy", "sensitive": False, "desired": "{}"}]
