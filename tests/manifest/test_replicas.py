"""ReplicaKeys become desired keys that have what their primary says for both."""

from __future__ import annotations

import json

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire, target_names
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptReplica,
    Deletion,
    DesiredKey,
    DesiredState,
    ExternalPrimary,
    Ignore,
    ManagedKey,
    ManualRotation,
)
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.observed import Account
from tests.manifest.build import ACCOUNT, desired, loaded, manifest, refused

EU = TargetName("eu")
THERE = manifest("Target", "eu", "{backend: local, region: eu-west-1}")
KEY = manifest("Key", "k", "{multiRegion: true, primaryRegion: eu-west-1}")
REPLICA = manifest("ReplicaKey", "r", "{primaryRef: {name: k}, targetRef: {name: eu}, aliases: [r]}")
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"


def replica(state: DesiredState) -> DesiredKey:
    (found,) = [key for key in state.keys if key.primary is not None]
    return found


def spec(fields: str, primary: str = "primaryRef: {name: k}") -> str:
    return manifest("ReplicaKey", "r", f"{{{primary}, targetRef: {{name: eu}}, {fields}}}")


def test_a_replica_is_on_its_own_target_and_names_its_primary():
    state = desired(THERE, KEY, REPLICA)
    found = replica(state)
    assert (found.address, found.primary) == (
        Address(Kind.REPLICA_KEY, "r", EU),
        ManagedKey(Address(Kind.KEY, "k")),
    )
    assert (found.multi_region, found.enabled, found.adopt, found.primary_region) == (True, True, None, None)
    assert state.keys[0].primary_region == "eu-west-1"
    assert state.targets() == (RUN_TARGET, EU)


def test_what_is_shared_is_the_primarys():
    nature = "keySpec: RSA_2048, keyUsage: SIGN_VERIFY, origin: EXTERNAL"
    key = manifest("Key", "k", f"{{multiRegion: true, {nature}, rotation: {{manual: {{everyDays: 90, keep: 2}}}}}}")
    found = replica(desired(THERE, key, REPLICA))
    assert (found.key_spec, found.key_usage, found.origin) == (
        KeySpec.RSA_2048,
        KeyUsage.SIGN_VERIFY,
        Origin.EXTERNAL,
    )
    assert found.rotation == ManualRotation(Days(90), 2)


def test_imported_material_is_imported_into_the_replica_too():
    key = manifest("Key", "k", "{multiRegion: true, origin: EXTERNAL, importedMaterial: {from: {env: M}, serial: 2}}")
    state = desired(THERE, key, REPLICA)
    assert replica(state).material == state.keys[0].material
    assert (state.keys[0].serial, replica(state).serial) == (2, None)


def test_rotation_that_makes_no_successors_is_the_primarys_alone():
    key = manifest("Key", "k", "{multiRegion: true, rotation: {automatic: {}}}")
    assert not replica(desired(THERE, key, REPLICA)).rotation


def test_the_rest_is_its_own_in_its_own_region():
    fields = (
        "description: 'in ${aws:region}', enabled: false, tags: {at: '${aws:region}'}, adopt: true, "
        "deletion: {policy: Schedule, windowDays: 7, protect: true}, ignore: {tags: ['x*'], fields: [policy]}"
    )
    found = replica(desired(THERE, KEY, spec(fields)))
    assert (found.description, found.enabled, found.tags) == ("in eu-west-1", False, {"at": "eu-west-1"})
    assert (found.deletion, found.adopt) == (Deletion("Schedule", Days(7), protect=True), AdoptReplica())
    assert found.ignore == Ignore(("x*",), frozenset({"policy"}))


@pytest.mark.parametrize("shared", [True, False], ids=["policyRef", "policy"])
def test_its_policy_is_compiled_for_what_its_primary_is(shared):
    key = manifest("Key", "k", "{multiRegion: true, keySpec: HMAC_256}")
    roles = "users: [role/app]"
    policy = "policyRef: {name: p}" if shared else f"policy: {{{roles}}}"
    found = replica(desired(THERE, key, manifest("KeyPolicy", "p", f"{{{roles}}}"), spec(policy)))
    assert "kms:GenerateMac" in json.dumps(json.loads(str(found.policy)))


def test_aliases_and_grants_refer_to_a_replica_as_to_a_key():
    grant = "{targetRef: {name: eu}, keyRef: {name: r}, granteePrincipal: role/x, operations: [Decrypt]}"
    alias = "{targetRef: {name: eu}, keyRef: {name: r}, name: other}"
    state = desired(THERE, KEY, REPLICA, manifest("Grant", "g", grant), manifest("Alias", "a", alias))
    on = ManagedKey(Address(Kind.REPLICA_KEY, "r", EU))
    assert [alias.key for alias in state.aliases] == [on, on]
    assert [grant.key for grant in state.grants] == [on]


def test_what_a_grant_may_permit_on_a_replica_is_what_its_primary_can_do():
    key = manifest("Key", "k", "{multiRegion: true, keySpec: HMAC_256}")
    grant = "{targetRef: {name: eu}, keyRef: {name: r}, granteePrincipal: role/x, operations: [Decrypt]}"
    (fault,) = refused(THERE, key, REPLICA, manifest("Grant", "g", grant))
    assert fault.name == "grant-operation-not-possible"


def test_a_primary_that_is_not_declared_is_named_by_its_arn_and_what_it_is():
    primary = "primary: {keyArn: 'arn:${aws:partition}:kms:${aws:region}:${aws:accountId}:key/%s', %s}"
    nature = "keySpec: ECC_NIST_P256, keyUsage: SIGN_VERIFY"
    manifests = loaded(THERE, spec("enabled: true", primary % (ARN.rpartition("/")[2], nature)))
    assert target_names(manifests) == {RUN_TARGET, EU}
    found = replica(desire(manifests, stack="s", accounts={RUN_TARGET: ACCOUNT}))
    assert found.primary == ExternalPrimary(RUN_TARGET, ARN)
    assert (found.key_spec, found.key_usage) == (KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY)


def test_a_primary_may_be_on_a_target_of_its_own():
    us = manifest("Target", "us", "{backend: local, region: us-east-1}")
    state = desired(us, THERE, spec("enabled: true", f"primary: {{keyArn: '{ARN}', targetRef: {{name: us}}}}"))
    assert replica(state).primary == ExternalPrimary(TargetName("us"), ARN)
    assert state.targets() == ("eu", "us")


def test_a_primary_in_another_region_than_its_target_is_refused():
    faults = refused(THERE, spec("enabled: true", f"primary: {{keyArn: '{ARN.replace('us-east', 'ap-east')}'}}"))
    assert [fault.name for fault in faults] == ["wrong-region-arn"]


def test_the_account_that_a_target_turns_out_to_be_counts():
    manifests = loaded(THERE, manifest("Key", "k", "{multiRegion: true}"), REPLICA)
    other = Account("444455556666", "eu-west-1", "aws", "arn:aws:iam::444455556666:root")
    with pytest.raises(InvalidInput) as caught:
        desire(manifests, stack="s", accounts={RUN_TARGET: ACCOUNT, EU: other})
    assert [fault.name for fault in caught.value.diagnostics] == ["replica-account"]


def test_a_replica_on_the_target_that_the_run_is_on_is_no_replica():
    manifests = loaded(THERE, manifest("Key", "k", "{multiRegion: true}"), REPLICA)
    with pytest.raises(InvalidInput) as caught:
        desire(manifests, stack="s", accounts={}, run_target=EU)
    assert [fault.name for fault in caught.value.diagnostics] == ["replica-region"]


def test_a_region_that_nobody_knows_yet_is_not_judged():
    nowhere = manifest("Target", "eu", "{backend: aws, profile: eu}")
    key = manifest("Key", "k", "{multiRegion: true, primaryRegion: ap-south-1}")
    assert replica(desired(nowhere, key, REPLICA)).address.target == EU
