"""Amazon EBS: volumes, snapshots, copies and sharing, by grants and the key policy of examples/aws-services."""

from __future__ import annotations

import pytest

from tests.scenarios.played import Volume, attach, copy, create_volume, opened, refused, sealed
from tests.support.world import MAIN, OTHER, role_arn, session_arn, statement

DENIED = "AccessDeniedException"
LOGGED = "AccessDenied"  # CloudTrail's code for it
COMPUTE = session_arn("compute")
INFRASTRUCTURE = role_arn("volumes")
"""Who attaches: it has no IAM policy, and no key policy names it."""


@pytest.fixture
def key(key_of):
    return key_of("ebs/volumes")


@pytest.fixture
def ec2(there):
    """EC2, called by the role that runs instances."""
    return there.through("ec2", COMPUTE)


@pytest.fixture
def host(there):
    """Whoever attaches volumes."""
    return there.role("volumes")


@pytest.fixture
def volume(ec2, key, request):
    return create_volume(ec2, f"vol-{abs(hash(request.node.name)):x}", key, INFRASTRUCTURE)


def test_a_volume_is_made_under_a_grant_and_attached_by_it(there, key, ec2, host):
    watch = there.watch(key)
    volume = create_volume(ec2, "vol-1", key, INFRASTRUCTURE)
    data_key = attach(host, volume)
    assert opened(data_key[:32], sealed(data_key[:32], b"block")) == b"block"
    grant, made, read = watch.events()
    assert [event["eventName"] for event in (grant, made, read)] == [
        "CreateGrant",
        "GenerateDataKeyWithoutPlaintext",
        "Decrypt",
    ]
    assert grant["requestParameters"]["constraints"] == {"encryptionContextSubset": {"aws:ebs:id": "vol-1"}}
    assert grant["responseElements"]["grantId"] == volume.grant
    assert made["userIdentity"]["invokedBy"] == "ec2.amazonaws.com"
    assert read["userIdentity"]["arn"] == session_arn("volumes")
    assert read["requestParameters"]["encryptionContext"] == {"aws:ebs:id": "vol-1"}


def test_the_data_key_of_a_volume_is_never_seen_while_it_is_made(ec2, key):
    made = ec2.generate_data_key_without_plaintext(
        KeyId=key, NumberOfBytes=64, EncryptionContext={"aws:ebs:id": "vol-2"}
    )
    assert "Plaintext" not in made


def test_a_volume_is_not_attached_under_the_name_of_another(host, volume):
    stolen = Volume("vol-other", volume.key, volume.data_key)
    assert refused(attach, kms=host, volume=stolen) == DENIED


def test_a_volume_is_not_attached_once_its_grant_is_revoked(there, ec2, host, volume):
    attach(host, volume)
    there.user().revoke_grant(KeyId=volume.key, GrantId=volume.grant)
    watch = there.watch(volume.key)
    assert refused(attach, kms=host, volume=volume) == DENIED
    assert [event["errorCode"] for event in watch.events("Decrypt")] == [LOGGED]


def test_the_grantee_can_retire_nothing_and_do_nothing_but_what_the_grant_says(host, volume):
    assert refused(host.describe_key, KeyId=volume.key) == DENIED
    assert refused(host.encrypt, KeyId=volume.key, Plaintext=b"x", EncryptionContext=volume.context) == DENIED
    assert refused(host.retire_grant, KeyId=volume.key, GrantId=volume.grant) == DENIED


def test_whoever_runs_instances_makes_grants_for_services_alone(there, key, ec2):
    grant = {"KeyId": key, "GranteePrincipal": INFRASTRUCTURE, "Operations": ["Decrypt"]}
    assert refused(there.role("compute").create_grant, **grant) == DENIED
    assert refused(there.through("rds", session_arn("deployer")).create_grant, **grant) == DENIED
    assert ec2.create_grant(**grant)["GrantToken"]


def test_a_snapshot_and_the_volumes_made_from_it_have_the_data_key_of_their_volume(host, volume):
    snapshot = Volume(volume.identifier, volume.key, volume.data_key)
    restored = Volume(snapshot.identifier, snapshot.key, snapshot.data_key)
    assert attach(host, restored) == attach(host, volume)


def test_a_copy_is_encrypted_anew_under_another_key_and_the_data_key_is_not_seen(there, host, volume):
    policy = [statement(INFRASTRUCTURE, "Decrypt", "ReEncryptTo")]
    destination = there.new_key(policy)
    source_watch, watch = there.watch(volume.key), there.watch(destination)
    copied = copy(host, volume, "snap-copy", destination)
    assert copied.data_key != volume.data_key
    assert attach(host, copied) == attach(host, volume)
    (event,) = watch.events("ReEncrypt")
    assert event == source_watch.events("ReEncrypt")[0]
    assert {resource["ARN"] for resource in event["resources"]} == {volume.key, destination}
    assert event["requestParameters"]["sourceEncryptionContext"] == volume.context
    assert event["requestParameters"]["destinationEncryptionContext"] == {"aws:ebs:id": "snap-copy"}


def test_a_copy_to_a_key_that_does_not_let_the_copier_in_is_denied(there, host, volume):
    closed = there.new_key([statement(INFRASTRUCTURE, "Decrypt")])
    assert refused(copy, kms=host, snapshot=volume, identifier="snap-copy", key=closed) == DENIED


SHARED = ("Decrypt", "DescribeKey", "CreateGrant", "ReEncryptFrom")


@pytest.fixture
def shared(there):
    """A snapshot whose key the other account may use, and a grant that its restorer made for its own host."""
    key = there.new_key(
        [statement(f"arn:aws:iam::{OTHER}:root", *SHARED), statement(role_arn("compute"), "GenerateDataKey*")]
    )
    context = {"aws:ebs:id": "vol-shared"}
    made = there.role("compute").generate_data_key_without_plaintext(
        KeyId=key, NumberOfBytes=64, EncryptionContext=context
    )
    return Volume("vol-shared", key, made["CiphertextBlob"])


def test_an_account_that_a_snapshot_is_shared_with_restores_it_by_a_grant_of_its_own(there, shared):
    restorer = there.role("restore", account=OTHER)
    granted = restorer.create_grant(
        KeyId=shared.key,
        GranteePrincipal=role_arn("stranger", OTHER),
        Operations=["Decrypt"],
        Constraints={"EncryptionContextEquals": shared.context},
    )
    host = there.role("stranger", account=OTHER)
    assert len(attach(host, shared)) == 64
    there.user().revoke_grant(KeyId=shared.key, GrantId=granted["GrantId"])
    assert refused(attach, kms=host, volume=shared) == DENIED


def test_an_account_that_a_snapshot_is_shared_with_copies_it_under_a_key_of_its_own(there, shared):
    mine = there.new_key([statement(f"arn:aws:iam::{OTHER}:root", "*")], account=OTHER)
    restorer = there.role("restore", account=OTHER)
    copied = copy(restorer, shared, "snap-mine", mine)
    assert attach(restorer, copied) == attach(restorer, shared)


def test_what_another_account_does_with_a_key_is_on_record_in_both_accounts(there, shared):
    mine, theirs = there.watch(shared.key), there.watch(shared.key, account=OTHER)
    attach(there.role("restore", account=OTHER), shared)
    (seen,), (own,) = mine.events("Decrypt"), theirs.events("Decrypt")
    assert (seen["recipientAccountId"], own["recipientAccountId"]) == (MAIN, OTHER)
    assert seen["eventID"] != own["eventID"]
    assert own["userIdentity"]["arn"] == session_arn("restore", OTHER)
    assert (seen["userIdentity"]["type"], seen["userIdentity"]["accountId"]) == ("AWSAccount", OTHER)
    assert "arn" not in seen["userIdentity"]
    assert seen["resources"] == own["resources"]
    assert seen["sharedEventID"] == own["sharedEventID"]
    assert seen["requestID"] == own["requestID"]


@pytest.mark.parametrize(
    ("policy", "role"),
    [
        (f"arn:aws:iam::{OTHER}:root", "stranger"),
        (role_arn("compute"), "restore"),
        (f"arn:aws:iam::{MAIN}:root", "restore"),
    ],
    ids=["no IAM policy over there", "the key policy names somebody else", "the key policy names its own account"],
)
def test_another_account_needs_the_key_policy_and_its_own_iam_policy(there, policy, role):
    key = there.new_key([statement(policy, *SHARED)])
    mine = there.watch(key)
    stranger = there.role(role, account=OTHER)
    assert refused(stranger.describe_key, KeyId=key) == DENIED
    grant = {"KeyId": key, "GranteePrincipal": role_arn("restore", OTHER), "Operations": ["Decrypt"]}
    assert refused(stranger.create_grant, **grant) == DENIED
    assert mine.events() == []
