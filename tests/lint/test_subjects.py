"""What becomes of manifests, and of keys that are there, before checks look at them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.lint import IdentitySubject, lint, subjects_live, subjects_of
from reconciler.lint.policytext import read_policy
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.address import Address, Kind
from reconciler.model.desired import AutomaticRotation, GrantTerms
from reconciler.model.identifiers import RUN_TARGET, Days
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import (
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedRotation,
    ObservedState,
    ObservedTarget,
)
from tests.lint.build import ACCOUNT, ARN, DEPLOYER, KEY_ID, NOW, declared, manifest, policy

GRANT = {"keyRef": {"name": "k"}, "granteePrincipal": "role/batch", "operations": ["Verify"]}


def key(spec, *others):
    return next(one for one in declared(manifest("Key", "k", spec), *others) if one.resource == "Key/k")


def observed(**fields):
    there = ObservedKey(
        KEY_ID, ARN, KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, Origin.AWS_KMS, KeyState.ENABLED, NOW
    )
    aliases = {"alias/b": ObservedAlias("alias/b", KEY_ID), "alias/a": ObservedAlias("alias/a", KEY_ID)}
    target = ObservedTarget(ACCOUNT, NOW, {KEY_ID: replace(there, **fields)}, aliases)
    return ObservedState({RUN_TARGET: target})


def test_a_declared_key_has_its_account_aliases_and_grants():
    spec = {"keySpec": "RSA_3072", "keyUsage": "SIGN_VERIFY", "aliases": ["b"]}
    grant = manifest("Grant", "g", {**GRANT, "granteePrincipal": DEPLOYER})
    found = key(spec, manifest("Alias", "a", {"name": "a", "keyRef": {"name": "k"}}), grant)
    assert (found.account, found.region, found.caller) == ("111122223333", "us-east-1", DEPLOYER)
    assert found.aliases == ("alias/a", "alias/b")
    assert [(one.resource, one.terms.operations) for one in found.grants] == [("Grant/g", frozenset({"Verify"}))]
    assert (found.policy, found.tags, found.rotation) == (ABSENT, ABSENT, ABSENT)


def test_aliases_and_grants_of_other_keys_are_not_its():
    key_arn = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321"
    theirs = manifest("Alias", "a", {"name": "a", "key": key_arn})
    grant = manifest("Grant", "g", {"key": key_arn, "granteePrincipal": DEPLOYER, "operations": ["Decrypt"]})
    found = key({}, theirs, grant)
    assert (found.aliases, found.grants) == ((), ())


def test_of_an_account_that_is_not_known_nothing_is_said():
    manifests = load([Source("1.yaml", manifest("Key", "k", {"policy": {"accounts": ["444455556666"]}}))])
    (found,) = subjects_of(desire(manifests, stack="default", accounts={}))
    assert (found.account, found.region, found.caller) == (None, None, None)
    assert "KC206" not in {one.check.id for one in lint([found])}


def test_what_somebody_else_manages_is_not_known():
    found = key({"ignore": {"fields": ["tags", "policy", "rotation", "description", "enabled"]}})
    assert (found.tags, found.policy, found.rotation, found.description, found.enabled) == (None,) * 5


def test_what_an_adopted_key_has_already_is_not_known_and_its_rotation_is_asked_for():
    found = key({"adopt": {"alias": "k"}})
    assert (found.tags, found.policy, found.description, found.rotation) == (None, None, None, ABSENT)


def test_a_replica_leaves_rotation_to_its_primary():
    target = manifest("Target", "ireland", {"backend": "local", "region": "eu-west-1"})
    primary = manifest("Key", "k", {"multiRegion": True, "rotation": {"automatic": {}}})
    replica = manifest("ReplicaKey", "r", {"targetRef": {"name": "ireland"}, "primaryRef": {"name": "k"}})
    one, other = declared(target, primary, replica)
    assert (one.replicas, one.replica, other.replica, other.region) == (
        ("ReplicaKey/r@ireland",),
        False,
        True,
        "eu-west-1",
    )
    assert not {"KC401", "KC405", "KC506"} & {found.check.id for found in lint([other])}


def test_a_live_key_has_what_was_read():
    grant = ObservedGrant("g-1", KEY_ID, "", GrantTerms(DEPLOYER, None, None, None, frozenset({"Decrypt"})))
    named = replace(grant, name="batch")
    rotation = ObservedRotation(True, Days(200), 3)
    (found,) = subjects_live(observed(policy=policy(), rotation=rotation, grants=(grant, named), description="x"))
    assert (found.resource, found.arn, found.position, found.state) == (ARN, ARN, None, KeyState.ENABLED)
    assert (found.rotation, found.on_demand_rotations) == (AutomaticRotation(Days(200)), 3)
    assert [one.resource for one in found.grants] == ["g-1", "batch"]
    assert (found.aliases, found.description, found.enabled) == (("alias/a", "alias/b"), "x", True)


def test_what_was_not_read_of_a_live_key_is_not_known():
    (found,) = subjects_live(observed())
    assert (found.policy, found.rotation, found.on_demand_rotations, found.grants) == (None, None, None, ())
    assert {one.check.id for one in lint([found])} == {"KC507"}


def test_a_rotation_without_a_period_is_a_years():
    (found,) = subjects_live(observed(rotation=ObservedRotation(True)))
    assert found.rotation == AutomaticRotation(Days(365))


def test_a_live_key_is_called_what_its_manifest_calls_it():
    address = Address(Kind.KEY, "k")
    (found,) = subjects_live(observed(), {(RUN_TARGET, KEY_ID): address})
    assert (found.resource, found.address) == ("Key/k", address)


def test_keys_that_aws_manages_are_not_looked_at():
    assert subjects_live(observed(aws_managed=True)) == ()


HOSTILE = "\x1b[31m\u202e"
ROLE = "arn:aws:iam::111122223333:role/"
FINE = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:Decrypt", "Resource": "*"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(policy(FINE, Version=HOSTILE), id="version"),
        pytest.param(policy({**FINE, "Resource": "${x}"}, Version=HOSTILE), id="version and variable"),
        pytest.param(policy({**FINE, "Sid": HOSTILE, "Action": "s3:Get"}), id="sid"),
        pytest.param(policy({**FINE, "Action": f"kms:{HOSTILE}"}), id="action"),
        pytest.param(policy({**FINE, "Action": "*", "Principal": {"AWS": ROLE + HOSTILE}}), id="principal"),
        pytest.param(policy({**FINE, "Principal": {"AWS": f"arn:aws:sts::1:{HOSTILE}"}}), id="no principal"),
        pytest.param(policy({**FINE, "Condition": {HOSTILE: {"aws:userid": "a"}}}), id="operator"),
        pytest.param(policy({**FINE, "Condition": {"StringEquals": {HOSTILE: "a"}}}), id="condition key"),
        pytest.param(policy({**FINE, "Condition": {"StringEquals": {"kms:KeySpec": HOSTILE}}}), id="value"),
        pytest.param(policy({**FINE, "Condition": {"Bool": {"aws:SecureTransport": HOSTILE}}}), id="unreadable value"),
        pytest.param(policy({**FINE, "Condition": {"StringEquals": {"aws:userid": f"*{HOSTILE}"}}}), id="wildcard"),
        pytest.param(HOSTILE, id="text"),
    ],
)
def test_a_hostile_text_is_not_repeated_as_it_is(text):
    found = lint(subjects_live(observed(policy=text)))
    assert {one.check.id for one in found} - {"KC507", "KC508"}
    assert not any(mark in one.what + one.fix for one in found for mark in HOSTILE if not mark.isprintable())


def test_a_hostile_name_of_a_grant_is_not_repeated_as_it_is():
    terms = GrantTerms("AROAEXAMPLEROLE123456", None, None, None, frozenset({"Decrypt", "CreateGrant"}))
    found = lint(subjects_live(observed(grants=(ObservedGrant("g-1", KEY_ID, HOSTILE, terms),))))
    assert len(found) > 3
    assert not any("\x1b" in one.what + one.fix + one.resource for one in found)


def test_a_policy_is_read_as_far_as_it_can_be():
    read = read_policy(policy("nonsense", {"Effect": "Allow"}))
    assert [one.index for one in read.statements] == [0]
    assert (read.version, len(read.raw), bool(read.faults)) == ("2012-10-17", 3, True)
    assert read_policy("{}").document is None
    assert read_policy("[]").version is None
    assert read_policy("{").raw == ()


def test_a_lone_statement_needs_no_list():
    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}}'
    (found,) = (one for one in lint(subjects_live(observed(policy=text))) if one.check.id == "KC102")
    assert found.path == ("Statement",)


def test_a_statement_has_a_name_for_people():
    (named,) = read_policy(policy()).statements
    assert named.name == "the statement EnableIamUserPermissions"
    assert replace(named, statement=replace(named.statement, sid=None)).name == "statement 1"


@pytest.mark.parametrize(
    ("effect", "action", "resource", "found"),
    [
        pytest.param("Allow", "kms:Decrypt", "arn:aws:kms:*:111122223333:key/*", True, id="every key of an account"),
        pytest.param("Allow", "kms:*", "arn:aws:kms:*:*:*", True, id="everything of KMS"),
        pytest.param("Allow", "kms:Decrypt", f"arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}", False, id="one key"),
        pytest.param("Allow", "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/mrk-*", False, id="some keys"),
        pytest.param("Allow", "kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:alias/*", False, id="aliases"),
        pytest.param("Allow", "s3:GetObject", "*", False, id="another service"),
        pytest.param("Allow", "kms:Encrypt", "*", False, id="no decryption"),
        pytest.param("Deny", "kms:Decrypt", "*", False, id="a denial"),
    ],
)
def test_an_iam_policy_that_decrypts_with_every_key_is_found(effect, action, resource, found):
    text = json.dumps({"Statement": [{"Effect": effect, "Action": action, "Resource": resource}]})
    assert bool(lint([IdentitySubject("policy/p", text)])) is found
    assert {one.check.id for one in lint([IdentitySubject("policy/p", text, inline=True)])} == (
        {"KC307"} if found else set()
    )


def test_the_partition_of_an_account_that_is_not_known_is_that_of_its_principals():
    target = manifest("Target", "beijing", {"backend": "local", "region": "cn-north-1"})
    spec = {"targetRef": {"name": "beijing"}, "policy": {"administrators": ["role/admin"]}}
    manifests = load([Source("1.yaml", target + manifest("Key", "k", spec) + manifest("Key", "bare", {}))])
    bare, found = subjects_of(desire(manifests, stack="default", accounts={}))
    assert (found.partition, bare.partition) == ("aws-cn", "aws")
    assert "KC128" not in {one.check.id for one in lint([found])}


def test_a_region_and_a_caller_that_are_empty_are_not_known():
    manifests = load([Source("1.yaml", manifest("Key", "k", {}))])
    somewhere = replace(ACCOUNT, region="", caller_arn="")
    (found,) = subjects_of(desire(manifests, stack="default", accounts={}), {RUN_TARGET: somewhere})
    assert (found.account, found.region, found.caller) == ("111122223333", None, None)


def test_a_grant_on_a_key_that_nobody_declares_is_looked_at():
    grant = manifest("Grant", "g", {"key": ARN, "granteePrincipal": DEPLOYER, "operations": ["Verify"]})
    (found,) = lint(declared(grant))
    assert (found.check.id, found.resource, found.address) == ("KC309", "Grant/g", Address(Kind.GRANT, "g"))
