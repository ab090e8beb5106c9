"""Key policies compiled from roles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.policy.access import Ask, KeyFacts, Standing, can
from reconciler.policy.actions import actions_on, cryptographic
from reconciler.policy.administration import administrators
from reconciler.policy.document import parse_document, to_json
from reconciler.policy.evaluate import IdentityPolicies
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.naming import KeyPlace
from reconciler.policy.normalise import normalise
from reconciler.policy.patterns import covers_action
from reconciler.policy.permissions import KeyTraits
from reconciler.policy.roles import Roles, compile_roles

ACCOUNT = "111122223333"
PLACE = KeyPlace(ACCOUNT, "aws", "us-east-1")
SYMMETRIC = KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
USE = {
    "symmetric": (SYMMETRIC, ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*"]),
    "rsa-encrypt": (
        KeyTraits("ENCRYPT_DECRYPT", "RSA_4096"),
        ["Decrypt", "DescribeKey", "Encrypt", "GetPublicKey", "ReEncrypt*"],
    ),
    "sign": (KeyTraits("SIGN_VERIFY", "ECC_NIST_P256"), ["DescribeKey", "GetPublicKey", "Sign", "Verify"]),
    "mac": (KeyTraits("GENERATE_VERIFY_MAC", "HMAC_256"), ["DescribeKey", "GenerateMac", "VerifyMac"]),
    "agree": (KeyTraits("KEY_AGREEMENT", "ECC_NIST_P384"), ["DeriveSharedSecret", "DescribeKey", "GetPublicKey"]),
    "kem": (
        KeyTraits("ENCAPSULATE_DECAPSULATE", "ML_KEM_768"),
        ["Decapsulate", "DescribeKey", "Encapsulate", "GetPublicKey"],
    ),
}
each_use = pytest.mark.parametrize(("key", "actions"), USE.values(), ids=USE)


def compiled(roles, key=SYMMETRIC, partition="aws"):
    return to_json(compile_roles(roles, key=key, place=KeyPlace(ACCOUNT, partition, "us-east-1")).document)


def statement(roles, sid, key=SYMMETRIC):
    return next(each for each in compiled(roles, key)["Statement"] if each["Sid"] == sid)


def faults_of(roles, key=SYMMETRIC):
    with pytest.raises(InvalidPolicy) as raised:
        compile_roles(roles, key=key, place=PLACE)
    return raised.value.faults


def test_no_roles_at_all_are_the_default_policy_of_aws():
    assert compiled(Roles(), partition="aws-cn") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EnableIamUserPermissions",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


@each_use
def test_users_and_accounts_may_do_what_the_key_is_for_and_nothing_else(key, actions):
    roles = Roles(users=("role/App",), accounts=("444455556666",))
    for sid in ("AllowUse", "AllowUseByAccounts"):
        assert statement(roles, sid, key)["Action"] == [f"kms:{action}" for action in actions]


@each_use
@pytest.mark.parametrize("origin", ["AWS_KMS", "EXTERNAL"])
def test_administrators_may_not_use_the_key(key, actions, origin):
    key = KeyTraits(key.usage, key.spec, origin=origin, multi_region=True)
    allowed = statement(Roles(administrators=("role/Admin",)), "AllowAdministration", key)["Action"]
    used = {action.rstrip("*") for action in actions} - {"DescribeKey", "GetPublicKey"}
    used |= {"ReEncryptFrom", "ReEncryptTo", "GenerateDataKeyPairWithoutPlaintext"}
    assert not [action for action in used if covers_action(allowed, f"kms:{action}")]


@pytest.mark.parametrize(
    "action", ["PutKeyPolicy", "ScheduleKeyDeletion", "CancelKeyDeletion", "TagResource", "EnableKey"]
)
def test_administrators_may_administer(action):
    allowed = statement(Roles(administrators=("role/Admin",)), "AllowAdministration")["Action"]
    assert covers_action(allowed, f"kms:{action}")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (SYMMETRIC, {"kms:RotateKeyOnDemand"}),
        (KeyTraits("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", origin="AWS_CLOUDHSM"), set()),
        (KeyTraits("SIGN_VERIFY", "RSA_2048"), set()),
        (KeyTraits("SIGN_VERIFY", "RSA_2048", origin="EXTERNAL"), {"kms:ImportKeyMaterial"}),
        (KeyTraits("SIGN_VERIFY", "RSA_2048", multi_region=True), {"kms:ReplicateKey"}),
    ],
    ids=["symmetric", "custom-key-store", "asymmetric", "imported", "multi-region"],
)
def test_administrators_get_the_actions_that_only_some_keys_have(key, expected):
    allowed = statement(Roles(administrators=("role/Admin",)), "AllowAdministration", key)["Action"]
    some = {"kms:RotateKeyOnDemand", "kms:ImportKeyMaterial", "kms:ReplicateKey"}
    assert set(allowed) & some == expected


def test_grantors_may_grant_only_for_aws_resources():
    written = statement(Roles(grantors=("role/App",)), "AllowServiceGrants")
    assert written["Action"] == ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    assert written["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_grantors_get_nothing_of_a_key_that_no_service_can_use():
    roles = Roles(users=("role/App",), grantors=("role/App",))
    written = compiled(roles, KeyTraits("ENCRYPT_DECRYPT", "RSA_4096"))["Statement"]
    assert [each["Sid"] for each in written] == ["EnableIamUserPermissions", "AllowUse"]


def test_read_only_may_describe_get_and_list():
    assert statement(Roles(read_only=("role/Audit",)), "AllowReadOnly")["Action"] == [
        "kms:Describe*",
        "kms:Get*",
        "kms:List*",
    ]


def test_principals_become_arns_sorted_and_once_each():
    names = ("user/b", "role/path/App", ACCOUNT, "arn:aws:iam::111122223333:role/path/App", "444455556666")
    assert statement(Roles(users=names), "AllowUse")["Principal"] == {
        "AWS": [
            "arn:aws:iam::111122223333:role/path/App",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:user/b",
            "arn:aws:iam::444455556666:root",
        ]
    }


def test_statements_come_in_one_order_with_stable_sids_and_the_authors_own_last():
    own = {"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}
    roles = Roles(("role/a",), ("role/b",), ("role/c",), ("role/d",), ("444455556666",), statements=(own,))
    written = compiled(roles)["Statement"]
    assert [each["Sid"] for each in written] == [
        "EnableIamUserPermissions",
        "AllowAdministration",
        "AllowUse",
        "AllowUseByAccounts",
        "AllowReadOnly",
        "AllowServiceGrants",
        "Own",
    ]
    assert {each["Resource"] for each in written} == {"*"}


def test_every_statement_knows_the_field_that_made_it():
    own = {"Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}
    roles = Roles(("role/a",), ("role/b",), (), ("role/d",), statements=(own, own))
    found = compile_roles(roles, key=SYMMETRIC, place=PLACE).origins
    assert found == (
        ("delegate_to_iam",),
        ("administrators",),
        ("users",),
        ("grantors",),
        ("statements", 0),
        ("statements", 1),
    )


def allowed(roles, key, principal, via=None):
    """What `principal` may do with a key of these roles, by the key policy alone."""
    policy = compile_roles(roles, key=key, place=PLACE).document
    facts = KeyFacts(
        f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k", ACCOUNT, "aws", "us-east-1", policy, spec=key.spec, usage=key.usage
    )
    asks = {action: Ask(principal, action, via=via) for action in actions_on(key) if action != "kms:RetireGrant"}
    return {action for action, ask in asks.items() if can(facts, ask, IdentityPolicies()).standing is Standing.ALLOWED}


MANAGES = {"kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"}
LOOKS = {"kms:DescribeKey", "kms:GetPublicKey"}
"""What both people who use a key and people who administer it may do."""


@each_use
def test_by_evaluation_each_role_can_do_its_own_and_all_of_it(key, actions):
    roles = Roles(("role/Admin",), ("role/App",), ("role/Audit",), ("role/Granter",), delegate_to_iam=False)
    admin, app, audit, granter = (
        allowed(roles, key, f"arn:aws:iam::{ACCOUNT}:role/{name}", via="ec2")
        for name in ("Admin", "App", "Audit", "Granter")
    )
    assert app - LOOKS == cryptographic(key)
    assert admin & app <= LOOKS
    assert admin | app | {"kms:CreateGrant"} == set(actions_on(key)) - {"kms:RetireGrant"}
    assert audit == {action for action in actions_on(key) if action.startswith(("kms:Get", "kms:Describe", "kms:List"))}
    assert granter == (MANAGES if key == SYMMETRIC else set())
    assert allowed(roles, key, f"arn:aws:iam::{ACCOUNT}:role/Granter") == set()
    assert allowed(roles, key, f"arn:aws:iam::{ACCOUNT}:role/Nobody") == set()


def test_without_delegation_only_the_administrators_can_change_the_policy():
    roles = Roles(administrators=("role/Admin",), users=("role/App",), delegate_to_iam=False)
    document = compile_roles(roles, key=SYMMETRIC, place=PLACE).document
    assert administrators(document, account=ACCOUNT, partition="aws") == {"arn:aws:iam::111122223333:role/Admin"}


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("s3.amazonaws.com", "under services"),
        ("*", "everybody"),
        ("AROAEXAMPLEEXAMPLE123", "deleted"),
        ("group/Admins", "groups"),
        ("arn:aws:iam::111122223333:group/Admins", "groups"),
        ("role/*", "role/name"),
        ("App", "role/name"),
        ("", "role/name"),
        ("arn:aws:s3:::bucket", "role/name"),
        ("arn:aws-cn:iam::111122223333:role/App", "partition"),
        ("\x1b[31m", "role/name"),
    ],
)
@pytest.mark.parametrize("role", ["administrators", "users", "read_only", "grantors"])
def test_a_name_that_cannot_have_a_role_is_a_fault_with_its_place_and_fix(role, name, fix):
    (fault,) = faults_of(Roles(**{role: ("role/fine", name)}))
    assert fault.location == (role, 1)
    assert fix in fault.fix
    assert "\x1b" not in str(fault)


@pytest.mark.parametrize("name", ["role/App", "arn:aws:iam::444455556666:role/App"])
def test_an_account_is_no_role(name):
    (fault,) = faults_of(Roles(accounts=("444455556666", name)))
    assert (fault.location, fault.fix) == (("accounts", 1), "use a 12-digit account id; name roles under users")


def test_what_is_no_principal_at_all_is_one_fault_under_accounts_too():
    assert [fault.location for fault in faults_of(Roles(accounts=("nobody",)))] == [("accounts", 0)]


def test_all_faults_of_all_roles_are_told():
    faults = faults_of(Roles(administrators=("a",), users=("b",), accounts=("c",)), KeyTraits("SIGNVERIFY", "RSA_2048"))
    assert [fault.path for fault in faults] == ["keyUsage", "administrators[0]", "users[0]", "accounts[0]"]
    assert faults[0].fix == "did you mean SIGN_VERIFY?"


def test_faults_of_the_authors_own_statements_are_told_where_the_author_wrote_them():
    own = ({"Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}, {"Effect": "Deny"})
    assert [fault.path for fault in faults_of(Roles(users=("role/a",), statements=own))] == ["statements[1]"] * 3


def test_a_sid_of_a_role_is_taken():
    own = {"Sid": "AllowUse", "Effect": "Deny", "Principal": "*", "Action": "kms:Sign", "Resource": "*"}
    (fault,) = faults_of(Roles(users=("role/a",), statements=(own,)))
    assert fault.path == "statements[0].Sid"


def test_a_policy_that_is_too_long_is_a_fault_of_the_whole():
    (fault,) = faults_of(Roles(users=tuple(f"role/{n:0100}" for n in range(300))))
    assert fault.location == ()


def test_roles_that_nobody_has_are_a_fault():
    (fault,) = faults_of(Roles(delegate_to_iam=False))
    assert fault.what == "nobody has a role on the key"


names = st.lists(st.sampled_from(["role/A", "role/x/B", "user/c", "444455556666", ACCOUNT]), max_size=4).map(tuple)


@settings(deadline=None)
@given(
    st.builds(Roles, administrators=names, users=names, read_only=names, grantors=names),
    st.sampled_from([key for key, _ in USE.values()]),
    st.randoms(use_true_random=False),
)
def test_compiling_reading_and_normalising_are_stable_under_the_order_of_names(roles, key, chance):
    document = compile_roles(roles, key=key, place=PLACE).document
    assert parse_document(to_json(document)) == document
    fields = ("administrators", "users", "read_only", "grantors")
    turned = Roles(
        **{field: tuple(chance.sample(getattr(roles, field), len(getattr(roles, field)))) for field in fields}
    )
    assert compile_roles(turned, key=key, place=PLACE).document == document
    normal = normalise(document, partition="aws")
    assert normalise(normal.document, partition="aws") == normal
