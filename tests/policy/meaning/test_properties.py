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
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
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


@settings(PATIENT, max_examples=250)
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
