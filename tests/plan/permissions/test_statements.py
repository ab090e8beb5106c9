"""Statements made of what must be allowed."""

from __future__ import annotations

import json

import pytest

from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.scope import scope_of
from reconciler.plan.permissions import permissions
from reconciler.plan.permissions.needs import ANYTHING, MOST_KEYS, Need, Resource, allows, statements
from reconciler.plan.permissions.place import Place
from reconciler.plan.planner import plan
from tests.plan.build import (
    DB,
    declares,
    has,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.plan.permissions.wording import (
    ALIAS,
    ARN,
    FOREIGN,
    PLACE,
)
from tests.support.pools import STACK


def test_the_document_is_the_same_however_the_plan_is_listed():
    desired = declares(wants(), wants_alias("db", DB), wants_grant())
    observed = there(has("k-2", "app"))
    planned = plan(desired, observed)
    document = permissions(planned, observed, desired, scope_of(desired))
    assert json.dumps(document) == json.dumps(permissions(planned, observed, desired, scope_of(desired)))
    for statement in document["Statement"]:
        assert statement["Action"] == sorted(statement["Action"])
        assert statement["Resource"] == sorted(statement["Resource"])


ONE, TWO = PLACE.key("k-1"), PLACE.key("k-2")


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        pytest.param(ANYTHING, ONE, True, id="anything"),
        pytest.param(PLACE.every, ONE, True, id="every key"),
        pytest.param(PLACE.ours, ONE, True, id="the stack's keys, one of them"),
        pytest.param(PLACE.ours, TWO, False, id="the stack's keys, and another"),
        pytest.param(ONE, PLACE.ours, False, id="one key, all keys"),
        pytest.param(PLACE.every, PLACE.alias(ALIAS), False, id="keys, and an alias"),
        pytest.param(PLACE.behind((ALIAS,)), PLACE.ours, False, id="two ways to pick keys"),
    ],
)
def test_a_wider_resource_makes_a_narrower_one_needless(wide, narrow, covered):
    assert wide.covers(narrow) is covered
    told = statements([Need("kms:DescribeKey", wide), Need("kms:DescribeKey", narrow)])
    named = [arn for statement in told for arn in statement["Resource"]]
    assert (len(named) == 1) is (covered or narrow.covers(wide))


@pytest.mark.parametrize(
    ("wide", "narrow", "allowed"),
    [
        pytest.param((), (("StringEquals", "k", ("a",)),), True, id="no condition"),
        pytest.param((("StringEquals", "k", ("a",)),), (), False, id="a condition, and none"),
        pytest.param((("StringEquals", "k", ("a", "b")),), (("StringEquals", "k", ("a",)),), True, id="more values"),
        pytest.param((("StringEquals", "k", ("a",)),), (("StringEquals", "k", ("a", "b")),), False, id="fewer values"),
        pytest.param(
            (("NumericGreaterThanEquals", "k", ("7",)),), (("NumericGreaterThanEquals", "k", ("30",)),), True, id="less"
        ),
        pytest.param(
            (("NumericGreaterThanEquals", "k", ("30",)),),
            (("NumericGreaterThanEquals", "k", ("7",)),),
            False,
            id="more",
        ),
    ],
)
def test_a_wider_condition_makes_a_narrower_one_needless(wide, narrow, allowed):
    assert allows(Need("a", ONE, wide), Need("a", ONE, narrow)) is allowed


@pytest.mark.parametrize(("count", "tagged"), [(MOST_KEYS, False), (MOST_KEYS + 1, True)])
def test_more_keys_of_the_stack_than_a_policy_holds_are_named_by_their_tag(count, tagged):
    place = Place.of(there(*(has(f"k-{n}", f"n-{n}") for n in range(count))).targets[RUN_TARGET], STACK)
    (statement,) = statements([Need("kms:EnableKey", place.key(f"k-{n}")) for n in range(count)])
    assert (statement["Resource"] == [ARN + "key/*"]) is tagged
    assert ("Condition" in statement) is tagged


def test_keys_of_others_are_named_one_by_one_however_many():
    needs = [Need("kms:EnableKey", Resource(f"{ARN}key/{n}")) for n in range(MOST_KEYS + 1)]
    assert len(statements(needs)[0]["Resource"]) == MOST_KEYS + 1


def test_what_looks_like_a_policy_variable_is_taken_as_it_is():
    assert PLACE.tagged({"a": "${aws:username}"}).condition == (
        ("StringEquals", "aws:ResourceTag/a", ("${$}{aws:username}",)),
    )


@pytest.mark.parametrize("reference", [ARN + "key/k-1", "k-1", "key/k-1", "alias/db", ARN + "alias/db"])
def test_a_key_is_one_whatever_it_is_called(reference):
    place = Place.of(there(has("k-1"), aliases={"db": "k-1"}).targets[RUN_TARGET], STACK)
    assert place.named(reference) == Resource(ARN + "key/k-1", ours=place.ours)


def test_a_key_of_another_account_is_nobodys_here():
    assert PLACE.key(FOREIGN) == Resource(FOREIGN)
