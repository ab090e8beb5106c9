"""Every condition key: a request that has the value is allowed by it, another is not.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from datetime import timedelta
from time import process_time

import pytest

from reconciler.engine.caller import Session
from tests.engine.authz.cast import APP, DELEGATES, EVE, SESSION
from tests.engine.authz.world import forbids, lets, outcome
from tests.support.people import MAIN, OTHER, allow, deny, role, user

BOB = f"arn:aws:iam::{MAIN}:user/team/bob"
REFUSED = "AccessDeniedException"
CONTEXT = {"Department": "IT", "Stage": "test"}


def equals(key, value):
    return {"StringEquals": {key: value}}


def encrypt(**context):
    return ("Encrypt", {"Plaintext": b"x"} | ({"EncryptionContext": context} if context else {}))


def tagged(**tags):
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in tags.items()]}


def grant(**more):
    return ("CreateGrant", {"GranteePrincipal": BOB, "Operations": ["Decrypt"], **more})


DATA_KEY = ("GenerateDataKey", {"KeySpec": "AES_256"})
PAIR = "GenerateDataKeyPairWithoutPlaintext"

# key: (condition, a request that meets it, one that does not)
OF_REQUESTS = {
    "kms:EncryptionContext:": (equals("kms:EncryptionContext:Department", "IT"), encrypt(**CONTEXT), encrypt()),
    "kms:EncryptionContext: ignores the case of the key": (
        equals("kms:EncryptionContext:department", "IT"),
        encrypt(**CONTEXT),
        encrypt(Department="it"),
    ),
    "kms:EncryptionContext: of a variable": (
        equals("kms:EncryptionContext:user", "${aws:username}"),
        encrypt(user="bob"),
        encrypt(user="eve"),
    ),
    "kms:EncryptionContextKeys, any": (
        {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "Stage"}},
        encrypt(**CONTEXT),
        encrypt(stage="x"),
    ),
    "kms:EncryptionContextKeys, all": (
        {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["Stage", "Department"]}},
        encrypt(Stage="x"),
        encrypt(Stage="x", other="y"),
    ),
    "kms:EncryptionContextKeys, required": (
        {"Null": {"kms:EncryptionContextKeys": "false"}},
        encrypt(a="b"),
        encrypt(),
    ),
    "kms:EncryptionAlgorithm, by default": (
        equals("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"),
        DATA_KEY,
        ("EnableKey", {}),
    ),
    "kms:DataKeyPairSpec": (
        {"StringLike": {"kms:DataKeyPairSpec": "ECC_*"}},
        (PAIR, {"KeyPairSpec": "ECC_NIST_P256"}),
        (PAIR, {"KeyPairSpec": "RSA_2048"}),
    ),
    "kms:GrantOperations": (
        {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}},
        grant(),
        grant(Operations=["Decrypt", "ReEncryptTo"]),
    ),
    "kms:GranteePrincipal": (equals("kms:GranteePrincipal", BOB), grant(), grant(GranteePrincipal=APP)),
    "kms:RetiringPrincipal": (equals("kms:RetiringPrincipal", BOB), grant(RetiringPrincipal=BOB), grant()),
    "kms:GrantConstraintType": (
        equals("kms:GrantConstraintType", "EncryptionContextEquals"),
        grant(Constraints={"EncryptionContextEquals": {"a": "b"}}),
        grant(Constraints={"EncryptionContextSubset": {"a": "b"}}),
    ),
    "kms:EncryptionContext: of a grant": (
        equals("kms:EncryptionContext:a", "b"),
        grant(Constraints={"EncryptionContextSubset": {"a": "b"}}),
        grant(),
    ),
    "kms:GrantConstraintSourceArn": (
        {"ArnLike": {"kms:GrantConstraintSourceArn": "arn:aws:rds:*:*:db:orders-*"}},
        grant(Constraints={"SourceArn": f"arn:aws:rds:us-east-1:{MAIN}:db:orders-1"}),
        grant(),
    ),
    "kms:RotationPeriodInDays": (
        {"NumericLessThanEquals": {"kms:RotationPeriodInDays": "180"}},
        ("EnableKeyRotation", {"RotationPeriodInDays": 180}),
        ("EnableKeyRotation", {"RotationPeriodInDays": 181}),
    ),
    "kms:RotationPeriodInDays, by default": (
        {"NumericEquals": {"kms:RotationPeriodInDays": "365"}},
        ("EnableKeyRotation", {}),
        ("EnableKeyRotation", {"RotationPeriodInDays": 90}),
    ),
    "kms:ScheduleKeyDeletionPendingWindowInDays": (
        {"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}},
        ("ScheduleKeyDeletion", {}),
        ("ScheduleKeyDeletion", {"PendingWindowInDays": 7}),
    ),
    "kms:PolicyName": (
        equals("kms:PolicyName", "default"),
        ("GetKeyPolicy", {}),
        ("GetKeyPolicy", {"PolicyName": "x"}),
    ),
    "kms:BypassPolicyLockoutSafetyCheck": (
        {"Null": {"kms:BypassPolicyLockoutSafetyCheck": "true"}},
        (
            "PutKeyPolicy",
            {"Policy": '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}'},
        ),
        ("PutKeyPolicy", {"Policy": "{}", "BypassPolicyLockoutSafetyCheck": False}),
    ),
    "aws:RequestTag": (
        equals("aws:RequestTag/team", "a"),
        ("TagResource", tagged(team="a", more="b")),
        ("TagResource", tagged(team="b")),
    ),
    "aws:TagKeys": (
        {"ForAllValues:StringLike": {"aws:TagKeys": "app-*"}},
        ("UntagResource", {"TagKeys": ["app-a"]}),
        ("UntagResource", {"TagKeys": ["app-a", "b"]}),
    ),
}


@pytest.mark.parametrize("case", OF_REQUESTS)
def test_a_condition_on_the_request_lets_in_what_meets_it_and_nothing_else(make_world, case):
    condition, (operation, good), (other, bad) = OF_REQUESTS[case]
    world = make_world(user(BOB), role(APP))
    key = world.key(DELEGATES, lets(BOB, "kms:*", **condition))
    bob = world.client(BOB)
    assert outcome(bob, other, KeyId=key, **bad) == REFUSED
    assert outcome(bob, operation, KeyId=key, **good) == "ok"


@pytest.mark.parametrize("case", OF_REQUESTS)
def test_a_deny_with_the_same_condition_keeps_out_what_meets_it(make_world, case):
    condition, (operation, good), _ = OF_REQUESTS[case]
    world = make_world(user(BOB), role(APP))
    key = world.key(DELEGATES, lets(BOB, "kms:*"), forbids(BOB, "kms:*", **condition))
    assert outcome(world.client(BOB), operation, KeyId=key, **good) == REFUSED


# key: (condition, the key's parameters that meet it, parameters that do not)
OF_KEYS = {
    "kms:KeySpec": (
        equals("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        {},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ),
    "kms:CustomerMasterKeySpec": (
        {"StringLike": {"kms:CustomerMasterKeySpec": "HMAC_*"}},
        {"CustomerMasterKeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {},
    ),
    "kms:KeyUsage": (
        equals("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        {},
        {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    ),
    "kms:KeyOrigin": (equals("kms:KeyOrigin", "EXTERNAL"), {"Origin": "EXTERNAL"}, {}),
    "kms:MultiRegion": ({"Bool": {"kms:MultiRegion": "true"}}, {"MultiRegion": True}, {}),
    "kms:MultiRegion, false": ({"Bool": {"kms:MultiRegion": "false"}}, {}, {"MultiRegion": True}),
    "kms:MultiRegionKeyType": (equals("kms:MultiRegionKeyType", "PRIMARY"), {"MultiRegion": True}, {}),
}


@pytest.mark.parametrize("case", OF_KEYS)
def test_a_condition_on_the_key_counts_for_what_is_done_with_it_and_for_its_creation(make_world, case):
    condition, good, bad = OF_KEYS[case]
    world = make_world(user(BOB, allow("kms:*", **condition)))
    bob = world.client(BOB)
    assert outcome(bob, "DescribeKey", KeyId=world.key(**good)) == "ok"
    assert outcome(bob, "DescribeKey", KeyId=world.key(**bad)) == REFUSED
    assert outcome(bob, "CreateKey", **good) == "ok"
    assert outcome(bob, "CreateKey", **bad) == REFUSED


def test_a_replica_is_no_primary(make_world):
    world = make_world(user(BOB, allow("kms:DescribeKey", **equals("kms:MultiRegionKeyType", "REPLICA"))))
    key = world.key(MultiRegion=True)
    root = world.client()
    root("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    assert outcome(world.client(BOB), "DescribeKey", KeyId=key) == REFUSED
    assert outcome(world.client(BOB, region="eu-west-1"), "DescribeKey", KeyId=key.rpartition("/")[2]) == "ok"


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        (equals("kms:ReplicaRegion", "eu-west-1"), "eu-west-1", "eu-west-2"),
        ({"StringLike": {"kms:ReplicaRegion": "eu-*"}}, "eu-west-2", "us-west-2"),
    ],
    ids=["equals", "like"],
)
def test_a_replica_can_be_kept_to_some_regions(make_world, condition, good, bad):
    world = make_world(user(BOB, allow("kms:ReplicateKey", **condition), allow("kms:CreateKey")))
    key = world.key(MultiRegion=True)
    assert outcome(world.client(BOB), "ReplicateKey", KeyId=key, ReplicaRegion=bad) == REFUSED
    assert outcome(world.client(BOB), "ReplicateKey", KeyId=key, ReplicaRegion=good) == "ok"


def test_the_primary_can_be_kept_to_some_regions(make_world):
    world = make_world(user(BOB, allow("kms:UpdatePrimaryRegion", **equals("kms:PrimaryRegion", "eu-west-1"))))
    key = world.key(MultiRegion=True)
    for region in ("eu-west-1", "eu-west-2"):
        world.client()("ReplicateKey", {"KeyId": key, "ReplicaRegion": region})
    assert outcome(world.client(BOB), "UpdatePrimaryRegion", KeyId=key, PrimaryRegion="eu-west-2") == REFUSED
    assert outcome(world.client(BOB), "UpdatePrimaryRegion", KeyId=key, PrimaryRegion="eu-west-1") == "ok"


def test_an_alias_of_the_request_is_not_an_alias_of_the_key(make_world):
    by_request = lets(BOB, "kms:Encrypt", **equals("kms:RequestAlias", "alias/finance"))
    world = make_world(
        user(BOB, allow("kms:DescribeKey", **{"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/fin*"}}))
    )
    key = world.key(DELEGATES, by_request)
    bob = world.client(BOB)
    assert outcome(bob, "DescribeKey", KeyId=key) == REFUSED
    world.client()("CreateAlias", {"AliasName": "alias/finance", "TargetKeyId": key})
    assert outcome(bob, "DescribeKey", KeyId=key) == "ok"
    assert outcome(bob, "Encrypt", KeyId=key, Plaintext=b"x") == REFUSED
    assert outcome(bob, "Encrypt", KeyId="alias/finance", Plaintext=b"x") == "ok"
    arn = f"arn:aws:kms:us-east-1:{MAIN}:alias/finance"
    assert outcome(bob, "Encrypt", KeyId=arn, Plaintext=b"x") == "ok"


def test_access_follows_tags_of_principal_and_key(make_world):
    same_team = equals("aws:ResourceTag/team", "${aws:PrincipalTag/team}")
    world = make_world(
        user(BOB, allow("kms:Encrypt", **same_team), tags={"team": "a"}),
        user(f"{BOB}2", allow("kms:Encrypt", **same_team)),
        role(APP, allow("kms:Encrypt", **same_team), tags={"Team": "b"}),
    )
    key = world.key(**tagged(team="a"))
    given = {"KeyId": key, "Plaintext": b"x"}
    assert outcome(world.client(BOB), "Encrypt", **given) == "ok"
    assert outcome(world.client(f"{BOB}2"), "Encrypt", **given) == REFUSED
    assert outcome(world.client(SESSION), "Encrypt", **given) == REFUSED
    tagged_session = Session(0, 2**62, tags=(("team", "a"),))
    assert outcome(world.client(SESSION, session=tagged_session), "Encrypt", **given) == "ok"
    world.client()("UntagResource", {"KeyId": key, "TagKeys": ["team"]})
    assert outcome(world.client(BOB), "Encrypt", **given) == REFUSED


def test_whether_a_re_encryption_stays_under_its_key_is_known_without_naming_the_source(make_world):
    world = make_world(user(BOB))
    same = {"Bool": {"kms:ReEncryptOnSameKey": "true"}}
    key = world.key(DELEGATES, lets(BOB, "kms:ReEncrypt*", **same))
    other = world.key(DELEGATES, lets(BOB, "kms:ReEncrypt*"))
    blob = world.client()("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    bob = world.client(BOB)
    for named in ({}, {"SourceKeyId": key}):
        assert outcome(bob, "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key, **named) == "ok"
        assert outcome(bob, "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other, **named) == REFUSED


def test_a_key_that_is_not_used_for_long_may_be_deleted(make_world, clock):
    idle = {"NumericGreaterThanEquals": {"kms:TrailingDaysWithoutKeyUsage": "90"}}
    world = make_world(user(BOB, allow("kms:ScheduleKeyDeletion", **idle)))
    key = world.key()
    clock.advance(timedelta(days=90))
    world.client()("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    assert outcome(world.client(BOB), "ScheduleKeyDeletion", KeyId=key) == REFUSED
    clock.advance(timedelta(days=90))
    assert outcome(world.client(BOB), "ScheduleKeyDeletion", KeyId=key) == "ok"


def test_an_organisation_can_be_let_in_as_a_whole(make_world):
    theirs = equals("aws:PrincipalOrgID", "o-exampleorgid")
    world = make_world(user(EVE, allow("kms:*")), organizations={OTHER: "o-exampleorgid"})
    key = world.key(DELEGATES, lets("*", "kms:DescribeKey", **theirs))
    assert outcome(world.client(EVE), "DescribeKey", KeyId=key) == "ok"
    assert outcome(world.client(account="777788889999"), "DescribeKey", KeyId=key) == REFUSED


def test_the_cost_of_a_context_does_not_multiply_with_the_conditions_on_it(make_world):
    """50,000 pairs and 500 conditions: seconds, if each condition looked through all pairs."""
    conditions = {f"kms:EncryptionContext:key{number}": "x" for number in range(500)}
    world = make_world()
    key = world.key(lets(MAIN, "kms:*"), forbids("*", "kms:Encrypt", StringEquals=conditions))
    context = {f"pair{number:06}": "" for number in range(50_000)}
    begun = process_time()
    assert outcome(world.client(), "Encrypt", KeyId=key, Plaintext=b"x", EncryptionContext=context) == "ok"
    assert process_time() - begun < 2


def test_every_alias_of_a_key_counts_however_many_its_quota_allows(make_world):
    world = make_world(user(BOB, deny("kms:*", **{"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/z"}})))
    world.engine.set_limit(MAIN, "us-east-1", "aliases-per-key", 60)
    key, root = world.key(DELEGATES, lets(BOB, "kms:DescribeKey")), world.client()
    for name in (*(f"alias/a{n}" for n in range(51)), "alias/z"):
        root("CreateAlias", {"AliasName": name, "TargetKeyId": key})
    assert outcome(world.client(BOB), "DescribeKey", KeyId=key) == "AccessDeniedException"
