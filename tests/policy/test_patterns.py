"""IAM's wildcards."""

import fnmatch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.patterns import covers_action, is_literal, matches, matches_arn


@settings(deadline=None)
@given(pattern=st.text("ab*?"), text=st.text("ab"))
def test_patterns_match_as_the_shell_does_where_the_two_agree(pattern, text):
    assert matches(pattern, text) == fnmatch.fnmatchcase(text, pattern)


@pytest.mark.parametrize("pattern", ["[k]ms:PutKeyPolicy", "kms.PutKeyPolicy", "kms:PutKeyPolic", "kms:PutKeyPolicy?"])
def test_only_the_star_and_the_question_mark_are_wild(pattern):
    assert not matches(pattern, "kms:PutKeyPolicy")


def test_a_hostile_pattern_is_answered_at_once():
    assert not matches("*a" * 2_000 + "b", "a" * 10_000)


@pytest.mark.parametrize("pattern", ["*", "kms:*", "KMS:put*", "kms:PutKeyPolic?", "kms:putkeypolicy"])
def test_actions_are_covered_whatever_their_case(pattern):
    assert covers_action(["kms:Sign", pattern], "kms:PutKeyPolicy")
    assert not covers_action(["kms:Get*", "s3:*"], "kms:PutKeyPolicy")


def test_an_arn_pattern_is_compared_part_by_part():
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:x"
    assert matches_arn("arn:*:logs:*:111122223333:*", arn)
    assert not matches_arn("arn:aws:*:111122223333:log-group:x", arn)
    assert not matches_arn("*", arn)


@pytest.mark.parametrize(("text", "literal"), [("a", True), ("a*", False), ("?", False), ("${aws:userid}", False)])
def test_a_literal_has_no_wildcard_and_no_variable(text, literal):
    assert is_literal(text) is literal
