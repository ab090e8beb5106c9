"""A deny never becomes an allow by reordering: of statements, of policies, of tags, of grants, on the engine itself."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from tests.engine.conftest import START
from tests.engine.laws.effort import effort
from tests.support.people import MAIN, OTHER, people, role, user

BOB, APP = f"arn:aws:iam::{MAIN}:user/bob", f"arn:aws:iam::{MAIN}:role/app"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
CALLERS = (BOB, APP, EVE)
ROOT = f"arn:aws:iam::{MAIN}:root"
CONTEXTS = ({}, {"tenant": "a"}, {"tenant": "b", "row": "1"})
ACTIONS = ("kms:Encrypt", "kms:DescribeKey", "kms:*", "kms:Enc*", "kms:GenerateDataKey")
CONDITIONS = (
    {},
    {"StringEquals": {"kms:EncryptionContext:tenant": "a"}},
    {"StringNotEquals": {"kms:EncryptionContext:tenant": "a"}},
    {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["tenant"]}},
    {"StringEqualsIfExists": {"aws:ResourceTag/team": ["x", "y"]}},
    {"Null": {"aws:ResourceTag/stage": "true"}},
)
effects = st.sampled_from(["Allow", "Deny"])
bodies = st.tuples(effects, st.sampled_from(ACTIONS), st.sampled_from(CONDITIONS))


def statement(body, **principal):
    effect, action, condition = body
    made = {"Effect": effect, "Action": action, "Resource": "*", **principal}
    return made | ({"Condition": condition} if condition else {})


named = st.sampled_from([*CALLERS, ROOT, MAIN, OTHER, "*"])
key_statements = st.builds(lambda body, who: statement(body, Principal={"AWS": who}), bodies, named)
iam_policies = st.lists(bodies.map(statement), min_size=1, max_size=3)
grants = st.fixed_dictionaries(
    {
        "GranteePrincipal": st.sampled_from(CALLERS),
        "Operations": st.sampled_from([["Encrypt"], ["Encrypt", "DescribeKey"]]),
    },
    optional={
        "Constraints": st.sampled_from(
            [{"EncryptionContextEquals": {"tenant": "a"}}, {"EncryptionContextSubset": {"row": "1"}}]
        )
    },
)
tags = st.dictionaries(st.sampled_from(["team", "stage", "other"]), st.sampled_from(["x", "y", "z"]))


@dataclass(frozen=True)
class Setting:
    """All that decides about a key, in an order."""

    statements: tuple
    iam: tuple
    """Policies of each of `CALLERS`, which are statements."""
    grants: tuple
    tags: tuple


@st.composite
def settings(draw):
    """A setting, and the same in another order."""
    parts = (
        draw(st.lists(key_statements, min_size=1, max_size=4)),
        [draw(st.lists(iam_policies, max_size=2)) for _ in CALLERS],
        draw(st.lists(grants, max_size=3)),
        list(draw(tags).items()),
    )
    statements, iam, given_grants, given_tags = parts
    shuffled = [[draw(st.permutations(policy)) for policy in draw(st.permutations(policies))] for policies in iam]
    other = (statements, given_grants, given_tags)
    moved = [draw(st.permutations(part)) for part in other]
    return Setting(statements, iam, given_grants, given_tags), Setting(moved[0], shuffled, moved[1], moved[2])


@contextmanager
def placed(setting):
    """A key in an engine, in a setting."""
    folder = Path(tempfile.mkdtemp())
    documents = [
        [{"Version": "2012-10-17", "Statement": list(policy)} for policy in policies] for policies in setting.iam
    ]
    population = people(user(BOB, *documents[0]), role(APP, *documents[1]), user(EVE, *documents[2]))
    try:
        with Engine.open(folder / "data", clock=ManualClock(START), identities=population) as engine:
            kms = engine.client()
            entries = [{"TagKey": name, "TagValue": value} for name, value in setting.tags]
            key = kms("CreateKey", {"Tags": entries})["KeyMetadata"]["Arn"]
            for grant in setting.grants:
                kms("CreateGrant", {"KeyId": key, **grant})
            policy = json.dumps({"Version": "2012-10-17", "Statement": list(setting.statements)})
            kms("PutKeyPolicy", {"KeyId": key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": True})
            yield engine, key
    finally:
        shutil.rmtree(folder)


def decisions(engine, key):
    """Who may do what, by caller, operation and encryption context."""
    calls = [("DescribeKey", {})]
    calls += [("Encrypt", {"Plaintext": b"x", "EncryptionContext": context}) for context in CONTEXTS]
    calls += [("GenerateDataKey", {"KeySpec": "AES_256"})]
    return {
        (caller, number): allowed(engine.client(principal=caller), operation, {"KeyId": key, **given})
        for caller in CALLERS
        for number, (operation, given) in enumerate(calls)
    }


def allowed(client, operation, parameters):
    try:
        client(operation, parameters)
    except KmsError as error:
        assert error.code == "AccessDeniedException", error
        return False
    return True


@effort(30)
@given(settings())
def test_no_order_of_statements_policies_tags_and_grants_decides(pair):
    with ExitStack() as stack:
        one, other = (decisions(*stack.enter_context(placed(setting))) for setting in pair)
        assert one == other


@effort(12)
@given(settings(), st.sampled_from(CALLERS), st.data())
def test_a_deny_denies_wherever_it_stands(pair, caller, data):
    setting, denial = pair[0], {"Effect": "Deny", "Principal": {"AWS": caller}, "Action": "kms:*", "Resource": "*"}
    place = data.draw(st.integers(0, len(setting.statements)))
    statements = [*setting.statements[:place], denial, *setting.statements[place:]]
    denied = Setting(statements, setting.iam, setting.grants, setting.tags)
    with placed(setting) as without, placed(denied) as within:
        before, after = decisions(*without), decisions(*within)
    assert not any(yes for (who, _), yes in after.items() if who == caller)
    others = {question for question in before if question[0] != caller}
    assert {q: before[q] for q in others} == {q: after[q] for q in others}


@pytest.mark.parametrize("caller", CALLERS)
def test_everybody_is_allowed_something_by_somebody(caller):
    """The laws above compare decisions of which some are allowed."""
    everything = statement(("Allow", "kms:*", {}))
    setting = Setting([statement(("Allow", "kms:*", {}), Principal={"AWS": "*"})], [[[everything]]] * 3, [], [])
    with placed(setting) as (engine, key):
        assert all(yes for (who, _), yes in decisions(engine, key).items() if who == caller)
