"""Plans as comments on pull requests."""

from __future__ import annotations

from dataclasses import replace

from reconciler.model.address import Kind
from reconciler.report.markdown.plan import render
from tests.report import basics, samples


def many(count: int):
    """A plan that creates many keys."""
    one = samples.created()
    changes = tuple(replace(one, address=basics.address(Kind.KEY, f"key-{number}")) for number in range(count))
    return replace(samples.small(), changes=changes)


def test_a_plan_of_everything_reads_well(snapshot):
    assert render(samples.everything()) == snapshot


def test_a_plan_without_changes_is_three_lines(snapshot):
    assert render(samples.quiet()) == snapshot


def test_a_plan_too_long_for_a_comment_says_how_much_is_missing():
    text = render(many(1_000))
    assert 40_000 < len(text) < 65_536
    assert text.endswith("did not fit: see `kmsctl plan`.\n")


def test_a_plan_that_fits_says_nothing_is_missing():
    assert "did not fit" not in render(many(3))


def test_a_tight_limit_keeps_the_sum():
    text = render(many(3), limit=10)
    assert "**Plan: 3 to create" in text
    assert "3 changes did not fit" in text


def test_a_change_of_which_nothing_more_can_be_said_is_only_in_the_table():
    bare = replace(samples.updated(), fields=(), steps=(), risks=())
    assert "<details>" not in render(replace(samples.small(), changes=(bare,)))
