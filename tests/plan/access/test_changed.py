"""Who gains and loses what by each change of a plan."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.diagnostics import Position
from reconciler.model.desired import Deletion, DesiredState
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import GRANTS_TAG
from reconciler.model.usage import NeverUsed
from reconciler.plan.access.changed import access_of
from reconciler.plan.planner import plan
from reconciler.plan.saved.codec import decode, encode
from tests.plan.access.saying import text
from tests.plan.build import (
    DB,
    PRUNE,
    RSA,
    declares,
    everywhere,
    has,
    has_grant,
    planned,
    there,
    wants,
    wants_grant,
    wants_replica,
)
from tests.support.pools import ACCOUNTS, POLICIES, policy, terms_of

GRANTED = {GRANTS_TAG: "1"}


def said(desired, observed, address="Key/db", options=None):
    change = planned(desired, observed, options)[address]
    return [text(one) for one in access_of(change, ACCOUNTS[change.address.target])]


def test_of_a_new_key_its_policy_or_the_default_one_is_all_new():
    assert said(declares(wants(policy=POLICIES[1])), there()) == [
        "+ root everything [DELEGATION]",
        "+ role/app Decrypt Encrypt [KEY_POLICY]",
    ]
    assert said(declares(wants(**RSA)), there()) == ["+ root everything [DELEGATION]"]


def test_a_replica_has_a_policy_of_its_own():
    desired = declares(wants(multi_region=True, policy=POLICIES[0]), wants_replica(policy=POLICIES[1]))
    assert said(desired, everywhere(there()), "ReplicaKey/db-eu@eu")[1:] == ["+ role/app Decrypt Encrypt [KEY_POLICY]"]


def test_of_a_policy_that_changes_what_differs_is_said():
    observed = there(has(policy=POLICIES[1]))
    assert said(declares(wants(policy=POLICIES[0])), observed) == ["- role/app Decrypt Encrypt [KEY_POLICY]"]


def test_of_a_policy_whose_old_text_is_not_shown_nobody_knows():
    change = planned(declares(wants(policy=POLICIES[0])), there(has(policy=POLICIES[1])))["Key/db"]
    hidden = access_of(replace(change, fields=()), ACCOUNTS[""])
    assert [text(one) for one in hidden] == ["+ root everything [DELEGATION]", "- ?  [UNKNOWN]"]


def test_a_key_in_sync_and_one_of_which_something_else_changes_say_nothing():
    observed = there(has(policy=POLICIES[1], description="old"))
    assert said(declares(wants(policy=POLICIES[1])), there(has(policy=POLICIES[1]))) == []
    assert said(declares(wants(policy=POLICIES[1], description="new")), observed) == []


def test_a_key_that_is_disabled_or_deleted_is_lost_to_everybody():
    unused = has(last_use=NeverUsed(), deletion=Deletion("Schedule"))
    assert said(declares(wants(enabled=False)), there(unused)) == ["- *  [DISABLED]"]
    assert said(DesiredState("default"), there(unused), options=PRUNE) == ["- *  [DELETION]"]


def test_a_key_that_is_opened_for_a_moment_was_lost_before():
    desired = declares(wants(enabled=False), wants_grant())
    assert said(desired, there(has(state=KeyState.DISABLED, tags=GRANTED))) == []


def test_a_grant_that_is_made_revoked_or_changed_is_said_with_the_terms_it_had():
    made, there_is = declares(wants(), wants_grant()), has(tags=GRANTED, grants=[has_grant()])
    more = declares(wants(), wants_grant(terms=terms_of("reader", operations=frozenset({"Decrypt", "Sign"}))))
    other = declares(wants(), wants_grant(terms=terms_of("writer", encryption_context_subset={"a": "1"})))
    assert said(made, there(has()), "Grant/reader") == ["+ role/reader Decrypt [GRANT]"]
    assert said(declares(wants()), there(there_is), "Grant/reader", PRUNE) == ["- role/reader Decrypt [GRANT]"]
    assert said(more, there(there_is), "Grant/reader") == ["+ role/reader Sign [GRANT]"]
    assert said(other, there(there_is), "Grant/reader") == [
        "+ role/writer Decrypt if kms:EncryptionContext:a 1 [GRANT]",
        "- role/reader Decrypt [GRANT]",
    ]


def test_a_grant_that_moves_to_another_key_is_gained_there_and_lost_here():
    grant = wants_grant(key=replace(DB, name="app"))
    observed = there(has(tags=GRANTED, grants=[has_grant()]), has("k-2", "app"))
    assert said(declares(wants(), wants("app"), grant), observed, "Grant/reader") == [
        "+ role/reader Decrypt [GRANT]",
        "- role/reader Decrypt [GRANT]",
    ]


def test_a_grant_that_is_there_twice_gives_nothing_more_than_once():
    twice = [has_grant(), has_grant(grant_id="g-2")]
    observed = there(has(tags=GRANTED, grants=twice))
    assert said(declares(wants(), wants_grant()), observed, "Grant/reader") == []


def test_a_change_says_where_the_statements_that_it_puts_stand():
    places = (Position("keys.yaml", 7), Position("keys.yaml", 9))
    desired = declares(wants(policy=POLICIES[1], statement_positions=places))
    made = plan(desired, there())
    assert made.changes[0].statement_positions == places
    assert decode(encode(made)).changes[0].statement_positions == places
    assert plan(desired, there(has(policy=POLICIES[1], description="x"))).changes[0].statement_positions == ()


def test_a_policy_of_other_words_is_no_change_of_access():
    other = policy(
        {"Sid": "x", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}
    )
    assert said(declares(wants(policy=other)), there(has(policy=POLICIES[0]))) == []
