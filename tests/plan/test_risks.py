"""What could go wrong with a change, and which keys' last use has to be known for saying so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.model.desired import Deletion, DesiredState, ManualRotation
from reconciler.model.identifiers import AliasName, Days, KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import GRANTS_TAG
from reconciler.model.usage import NeverUsed, UsageUnknown, UsedAt
from reconciler.plan.changes import RiskLevel
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan, usage_questions
from tests.plan.build import (
    DB,
    IMPORTED,
    PRUNE,
    RSA,
    declares,
    has,
    has_grant,
    names,
    only,
    pending,
    planned,
    there,
    wants,
    wants_alias,
    wants_grant,
)
from tests.support.pools import ACCOUNT_ID, POLICIES, READ_AT, allow, policy

APP = replace(DB, name="app")
RECENT = UsedAt(READ_AT - timedelta(days=90))
LONG_AGO = UsedAt(READ_AT - timedelta(days=91))
PUBLIC, PARTNER = POLICIES[2], POLICIES[3]


def found(change):
    return {(risk.name, risk.level) for risk in change.risks}


@pytest.mark.parametrize(
    ("use", "name", "level"),
    [
        pytest.param(RECENT, "key-in-use", RiskLevel.DANGER, id="used lately"),
        pytest.param(UsageUnknown("no record"), "key-in-use", RiskLevel.DANGER, id="nobody knows"),
        pytest.param(None, "key-in-use", RiskLevel.DANGER, id="not read"),
        pytest.param(LONG_AGO, "disable-key", RiskLevel.CAUTION, id="used long ago"),
        pytest.param(NeverUsed(), "disable-key", RiskLevel.CAUTION, id="never used"),
    ],
)
def test_disabling_a_key_is_as_dangerous_as_its_last_use_is_recent(use, name, level):
    assert found(only(declares(wants(enabled=False)), there(has(last_use=use)))) == {(name, level)}


def test_how_recent_is_for_the_reader_to_say():
    desired, observed = declares(wants(enabled=False)), there(has(last_use=RECENT))
    assert names(only(desired, observed, PlanOptions(in_use_within=timedelta(days=30)))) == ["disable-key"]


@pytest.mark.parametrize(("use", "name"), [(RECENT, "key-in-use"), (NeverUsed(), "schedule-deletion-key")])
def test_scheduling_a_deletion_is_judged_likewise(use, name):
    key = has(deletion=Deletion("Schedule"), last_use=use)
    assert names(only(DesiredState("default"), there(key), PRUNE)) == [name]


@pytest.mark.parametrize(("manifest", "tag"), [(True, True), (True, False), (False, True)])
def test_disabling_a_protected_key_is_forbidden_until_an_apply_has_lifted_the_protection(manifest, tag):
    desired = declares(wants(enabled=False, deletion=Deletion(protect=manifest)))
    change = only(desired, there(has(deletion=Deletion(protect=tag), last_use=NeverUsed())))
    assert ("protected-key", RiskLevel.FORBIDDEN) in found(change)


def test_opening_a_disabled_key_for_a_moment_is_not_disabling_it():
    key = has(state=KeyState.DISABLED, deletion=Deletion(protect=True), tags={GRANTS_TAG: "1"})
    desired = declares(wants(enabled=False, deletion=Deletion(protect=True)), wants_grant())
    observed = there(key)
    change = planned(desired, observed)["Key/db"]
    assert found(change) == {("opens-key", RiskLevel.CAUTION)}
    assert usage_questions(plan(desired, observed), observed) == {}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(PUBLIC, POLICIES[0], ["public-policy"], id="opened to the world"),
        pytest.param(PARTNER, POLICIES[0], ["external-account"], id="another account"),
        pytest.param(
            policy(allow("Only", {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/x"}, "kms:Decrypt")),
            POLICIES[0],
            ["last-administrator", "policy-lockout", "wider-use"],
            id="nobody can change it again",
        ),
        pytest.param(PARTNER, "cannot be read", ["external-account"], id="after one that cannot be read"),
    ],
)
def test_a_policy_is_judged_by_whom_it_lets_in_and_out(new, old, expected):
    assert names(only(declares(wants(policy=new)), there(has(policy=old)))) == expected


def test_what_a_policy_allowed_before_is_no_news():
    assert names(only(declares(wants(policy=POLICIES[2])), there(has(policy=policy(*_public_and_more()))))) == []
    both = policy(allow("P", {"AWS": "444455556666"}, "kms:Encrypt"), allow("R", {"AWS": ACCOUNT_ID}, "kms:*"))
    assert names(only(declares(wants(policy=PARTNER)), there(has(policy=both)))) == []


def _public_and_more():
    return allow("P", "*", "kms:Encrypt"), allow("R", {"AWS": ACCOUNT_ID}, "kms:*")


def test_the_policy_of_a_new_key_is_judged_too():
    assert names(only(declares(wants(policy=PUBLIC)), there())) == ["public-policy"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(has("k-2", "app", last_use=RECENT), ["alias-leaves-key-in-use"], id="in use"),
        pytest.param(has("k-2", "app", last_use=NeverUsed()), [], id="never used"),
        pytest.param(pending("k-2", "app"), [], id="awaiting deletion"),
        pytest.param(has("k-2", None, last_use=NeverUsed()), ["alias-takeover"], id="not of the stack"),
    ],
)
def test_an_alias_that_leaves_a_key_is_as_dangerous_as_the_key_is_used(key, expected):
    desired = declares(wants(), wants("app"), wants_alias("db", DB))
    assert names(planned(desired, there(has(), key, aliases={"db": "k-2"}))["Alias/db"]) == expected


def test_an_alias_that_is_deleted_leaves_its_key_without_another():
    observed = there(has(last_use=RECENT), aliases={"extra": "k-1"})
    change = planned(declares(wants()), observed, PRUNE)["Alias/extra"]
    assert found(change) == {("alias-leaves-key-in-use", RiskLevel.DANGER)}
    assert "gets an error" in change.risks[0].why


def test_an_alias_that_moves_back_within_a_name_is_no_danger():
    desired = declares(wants(), wants_alias("db", DB))
    observed = there(has("k-0", last_use=RECENT), has(generation=2), aliases={"db": "k-0"})
    assert names(planned(desired, observed)["Alias/db"]) == []


@pytest.mark.parametrize(
    ("fields", "real", "expected"),
    [
        pytest.param({}, {}, [], id="usable"),
        pytest.param({"enabled": False}, {}, ["alias-to-unusable-key"], id="declared disabled"),
        pytest.param({"enabled": True}, {"state": KeyState.DISABLED}, [], id="enabled by the same plan"),
        pytest.param(
            IMPORTED, {"state": KeyState.PENDING_IMPORT, **IMPORTED}, ["alias-to-unusable-key"], id="without material"
        ),
    ],
)
def test_an_alias_must_not_move_to_a_key_that_cannot_be_used(fields, real, expected):
    desired = declares(wants(**fields), wants("app"), wants_alias("db", DB))
    app = has("k-2", "app", last_use=NeverUsed())
    assert names(planned(desired, there(has(**real), app, aliases={"db": "k-2"}))["Alias/db"]) == expected


def test_an_alias_must_not_move_to_a_strangers_disabled_key_nor_be_made_anew_for_one():
    stranger = has("k-9", None, state=KeyState.DISABLED)
    moving = planned(
        declares(wants("app"), wants_alias("db", "k-9")),
        there(stranger, has("k-2", "app", last_use=NeverUsed()), aliases={"db": "k-2"}),
    )["Alias/db"]
    anew = planned(
        declares(wants("app", **RSA), wants_alias("db", "k-9")),
        there(stranger, has("k-2", "app", last_use=NeverUsed(), **RSA), aliases={"db": "k-2"}),
    )["Alias/db"]
    assert names(moving) == ["alias-to-unusable-key"]
    assert names(anew) == ["alias-to-unusable-key", "alias-gap"]


def test_revoking_a_grant_is_a_caution():
    observed = there(has(tags={GRANTS_TAG: "1"}, grants=[has_grant()]))
    assert found(planned(declares(wants()), observed, PRUNE)["Grant/reader"]) == {("revokes-grant", RiskLevel.CAUTION)}


def test_risks_are_listed_with_the_worst_first():
    change = only(declares(wants(policy=policy(allow("P", "*", "kms:Decrypt")))), there(has(policy=PARTNER)))
    assert names(change) == ["last-administrator", "policy-lockout", "public-policy"]


def test_last_use_is_asked_for_where_it_decides_and_was_not_read():
    desired = declares(wants(enabled=False), wants("app"), wants_alias("db", DB))
    observed = there(has(), has("k-2", "app"), aliases={"db": "k-2"})
    assert usage_questions(plan(desired, observed), observed) == {"": frozenset({"k-1", "k-2"})}


def test_last_use_is_not_asked_for_twice_nor_of_keys_that_were_not_read():
    desired = declares(wants(enabled=False), wants_alias("db", DB))
    observed = there(has(last_use=RECENT), aliases={"db": "k-unread"})
    assert usage_questions(plan(desired, observed), observed) == {}


def test_last_use_of_the_keys_that_a_rotation_disables_is_asked_for():
    desired = declares(wants(rotation=ManualRotation(Days(90), keep=0)))
    observed = there(has(age=100))
    assert usage_questions(plan(desired, observed), observed) == {"": frozenset({KeyId("k-1")})}


def test_an_alias_that_points_nowhere_leaves_nothing():
    observed = there(has(), aliases={"db": "k-1"})
    target = observed.targets[""]
    aliases = {AliasName("alias/db"): replace(target.aliases[AliasName("alias/db")], key_id=None)}
    observed = replace(observed, targets={"": replace(target, aliases=aliases)})
    assert names(planned(declares(wants(), wants_alias("db", DB)), observed)["Alias/db"]) == []
