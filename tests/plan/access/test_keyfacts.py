"""Keys of a stack as the analysis of access sees them."""

from __future__ import annotations

import pytest

from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.keyspec import KeySpec, KeyUsage
from reconciler.plan.access.keyfacts import facts_of_terms, planned_keys
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import GrantFacts, Unparsable
from tests.plan.build import (
    DB,
    DB_EU,
    RSA,
    declares,
    everywhere,
    has,
    has_grant,
    there,
    wants,
    wants_alias,
    wants_grant,
    wants_replica,
)
from tests.support.pools import ACCOUNT_ID, POLICIES


def test_a_key_is_seen_as_it_is():
    keys = planned_keys(
        there(has(policy=POLICIES[1], grants=[has_grant()], **RSA), aliases={"db": "k-1"}), declares(wants(**RSA))
    )
    facts = keys[DB]
    assert (facts.account, facts.region, facts.partition) == (ACCOUNT_ID, "us-east-1", "aws")
    assert (facts.spec, facts.usage, facts.aliases) == (KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, ("alias/db",))
    assert isinstance(facts.policy, PolicyDocument)
    assert [grant.operations for grant in facts.grants] == [frozenset({"Decrypt"})]


@pytest.mark.parametrize("text", [None, "no JSON"])
def test_a_policy_that_was_not_read_counts_as_one_that_cannot_be_read(text):
    assert isinstance(planned_keys(there(has(policy=text)), declares(wants()))[DB].policy, Unparsable)


def test_a_key_that_no_manifest_declares_is_there_too():
    assert planned_keys(there(has(policy=POLICIES[0])), declares()).keys() == {DB}


def test_a_plan_that_is_simulated_leaves_its_keys_grants_and_aliases():
    desired = declares(wants(policy=POLICIES[1]), wants("app"), wants_alias("db", DB), wants_grant())
    observed = there()
    facts = planned_keys(simulate(plan(desired, observed), observed), desired)
    assert [grant.grantee for grant in facts[DB].grants] == [f"arn:aws:iam::{ACCOUNT_ID}:role/reader"]
    assert facts[DB].aliases == ("alias/db",)
    default = facts[DB.__class__(DB.kind, "app")].policy
    assert isinstance(default, PolicyDocument)
    assert default.id == "key-default-1"


def test_a_replica_has_its_own_policy_and_says_that_it_is_one():
    desired = declares(wants(multi_region=True, policy=POLICIES[1]), wants_replica(policy=POLICIES[0]))
    observed = everywhere(there())
    facts = planned_keys(simulate(plan(desired, observed), observed), desired)
    assert (facts[DB].replica, facts[DB_EU].replica, facts[DB_EU].multi_region) == (False, True, True)
    assert facts[DB].policy != facts[DB_EU].policy


def test_constraints_that_a_grant_has_not_are_none():
    terms = GrantTerms(None, "s3.amazonaws.com", None, None, frozenset({"Decrypt"}), GrantConstraints({"a": "1"}))
    expected = GrantFacts("g", "s3.amazonaws.com", frozenset({"Decrypt"}), {"a": "1"}, None, None)
    assert facts_of_terms("g", terms) == expected
