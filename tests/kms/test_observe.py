"""What is read of an account, and in how many calls."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.model.identifiers import Days
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import ObservedRotation, Regions
from reconciler.model.ownership import GRANTS_TAG, ROTATION_TAG, Ownership, RotationMark
from reconciler.model.scope import Wanted
from tests.kms.estate import GRANTEE, RETIRER, STACK, Estate

SWEEPS = {"ListAliases": 1, "tagging:GetResources": 1}


def test_an_empty_account_costs_two_calls(estate: Estate) -> None:
    seen, calls = estate.counted()
    assert calls == SWEEPS
    assert (seen.keys, seen.aliases) == ({}, {})
    assert seen.account.account_id == "111122223333"
    assert seen.read_at == estate.clock.now()


def test_an_owned_key_is_read_with_description_state_and_tags_and_no_more(estate: Estate) -> None:
    key = estate.key("orders", tags={"team": "shop"}, Description="Orders", MultiRegion=True)
    seen, calls = estate.counted({"orders": Wanted()})
    assert calls == {**SWEEPS, "DescribeKey": 1}
    found = seen.keys[key]
    assert (found.key_id, found.description, found.state) == (key, "Orders", KeyState.ENABLED)
    assert found.arn == f"arn:aws:kms:us-east-1:111122223333:key/{key}"
    assert (found.key_spec, found.key_usage) == (KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT)
    assert (found.origin, found.multi_region, found.aws_managed) == (Origin.AWS_KMS, True, False)
    assert found.tags == {**Ownership(STACK, "orders", 1).tags(), "team": "shop"}
    assert found.created == estate.clock.now()
    assert (found.policy, found.rotation, found.grants, found.deletion_date) == (None, None, None, None)


def test_related_keys_are_told_of_by_each_of_them(estate: Estate) -> None:
    key = estate.key("orders", MultiRegion=True)
    estate.kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    estate.kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": "ap-south-1"})
    seen, _ = estate.counted({"orders": Wanted()})
    assert seen.keys[key].regions == Regions("us-east-1", ("ap-south-1", "eu-west-1"))
    assert (seen.keys[key].region, seen.keys[key].is_replica) == ("us-east-1", False)
    estate.kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": "eu-west-1"})
    seen, _ = estate.counted({"orders": Wanted()})
    assert seen.keys[key].regions == Regions("eu-west-1", ("ap-south-1", "us-east-1"))
    assert seen.keys[key].is_replica


def test_the_policy_is_read_when_it_is_declared(estate: Estate) -> None:
    key = estate.key("orders")
    seen, calls = estate.counted({"orders": Wanted(policy=True)})
    assert calls == {**SWEEPS, "DescribeKey": 1, "GetKeyPolicy": 1}
    assert json.loads(seen.keys[key].policy or "")["Statement"]


@pytest.mark.parametrize("period", [None, 90, 365])
def test_the_rotation_is_read_when_it_is_declared(estate: Estate, period: int | None) -> None:
    key = estate.key("orders")
    if period:
        estate.kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": period})
    seen, calls = estate.counted({"orders": Wanted(rotation=True)})
    assert calls == {**SWEEPS, "DescribeKey": 1, "GetKeyRotationStatus": 1}
    assert seen.keys[key].rotation == ObservedRotation(bool(period), Days(period) if period else None)


def test_a_key_that_cannot_rotate_is_not_asked_whether_it_does(estate: Estate) -> None:
    key = estate.key("orders", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    seen, calls = estate.counted({"orders": Wanted(rotation=True, serial=1)})
    assert calls == {**SWEEPS, "DescribeKey": 1}
    assert seen.keys[key].rotation is None


@pytest.mark.parametrize(
    ("mark", "serial", "asked"),
    [(None, 1, True), ("1/1", 2, True), ("2/1", 2, False), ("nonsense", 2, True), ("1/1", None, False)],
)
def test_past_rotations_are_counted_when_the_tag_says_another_serial(
    estate: Estate, mark: str | None, serial: int | None, asked: bool
) -> None:
    key = estate.key("orders", tags={ROTATION_TAG: mark} if mark else {})
    estate.kms("RotateKeyOnDemand", {"KeyId": key})
    seen, calls = estate.counted({"orders": Wanted(serial=serial)})
    assert seen.keys[key].rotation == (ObservedRotation(False, None, 1) if asked else None)
    assert calls == {
        **SWEEPS,
        "DescribeKey": 1,
        **({"GetKeyRotationStatus": 1, "ListKeyRotations": 1} if asked else {}),
    }


def test_automatic_rotations_are_not_counted_as_on_demand(estate: Estate, clock: ManualClock) -> None:
    key = estate.key("orders")
    estate.kms("EnableKeyRotation", {"KeyId": key, "RotationPeriodInDays": 90})
    clock.advance(timedelta(days=91))
    estate.kms("RotateKeyOnDemand", {"KeyId": key})
    rotation = estate.observe({"orders": Wanted(rotation=True, serial=1)}).keys[key].rotation
    assert rotation == ObservedRotation(True, Days(90), 1)
    assert str(RotationMark(1, rotation.on_demand_rotations or 0)) == "1/1"


def test_an_orphan_is_read_without_policy_and_rotation(estate: Estate) -> None:
    key = estate.key("forgotten")
    seen, calls = estate.counted({"orders": Wanted(policy=True, rotation=True)})
    assert list(seen.keys) == [key]
    assert calls == {**SWEEPS, "DescribeKey": 1}


def test_another_stacks_keys_are_not_read(estate: Estate) -> None:
    estate.key("orders", stack="other")
    estate.bare({"team": "shop"})
    seen, calls = estate.counted({"orders": Wanted()})
    assert (seen.keys, calls) == ({}, SWEEPS)


def test_a_key_whose_tags_are_half_ours_is_not_ours(estate: Estate) -> None:
    estate.bare({"kms.reconciler.dev/stack": STACK})
    assert estate.observe().keys == {}


def test_every_generation_of_a_key_is_read(estate: Estate) -> None:
    keys = {estate.bare(Ownership(STACK, "orders", generation).tags()) for generation in (1, 2)}
    seen, calls = estate.counted({"orders": Wanted(policy=True)})
    assert set(seen.keys) == keys
    assert calls["GetKeyPolicy"] == 2


def test_aliases_are_read_once_and_without_those_of_aws(estate: Estate) -> None:
    key = estate.key("orders")
    for name in ("alias/b", "alias/a"):
        estate.alias(name, key)
    seen, calls = estate.counted({"orders": Wanted()})
    assert list(seen.aliases) == ["alias/a", "alias/b"]
    assert {alias.key_id for alias in seen.aliases.values()} == {key}
    assert calls["ListAliases"] == 1


def test_a_key_pending_deletion_is_read_with_its_date_and_policy_but_not_its_rotation(estate: Estate) -> None:
    key = estate.key("orders")
    estate.kms("EnableKeyRotation", {"KeyId": key})
    estate.kms("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": 7})
    seen, calls = estate.counted({"orders": Wanted(policy=True, rotation=True, serial=1)})
    found = seen.keys[key]
    assert found.pending_deletion
    assert found.deletion_date == estate.clock.now() + timedelta(days=7)
    assert found.policy
    assert found.rotation is None
    assert calls == {**SWEEPS, "DescribeKey": 1, "GetKeyPolicy": 1}


def test_a_disabled_key_is_read_like_any_other(estate: Estate) -> None:
    key = estate.key("orders")
    estate.kms("DisableKey", {"KeyId": key})
    found = estate.observe({"orders": Wanted(policy=True, rotation=True)}).keys[key]
    assert found.state is KeyState.DISABLED
    assert found.rotation == ObservedRotation(False)


def test_a_key_that_waits_for_its_material_has_no_rotation_status(estate: Estate) -> None:
    key = estate.key("orders", Origin="EXTERNAL")
    found = estate.observe({"orders": Wanted(policy=True, rotation=True)}).keys[key]
    assert (found.state, found.rotation) == (KeyState.PENDING_IMPORT, None)


def test_grants_are_read_when_they_are_declared_or_the_tag_remembers_some(estate: Estate) -> None:
    declared, remembered, plain = estate.key("a"), estate.key("b", tags={GRANTS_TAG: "1"}), estate.key("c")
    estate.grant(declared, "g")
    wanted = {"a": Wanted(grants={"g": None}), "b": Wanted(), "c": Wanted()}
    seen, calls = estate.counted(wanted)
    assert calls["ListGrants"] == 2
    assert [len(seen.keys[key].grants or ()) for key in (declared, remembered)] == [1, 0]
    assert seen.keys[remembered].grants == ()
    assert seen.keys[plain].grants is None


def test_a_grant_is_read_with_all_its_terms(estate: Estate) -> None:
    key = estate.key("a")
    constraints = {"EncryptionContextSubset": {"tenant": "x"}}
    grant_id = estate.grant(key, "g", Constraints=constraints)
    (grant,) = estate.observe({"a": Wanted(grants={"g": None})}).keys[key].grants or ()
    assert (grant.grant_id, grant.key_id, grant.name) == (grant_id, key, "kmsctl:shop:g:0123456789abcdef")
    assert (grant.terms.grantee_principal, grant.terms.retiring_principal) == (GRANTEE, RETIRER)
    assert (grant.terms.grantee_service, grant.terms.retiring_service) == (None, None)
    assert grant.terms.operations == {"Decrypt", "Encrypt"}
    assert grant.terms.constraints.encryption_context_subset == {"tenant": "x"}
    assert grant.terms.constraints.encryption_context_equals == {}
    assert grant.issuing_account == "arn:aws:iam::111122223333:root"


def test_every_grant_of_the_stack_is_read_on_demand(estate: Estate) -> None:
    ours, foreign = estate.key("a"), estate.bare()
    estate.kms("CreateGrant", {"KeyId": ours, "GranteePrincipal": GRANTEE, "Operations": ["Decrypt"]})
    seen, calls = estate.counted({"a": Wanted()}, every_grant=True, external={foreign: Wanted()})
    assert calls["ListGrants"] == 1
    assert [grant.name for grant in seen.keys[ours].grants or ()] == [""]
    assert seen.keys[foreign].grants is None


def test_everything_shows_the_keys_of_others_with_their_tags(estate: Estate) -> None:
    ours, theirs, bare = estate.key("a"), estate.key("b", stack="other"), estate.bare(Description="bare")
    seen, calls = estate.counted({"a": Wanted(policy=True)}, everything=True)
    assert list(seen.keys) == sorted([ours, theirs, bare])
    assert Ownership.of(seen.keys[theirs].tags) == Ownership("other", "b", 1)
    assert (seen.keys[bare].description, seen.keys[bare].tags) == ("bare", {})
    assert calls == {**SWEEPS, "ListKeys": 1, "DescribeKey": 3, "GetKeyPolicy": 1}


def test_of_keys_of_others_as_much_is_read_as_is_wanted(estate: Estate) -> None:
    bare = estate.bare()
    estate.grant(bare, "g")
    everything = Wanted(policy=True, rotation=True, every_grant=True)
    seen, calls = estate.counted(everything=True, unmanaged=everything)
    assert calls == {
        **SWEEPS,
        "ListKeys": 1,
        "DescribeKey": 1,
        "GetKeyPolicy": 1,
        "GetKeyRotationStatus": 1,
        "ListGrants": 1,
    }
    found = seen.keys[bare]
    assert (bool(found.policy), found.rotation, len(found.grants or ())) == (True, ObservedRotation(False), 1)


@pytest.mark.parametrize("parallelism", [2, 8])
def test_the_reading_does_not_depend_on_parallelism(estate: Estate, parallelism: int) -> None:
    names = [f"k{n}" for n in range(30)]
    for name in names:
        estate.alias(f"alias/{name}", estate.granted(name))
    wanted = {name: Wanted(policy=True, rotation=True, grants={f"{name}-g": RETIRER}) for name in names}
    one = estate.observe(wanted, everything=True)
    many = estate.observe(wanted, everything=True, parallelism=parallelism)
    assert many == one
    assert list(many.keys) == list(one.keys) == sorted(one.keys)
    assert list(many.aliases) == sorted(many.aliases)


def test_equal_values_are_kept_once(estate: Estate) -> None:
    keys = [estate.key(name, tags={"team": "shop floor"}) for name in "ab"]
    for key in keys:
        estate.grant(key, "g")
    seen = estate.observe(dict.fromkeys("ab", Wanted(policy=True, grants={"g": None})))
    one, two = (seen.keys[key] for key in keys)
    assert one.policy is two.policy
    assert one.tags["team"] is two.tags["team"]
    assert one.grants and two.grants
    assert one.grants[0].terms.operations is two.grants[0].terms.operations
    assert one.grants[0].terms.constraints is two.grants[0].terms.constraints


def test_a_thousand_keys_in_full_cost_at_most_three_calls_and_a_tenth_each(estate: Estate) -> None:
    names = [f"k{n:04}" for n in range(1000)]
    for name in names:
        key = estate.granted(name)
        estate.alias(f"alias/{name}", key)
        estate.kms("EnableKeyRotation", {"KeyId": key})
    wanted = {name: Wanted(policy=True, rotation=True, grants={f"{name}-g": RETIRER}) for name in names}
    seen, calls = estate.counted(wanted)
    assert sum(calls.values()) / 1000 <= 3.1
    assert calls == {
        "DescribeKey": 1000,
        "GetKeyPolicy": 1000,
        "GetKeyRotationStatus": 1000,
        "ListAliases": 10,
        "ListRetirableGrants": 10,
        "tagging:GetResources": 10,
    }
    assert all(key.policy and key.rotation and len(key.grants or ()) == 1 for key in seen.keys.values())
    assert len(seen.aliases) == 1000
