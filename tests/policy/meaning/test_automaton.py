"""Texts for each way in which patterns match together: none is missing, and each is what it is said to be."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.meaning import walk
from reconciler.policy.meaning.automaton import Automaton, Gap, Pattern
from reconciler.policy.meaning.walk import Wanted, texts_of
from reconciler.policy.patterns import matches

GAPS = {"*": Gap(run=True), "?": Gap(run=False)}


def pattern(text, *, fold=False):
    return Pattern(tuple(GAPS.get(character, character) for character in text), fold=fold)


def machine(*texts, fold=False):
    return Automaton({pattern(text, fold=fold): 1 << index for index, text in enumerate(dict.fromkeys(texts))})


patterns = st.lists(st.text("ab*?", max_size=5), min_size=1, max_size=4, unique=True)


@settings(deadline=None, max_examples=200)
@given(patterns, st.text("abc", max_size=6))
def test_a_text_has_the_marks_of_the_patterns_that_match_it(texts, text):
    expected = sum(1 << index for index, one in enumerate(texts) if matches(one, text))
    assert machine(*texts).marks_of(text) == expected


@settings(deadline=None, max_examples=200)
@given(patterns)
def test_every_way_to_match_together_is_found(texts):
    ready = machine(*texts)
    found = texts_of(ready, Wanted())
    assert found.complete
    assert all(ready.marks_of(text) == marks for marks, text in found.by_marks.items())
    tried = ("".join(some) for length in range(6) for some in itertools.product("abc", repeat=length))
    assert {ready.marks_of(text) for text in tried} <= found.by_marks.keys()


def test_known_texts_come_first():
    assert texts_of(machine("a*"), Wanted(), ["attic", "nothing"]).by_marks == {1: "attic", 0: "nothing"}


def test_texts_to_avoid_are_avoided_where_there_are_others():
    found = texts_of(machine("a*", "b"), Wanted(avoid=frozenset({"", "a", "b"})))
    assert found.by_marks == {0: "x", 1: "ax"}
    found = texts_of(machine("a?b"), Wanted("a", avoid=frozenset({"axb"})))
    assert found.by_marks[1] == "ayb"


def test_the_rest_of_a_text_consists_of_what_is_wanted():
    found = texts_of(machine("a*", "*7"), Wanted("a", str.isdigit))
    assert found.by_marks == {1: "a", 3: "a7"}


def test_where_every_character_is_asked_for_no_other_is_tried():
    found = texts_of(machine("0", "1"), Wanted(characters="01".__contains__))
    assert found.by_marks == {0: "", 1: "0", 2: "1"}


def test_case_counts_unless_it_is_folded():
    folded, exact = pattern("aB", fold=True), pattern("ab")
    ready = Automaton({folded: 1, exact: 2})
    assert [ready.marks_of(text) for text in ("ab", "AB", "aB", "a")] == [3, 1, 1, 0]
    assert set(texts_of(ready, Wanted()).by_marks) == {0, 1, 3}


def test_no_colon_fits_a_part_of_an_arn():
    part = Gap(run=True, within_part=True)
    ready = Automaton({Pattern(("a", part, ":", Gap(run=False, within_part=True))): 1})
    assert [ready.marks_of(text) for text in ("ax:y", "a:y", "a::", "ax:y:y")] == [1, 1, 0, 0]
    assert set(texts_of(ready, Wanted()).by_marks) == {0, 1}


def test_a_walk_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(walk, "STEPS", 20)
    many = [f"*{one}{other}*" for one, other in itertools.permutations("abcd", 2)]
    assert not texts_of(machine(*many), Wanted()).complete


@pytest.mark.parametrize("count", [2, 9])
def test_patterns_with_one_mark_are_left_out_when_nothing_new_can_come(count):
    ready = Automaton({pattern(f"team-{number}-*"): 1 << number % count for number in range(40)})
    assert len(texts_of(ready, Wanted()).by_marks) == count + 1
