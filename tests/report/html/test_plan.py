"""What a plan's page says first, and how it shows what differs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.plan.changes import Action, FieldChange, Reason, Risk, RiskLevel
from reconciler.report.html import plan as as_page
from reconciler.report.rehearsed import facts, headline, subject
from tests.report import hostile, samples
from tests.report.basics import NEW_POLICY, OLD_POLICY, RENAMED_POLICY
from tests.report.html.reading import read
from tests.report.html.samples import FAILED, REHEARSED


def of(*fields: FieldChange, **more: object):
    """A plan of one change."""
    change = replace(samples.updated(), fields=fields, risks=(), **more)
    return replace(samples.small(), changes=(change,))


def risky(level: RiskLevel):
    """A plan with one risk."""
    change = replace(samples.updated(), risks=(Risk(level, "key-in-use", "it is used"),))
    return replace(of(), changes=(change,))


def first(plan, **options) -> str:
    """What its page says first."""
    return read(as_page.render(plan, **options)).inside("strong")


def head_and_cells(plan) -> tuple[list[str], list[str]]:
    """The titles of the table of fields, and what stands under the values."""
    page = read(as_page.render(plan))
    heads = [cell.attributes["data-head"] for cell in page.all("td") if "data-head" in cell.attributes]
    return [text for path, text in page.texts if "thead" in path and text.strip()], heads


class TestTheVerdict:
    @pytest.mark.parametrize(
        ("plan", "verdict"),
        [
            (samples.quiet(), "No changes"),
            (samples.small(), "1 change to apply"),
            (risky(RiskLevel.CAUTION), "1 change to apply"),
            (risky(RiskLevel.DANGER), "Not applied unless 1 danger is allowed by name"),
            (risky(RiskLevel.FORBIDDEN), "Cannot be applied: 1 reason"),
            (of(action=Action.BLOCKED, reason=Reason.PROTECTED, steps=()), "Cannot be applied: 1 reason"),
        ],
        ids=["nothing", "a change", "caution", "danger", "forbidden", "blocked"],
    )
    def test_the_first_line_says_whether_it_can_be_applied(self, plan, verdict):
        assert first(plan) == verdict

    def test_a_rehearsal_that_failed_comes_before_dangers(self):
        assert first(risky(RiskLevel.DANGER), rehearsal=FAILED) == "Would fail: 5 steps on a copy"
        assert first(samples.small(), rehearsal=REHEARSED) == "1 change to apply"

    @pytest.mark.parametrize("rehearsal", [REHEARSED, FAILED], ids=["done", "failed"])
    def test_a_rehearsal_is_told_whole(self, rehearsal):
        text = read(as_page.render(samples.small(), rehearsal=rehearsal)).body
        told = [headline(rehearsal), *(fact.text for fact in facts(rehearsal))]
        told += [subject(result) for result in (*rehearsal.outcome.failed, *rehearsal.outcome.skipped)]
        assert all(" ".join(one.split()) in text for one in told)

    def test_a_blocked_change_without_a_detail_says_why_all_the_same(self):
        blocked = of(action=Action.BLOCKED, reason=Reason.PROTECTED, steps=(), detail="")
        assert "protected: its manifest protects it" in read(as_page.render(blocked)).body


class TestFields:
    def test_only_sides_that_have_values_have_a_column(self):
        assert head_and_cells(of(FieldChange("a", ABSENT, 1))) == (["Field", "After"], ["After"])
        assert head_and_cells(of(FieldChange("a", 1, ABSENT))) == (["Field", "Before"], ["Before"])
        both = of(FieldChange("a", 1, ABSENT), FieldChange("b", ABSENT, 1))
        assert head_and_cells(both) == (["Field", "Before", "After"], ["Before", "After"] * 2)

    def test_what_stays_has_one_column(self):
        orphan = of(FieldChange("a", 1, ABSENT), action=Action.ORPHAN, reason=Reason.NOT_DECLARED, steps=())
        assert head_and_cells(orphan) == (["Field", "Now"], ["Now"])

    def test_a_policy_alone_has_lines_in_place_of_values(self):
        assert head_and_cells(of(FieldChange("policy", OLD_POLICY, NEW_POLICY))) == (["Field", "Difference"], [])

    def test_other_words_that_mean_the_same_are_told_so(self):
        page = read(
            as_page.render(of(FieldChange("policy", OLD_POLICY, OLD_POLICY.replace("Legacy", "Old"), cosmetic=True)))
        )
        assert "means the same" in page.body
        assert "(means the same)" in read(as_page.render(of(FieldChange("a", 1, 2, cosmetic=True)))).body

    def test_a_policy_that_did_not_exist_is_shown_whole(self):
        assert (
            "+ statement Root (Allow)" in read(as_page.render(of(FieldChange("policy", ABSENT, RENAMED_POLICY)))).body
        )

    def test_sensitive_values_are_not_in_the_page(self):
        page = as_page.render(of(FieldChange("token", "hunter2", "hunter3", sensitive=True)))
        assert "hunter" not in page
        assert "(sensitive)" in page


def test_many_changes_are_folded_under_their_titles():
    one = samples.created()
    several = [replace(one, address=replace(one.address, name=f"key-{number}")) for number in range(30)]
    for changes, unfolded in ((several[:2], 2), (several, 0)):
        page = read(as_page.render(replace(samples.small(), changes=tuple(changes))))
        entries = [each for each in page.all("details") if "entry" in each.attributes["class"]]
        assert len(entries) == len(changes)
        assert sum("open" in each.attributes for each in entries) == unfolded


def test_what_stays_as_it_is_is_listed_folded_away():
    page = read(as_page.render(samples.quiet()))
    assert "Unchanged (1)" in page.body


def test_a_strangers_name_breaks_out_of_no_attribute():
    name = '" autofocus onfocus="alert(1)" x="'
    page = read(as_page.render(replace(samples.small(), stack=name)))
    assert name in page.body
    assert not [one for one in page.elements if "onfocus" in one.attributes]
    assert hostile.HOSTILE not in as_page.render(hostile.hostile())
