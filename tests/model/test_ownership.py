"""How keys and grants say whose they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model.desired import Deletion
from reconciler.model.identifiers import Days
from reconciler.model.ownership import (
    DELETION_TAG,
    GENERATION_TAG,
    GRANTS_TAG,
    NAME_TAG,
    ROTATION_TAG,
    STACK_TAG,
    GrantName,
    Ownership,
    RotationMark,
    deletion_mark,
    marked_deletion,
    most_grants,
)

names = st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,20}[a-z0-9])?", fullmatch=True)
counts = st.integers(0, 10_000)


@given(st.builds(Ownership, names, names, st.integers(1, 99)))
def test_ownership_comes_back_from_tags(owner: Ownership) -> None:
    assert Ownership.of({**owner.tags(), "other": "tag"}) == owner


@pytest.mark.parametrize(
    "tags", [{}, {STACK_TAG: "s"}, {NAME_TAG: "n"}, {STACK_TAG: "", NAME_TAG: "n"}, {STACK_TAG: "s", NAME_TAG: ""}]
)
def test_a_key_without_stack_and_name_is_nobodys(tags):
    assert Ownership.of(tags) is None


@pytest.mark.parametrize("generation", [None, "", "x", "-1", "0", "²", "٣", "1.0", " 2"])
def test_a_generation_that_cannot_be_read_is_the_first(generation):
    tags = {STACK_TAG: "s", NAME_TAG: "n"} | ({} if generation is None else {GENERATION_TAG: generation})
    assert Ownership.of(tags) == Ownership("s", "n", 1)


@given(st.builds(RotationMark, counts, counts, st.one_of(st.none(), counts)))
def test_a_rotation_mark_comes_back_from_its_tag(mark: RotationMark) -> None:
    assert RotationMark.of({ROTATION_TAG: str(mark)}) == mark


@pytest.mark.parametrize("text", ["", "1", "1/", "/1", "1/x", "1/2/", "1/2/3/4", "-1/0", "²/1"])
def test_a_rotation_mark_that_cannot_be_read_is_none(text):
    assert RotationMark.of({ROTATION_TAG: text}) is None


@pytest.mark.parametrize("protect", [False, True])
@pytest.mark.parametrize("deletion", [Deletion(), Deletion("Schedule", Days(7)), Deletion("Schedule")])
def test_a_deletion_mark_comes_back_from_its_tag(deletion, protect):
    marked = Deletion(deletion.policy, deletion.window, protect)
    assert marked_deletion({DELETION_TAG: deletion_mark(marked)}) == marked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Delete",
        "Schedule",
        "Schedule/",
        "Schedule/6",
        "Schedule/31",
        "Schedule/7/x",
        "schedule/7",
        "Schedule/\u0667",
    ],
)
def test_a_deletion_mark_that_cannot_be_read_retains_the_key(text):
    assert marked_deletion({DELETION_TAG: text}) == Deletion()


def test_protection_holds_whatever_else_the_mark_says():
    assert marked_deletion({DELETION_TAG: "nonsense/protect"}) == Deletion(protect=True)
    assert marked_deletion({}) == Deletion()


@pytest.mark.parametrize(("text", "count"), [("", 0), ("0", 0), ("12", 12), ("-1", 0), ("many", 0), ("³", 0)])
def test_a_count_of_grants_that_cannot_be_read_is_none(text, count):
    assert most_grants({GRANTS_TAG: text}) == count


@given(names, names, st.text("0123456789abcdef", min_size=16, max_size=64))
def test_the_name_of_a_grant_comes_back_from_kms(stack: str, name: str, digest: str) -> None:
    called = GrantName.naming(stack, name, digest)
    assert GrantName.of(str(called)) == called
    assert (called.stack, called.name, len(called.content)) == (stack, name, 16)
    assert set(str(called)) <= set("abcdefghijklmnopqrstuvwxyz0123456789:/_-")


@pytest.mark.parametrize(
    "text", ["", "rds", "kmsctl:a:b", "kmsctl:a:b:c:d", "other:a:b:c", "kmsctl::b:c", "kmsctl:a:b:"]
)
def test_other_grants_have_no_name_of_ours(text):
    assert GrantName.of(text) is None
