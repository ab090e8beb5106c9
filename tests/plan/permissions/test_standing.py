"""What must be allowed for good, whatever a plan comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptReplica,
    AdoptTags,
    AutomaticRotation,
    Deletion,
    ExternalPrimary,
    Ignore,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days
from reconciler.model.keyspec import KeySpec, KeyUsage
from reconciler.model.scope import scope_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.permissions import standing_permissions, undelegated_keys
from reconciler.plan.permissions.needs import allows
from reconciler.plan.permissions.policy import needs_of
from reconciler.plan.permissions.standing import standing_needs
from reconciler.plan.planner import plan
from tests.plan.build import (
    DB,
    declares,
    there,
    wants,
    wants_alias,
    wants_grant,
    wants_replica,
    wants_store,
)
from tests.plan.permissions.wording import (
    EU_ARN,
    FOREIGN,
    OURS,
    fed,
    said,
)
from tests.support.custody import CLUSTER
from tests.support.declared import desired_states
from tests.support.pools import ACCOUNTS, POLICIES, terms_of


def standing(*declared):
    desired = declares(*declared)
    return said(*standing_needs(desired, ACCOUNTS))


def actions(found, on="key/* " + OURS):
    return {need.partition(" ")[0] for need in found if need.partition(" ")[2].startswith(on)}


@pytest.mark.parametrize(
    ("key", "more"),
    [
        pytest.param({}, {"UntagResource"}, id="retained"),
        pytest.param({"deletion": Deletion(protect=True)}, {"UntagResource"}, id="protected"),
        pytest.param({"deletion": Deletion("Schedule", protect=True)}, set(), id="protected, to be deleted"),
        pytest.param({"deletion": Deletion("Schedule", Days(7))}, {"GetKeyLastUsage"}, id="to be deleted"),
        pytest.param({"enabled": False}, {"DisableKey", "GetKeyLastUsage", "UntagResource"}, id="disabled"),
        pytest.param(
            {"rotation": ManualRotation(Days(90), 1)}, {"DisableKey", "GetKeyLastUsage", "UntagResource"}, id="manual"
        ),
        pytest.param({"rotation": ManualRotation(Days(90))}, {"UntagResource"}, id="manual, all kept"),
        pytest.param({"description": "x"}, {"UpdateKeyDescription", "UntagResource"}, id="described"),
        pytest.param({"policy": POLICIES[0]}, {"GetKeyPolicy", "PutKeyPolicy", "UntagResource"}, id="its policy"),
        pytest.param(
            {
                "policy": POLICIES[0],
                "description": "x",
                "rotation": AutomaticRotation(),
                "ignore": Ignore((), frozenset({"policy", "description", "rotation"})),
            },
            {"UntagResource", "EnableKeyRotation"},
            id="what others manage",
        ),
        pytest.param(
            {"rotation": AutomaticRotation()},
            {"EnableKeyRotation", "GetKeyRotationStatus", "UntagResource"},
            id="automatic",
        ),
        pytest.param(
            {"rotation": NoRotation("x")}, {"DisableKeyRotation", "GetKeyRotationStatus", "UntagResource"}, id="none"
        ),
        pytest.param(
            {"rotation": OnDemandRotation(1)},
            {"RotateKeyOnDemand", "ListKeyRotations", "GetKeyRotationStatus", "UntagResource"},
            id="on demand",
        ),
        pytest.param(
            {"key_spec": KeySpec.ECC_NIST_P256, "key_usage": KeyUsage.SIGN_VERIFY, "rotation": NoRotation("x")},
            {"UntagResource"},
            id="one that cannot rotate",
        ),
    ],
)
def test_a_key_takes_what_its_fields_can_change(key, more):
    usual = {"DescribeKey", "ListResourceTags", "ListGrants", "TagResource", "CancelKeyDeletion", "EnableKey"}
    assert actions(standing(wants(**key))) == usual | more | {"ScheduleKeyDeletion"}


def test_a_deletion_is_allowed_with_the_declared_window_or_a_longer_one():
    found = standing(wants(deletion=Deletion("Schedule", Days(7))))
    assert f"ScheduleKeyDeletion key/* {OURS} if kms:ScheduleKeyDeletionPendingWindowInDays=7" in found


def test_imported_material_takes_its_imports_and_its_rotation():
    key = replace(fed(valid_to=None), rotation=ABSENT)
    assert {"GetParametersForImport", "ImportKeyMaterial", "RotateKeyOnDemand"} <= actions(standing(key))


@pytest.mark.parametrize(
    ("adopt", "resource"),
    [
        (AdoptKeyId("k-2"), "key/k-2"),
        (AdoptAlias(AliasName("alias/somebodys")), "key/* kms:ResourceAliases=alias/somebodys"),
        (AdoptTags({"app": "x"}), "key/* of the stack"),
        (AdoptReplica(), "key/* kms:MultiRegionKeyType=REPLICA"),
    ],
)
def test_a_key_that_is_adopted_is_known_by_what_it_has_before(adopt, resource):
    assert {f"TagResource {resource}", f"CancelKeyDeletion {resource}"} <= standing(wants(adopt=adopt))


def test_aliases_and_grants_are_kept_whoever_has_the_alias():
    found = standing(wants(), wants_alias("db", DB), wants_grant())
    behind = "key/* kms:ResourceAliases=alias/db"
    for need in ("CreateAlias alias/db", f"CreateAlias key/* {OURS}", f"UpdateAlias {behind}", f"DeleteAlias {behind}"):
        assert need in found
    assert {f"RevokeGrant key/* {OURS}", f"GetKeyLastUsage {behind}"} <= found
    assert any(need.startswith(f"CreateGrant key/* {OURS} if kms:GrantOperations=") for need in found)


def test_grants_on_keys_from_outside_are_kept_on_those_alone():
    found = standing(wants_grant(key=FOREIGN), wants_alias("x", "k-7"))
    assert {f"RevokeGrant {FOREIGN}", f"ListGrants {FOREIGN}", "CreateAlias key/k-7"} <= found
    assert not any("CreateKey" in need for need in found)


@pytest.mark.parametrize("primary", [None, ExternalPrimary(RUN_TARGET, "mrk-7")], ids=["declared", "from outside"])
def test_a_replica_takes_its_primary_in_the_other_region(primary):
    replica = wants_replica() if primary is None else replace(wants_replica(), primary=primary)
    found = standing(wants(multi_region=True, rotation=AutomaticRotation()), replica)
    original = f"key/* {OURS}" if primary is None else "key/mrk-7"
    assert {
        f"ReplicateKey {original} if kms:ReplicaRegion=eu-west-1",
        f"UpdatePrimaryRegion {original} if kms:PrimaryRegion=eu-west-1",
        f"UpdatePrimaryRegion {EU_ARN}key/* {OURS} if kms:PrimaryRegion=us-east-1",
    } <= found
    assert (f"EnableKeyRotation {EU_ARN}key/* {OURS}" in found) is (primary is None)


def test_a_custom_key_store_takes_all_four_operations():
    found = standing(wants_store(backing=CLUSTER))
    assert {f"{verb}CustomKeyStore *" for verb in ("Create", "Update", "Connect", "Disconnect")} <= found


def test_enough_grants_of_one_retiring_principal_are_read_by_it():
    retired = replace(terms_of("r"), retiring_principal="arn:aws:iam::111122223333:role/x")
    names = ["a", "b", "c"]
    grants = [wants_grant(name, Address(Kind.KEY, name), retired) for name in names]
    assert "ListRetirableGrants *" in standing(*map(wants, names), *grants)


def test_what_stands_is_a_policy_document():
    document = standing_permissions(declares(wants()), ACCOUNTS)
    assert document["Version"] == "2012-10-17"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=50)
@given(desired_states(targets=(RUN_TARGET,)))
def test_whatever_a_first_plan_takes_is_what_stands(desired):
    observed = there()
    planned = plan(desired, observed, PlanOptions())
    standing_ones = set(standing_needs(desired, ACCOUNTS))
    scopes = {RUN_TARGET: scope_of(desired)[RUN_TARGET]} if RUN_TARGET in scope_of(desired) else {}
    for need in needs_of(planned, observed, desired, scopes, apply=True):
        assert any(one.action == need.action and allows(one, need) for one in standing_ones), said(need)


NAMED = (
    '{"Version": "2012-10-17", "Statement": '
    '{"Effect": "Allow", "Principal": {"AWS": "%s"}, "Action": "%s", "Resource": "*"}}'
)


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        pytest.param(ABSENT, False, id="KMS's default policy"),
        pytest.param(NAMED % ("arn:aws:iam::111122223333:root", "kms:*"), False, id="the account"),
        pytest.param(NAMED % ("*", "kms:*"), False, id="everybody"),
        pytest.param(NAMED % ("arn:aws:iam::111122223333:root", "kms:Describe*"), True, id="the account, to look"),
        pytest.param(NAMED % ("arn:aws:iam::111122223333:role/admin", "kms:*"), True, id="somebody"),
    ],
)
def test_a_key_policy_that_leaves_nothing_to_iam_is_told(policy, told):
    assert undelegated_keys(declares(wants(policy=policy)), ACCOUNTS) == ((DB,) if told else ())
