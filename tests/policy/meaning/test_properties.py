"""The comparison of meanings agrees with the evaluator, on policies and requests that nobody thought of."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from reconciler.policy.access.facts import facts_of_principal
from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.evaluate import Facts, Requester
from reconciler.policy.evaluate.question import Question
from reconciler.policy.meaning import Effectiveness, Undecided, Witness, effectiveness, witness
from tests.policy.evaluate import strategies as made
from tests.policy.evaluate.world import KEY, US

PATIENT = settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def said(document: PolicyDocument, who: str, action: str, facts: Facts, resource: str = KEY) -> Effectiveness:
    requester = Requester.of(who)
    known = {key: values for key, values in facts.items() if key not in ("aws:principalarn", "aws:username")}
    known |= {**facts_of_principal(requester), "aws:resourceaccount": (US,)}
    return effectiveness(document, Question(requester, action.lower(), resource), known, account=US)


def difference(one: PolicyDocument, other: PolicyDocument, key_arn: str | None = KEY) -> Any:
    return witness(one, other, account=US, partition="aws", key_arn=key_arn)


def bears_out(one: PolicyDocument, other: PolicyDocument, found: Witness) -> bool:
    given_ = {**found.given}
    before = said(one, found.principal, found.action, given_, found.resource)
    after = said(other, found.principal, found.action, given_, found.resource)
    return before is found.before and after is found.after and before is not after


requests = st.tuples(made.asking, made.asked, made.facts)


@PATIENT
@given(made.policies(), made.policies(), st.lists(requests, min_size=20, max_size=20))
def test_two_policies_differ_for_a_request_or_for_none(one, other, asked):
    before, after = parse_document(one), parse_document(other)
    found = difference(before, after)
    event(type(found).__name__)
    match found:
        case None:
            assert [said(before, *request) for request in asked] == [said(after, *request) for request in asked]
        case Witness():
            assert bears_out(before, after, found)
        case _:
            assert isinstance(found, Undecided)


def changed(policy: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """`policy` with one small change, which may mean nothing."""
    statements = [{**each} for each in policy["Statement"]]
    at = chance.randrange(len(statements))
    one = statements[at]
    match chance.randrange(7):
        case 0 if len(statements) > 1:
            del statements[at]
        case 1:
            statements.append({**chance.choice(statements), "Effect": chance.choice(["Allow", "Deny"])})
        case 2:
            one.pop("Condition", None)
        case 3 if isinstance(one.get("Action"), list):
            one["Action"] = one["Action"][1:] or one["Action"]
        case 4 if "Condition" in one:
            operator = chance.choice(sorted(one["Condition"]))
            key = chance.choice(sorted(one["Condition"][operator]))
            value = one["Condition"][operator][key]
            if isinstance(value, list) and len(value) > 1:
                one["Condition"] = {**one["Condition"], operator: {**one["Condition"][operator], key: value[1:]}}
        case 5 if "Condition" in one:
            operator = chance.choice(sorted(one["Condition"]))
            swaps = {"StringLike": "StringEquals", "StringEquals": "StringLike", "ArnLike": "StringLike"}
            moved = {swaps.get(name, name): tests for name, tests in one["Condition"].items()}
            if len(moved) == len(one["Condition"]):
                one["Condition"] = moved
        case _:
            one["Resource" if "Resource" in one else "NotResource"] = chance.choice(["*", KEY])
    return {**policy, "Statement": statements}


@settings(PATIENT, max_examples=150)
@given(made.policies(), st.integers(0, 10**9), st.lists(requests, min_size=40, max_size=40))
def test_what_a_small_change_means_is_found_or_there_is_nothing_to_find(policy, seed, asked):
    before, after = parse_document(policy), parse_document(changed(policy, random.Random(seed)))
    found = difference(before, after)
    event(type(found).__name__)
    match found:
        case None:
            assert [said(before, *request) for request in asked] == [said(after, *request) for request in asked]
        case Witness():
            assert bears_out(before, after, found)
        case _:
            assert isinstance(found, Undecided)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def pieces(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """`statement` as one for each principal, action and resource."""
    found = [statement]
    for element in ("Principal", "Action", "Resource"):
        if element in statement:
            found = [{**one, element: part} for one in found for part in parts(element, one[element])]
    return found


def parts(element: str, value: Any) -> list[Any]:
    if element != "Principal" or value == "*":
        return listed(value)
    return [{kind: name} for kind, names in value.items() for name in listed(names)]


def reworded(policy: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """`policy` taken to pieces, some of them twice or beside a narrower one, in another order."""
    found = [piece for statement in policy["Statement"] for piece in pieces(statement)]
    found += chance.sample(found, chance.randint(0, len(found)))
    narrower = [
        {**one, "Action": "kms:Decrypt"} for one in found if one.get("Action") in ("kms:*", "KMS:*", "*", "kms:DEC*")
    ]
    never = {"Null": {"aws:username": "true"}, "StringLike": {"aws:username": "*"}}
    found += [*narrower, {**chance.choice(found), "Condition": never}]
    chance.shuffle(found)
    return {**policy, "Statement": found}


@PATIENT
@given(made.policies(), st.integers(0, 10**9))
def test_a_policy_taken_to_pieces_and_said_again_means_what_it_meant(policy, seed):
    before, after = parse_document(policy), parse_document(reworded(policy, random.Random(seed)))
    assert difference(before, after) is None
    assert difference(after, before) is None


@PATIENT
@given(made.policies(), made.policies())
def test_a_difference_is_one_from_either_side_and_no_policy_differs_from_itself(one, other):
    before, after = parse_document(one), parse_document(other)
    there, back = difference(before, after), difference(after, before)
    assert (there is None) is (back is None)
    if isinstance(there, Witness) and isinstance(back, Witness):
        assert {there.before, there.after} != {there.before}
    assert difference(before, parse_document(one)) is None


@PATIENT
@given(made.policies(), made.statements(effect="Deny"))
def test_one_more_deny_is_no_difference_or_one_that_denies(policy, denying):
    before = parse_document({"Version": "2012-10-17", **policy})
    after = parse_document({"Version": "2012-10-17", **policy, "Statement": [*policy["Statement"], denying]})
    match difference(before, after):
        case Witness() as found:
            assert found.after is Effectiveness.DENIED
        case found:
            assert found is None or isinstance(found, Undecided)
