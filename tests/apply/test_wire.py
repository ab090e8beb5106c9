from __future__ import annotations

from dataclasses import replace

import botocore.session
import botocore.validate
import pytest

from reconciler.apply.wire import creation, request
from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.identifiers import AliasName, Days, GrantId
from reconciler.model.keyspec import KeySpec, KeyUsage
from reconciler.plan.steps import (
    CancelDeletion,
    CreateAlias,
    CreateGrant,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    EnableKey,
    EnableRotation,
    ExistingKey,
    KeyHandle,
    PutKeyPolicy,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateDescription,
)
from tests.apply.build import TERMS, create_key

KEY = ExistingKey("k-1")
EVERYTHING = GrantTerms(
    None,
    "lambda.amazonaws.com",
    None,
    "s3.amazonaws.com",
    frozenset({"Encrypt", "Decrypt"}),
    GrantConstraints({"a": "1"}, {"b": "2"}, "arn:aws:s3:::a-bucket"),
)


def resolve(handle: KeyHandle) -> str:
    assert isinstance(handle, ExistingKey)
    return handle.key


CALLS = {
    "description": (
        UpdateDescription(KEY, "d"),
        "UpdateKeyDescription",
        {"KeyId": "k-1", "Description": "d"},
    ),
    "enable": (EnableKey(KEY), "EnableKey", {"KeyId": "k-1"}),
    "disable": (DisableKey(KEY), "DisableKey", {"KeyId": "k-1"}),
    "policy": (PutKeyPolicy(KEY, "{}"), "PutKeyPolicy", {"KeyId": "k-1", "PolicyName": "default", "Policy": "{}"}),
    "tag": (
        TagKey(KEY, {"b": "2", "a": "1"}),
        "TagResource",
        {"KeyId": "k-1", "Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": "2"}]},
    ),
    "untag": (UntagKey(KEY, ("a", "b")), "UntagResource", {"KeyId": "k-1", "TagKeys": ["a", "b"]}),
    "rotation on": (
        EnableRotation(KEY, Days(90)),
        "EnableKeyRotation",
        {"KeyId": "k-1", "RotationPeriodInDays": 90},
    ),
    "rotation off": (DisableRotation(KEY), "DisableKeyRotation", {"KeyId": "k-1"}),
    "rotate": (RotateOnDemand(KEY, 3), "RotateKeyOnDemand", {"KeyId": "k-1"}),
    "deletion": (
        ScheduleDeletion(KEY, Days(30)),
        "ScheduleKeyDeletion",
        {"KeyId": "k-1", "PendingWindowInDays": 30},
    ),
    "no deletion": (CancelDeletion(KEY), "CancelKeyDeletion", {"KeyId": "k-1"}),
    "alias": (
        CreateAlias(AliasName("alias/a"), KEY),
        "CreateAlias",
        {"AliasName": "alias/a", "TargetKeyId": "k-1"},
    ),
    "alias moved": (
        UpdateAlias(AliasName("alias/a"), KEY),
        "UpdateAlias",
        {"AliasName": "alias/a", "TargetKeyId": "k-1"},
    ),
    "no alias": (DeleteAlias(AliasName("alias/a")), "DeleteAlias", {"AliasName": "alias/a"}),
    "grant": (
        CreateGrant(KEY, "kmsctl:s:g:1", TERMS),
        "CreateGrant",
        {
            "KeyId": "k-1",
            "Name": "kmsctl:s:g:1",
            "GranteePrincipal": TERMS.grantee_principal,
            "Operations": ["Decrypt", "Encrypt"],
            "Constraints": {"EncryptionContextEquals": {"tenant": "a"}},
        },
    ),
    "grant with everything": (
        CreateGrant(KEY, "kmsctl:s:g:1", EVERYTHING),
        "CreateGrant",
        {
            "KeyId": "k-1",
            "Name": "kmsctl:s:g:1",
            "GranteeServicePrincipal": "lambda.amazonaws.com",
            "RetiringServicePrincipal": "s3.amazonaws.com",
            "Operations": ["Decrypt", "Encrypt"],
            "Constraints": {
                "EncryptionContextEquals": {"a": "1"},
                "EncryptionContextSubset": {"b": "2"},
                "SourceArn": "arn:aws:s3:::a-bucket",
            },
        },
    ),
    "grant without constraints": (
        CreateGrant(KEY, "n", replace(TERMS, constraints=GrantConstraints(), retiring_principal="arn:r")),
        "CreateGrant",
        {
            "KeyId": "k-1",
            "Name": "n",
            "GranteePrincipal": TERMS.grantee_principal,
            "RetiringPrincipal": "arn:r",
            "Operations": ["Decrypt", "Encrypt"],
        },
    ),
    "no grant": (RevokeGrant(KEY, GrantId("g-1")), "RevokeGrant", {"KeyId": "k-1", "GrantId": "g-1"}),
}


@pytest.fixture(scope="module")
def kms_model():
    return botocore.session.get_session().get_service_model("kms")


@pytest.mark.parametrize(("step", "operation", "parameters"), CALLS.values(), ids=CALLS)
def test_a_step_is_one_call_with_its_names_on_the_wire(step, operation, parameters):
    sent = request(step, resolve)
    assert (sent.operation, dict(sent.parameters)) == (operation, parameters)


@pytest.mark.parametrize("step", [step for step, _, _ in CALLS.values()], ids=CALLS)
def test_the_service_model_takes_every_call(step, kms_model):
    sent = request(step, resolve)
    shape = kms_model.operation_model(sent.operation).input_shape
    report = botocore.validate.ParamValidator().validate(dict(sent.parameters), shape)
    assert report.generate_report() == ""


def test_a_key_is_created_with_the_tags_that_own_it_and_name_the_attempt(kms_model):
    step = create_key("orders", key_spec=KeySpec.RSA_2048, key_usage=KeyUsage.SIGN_VERIFY, policy="{}")
    sent = creation(step, "attempt-1")
    shape = kms_model.operation_model("CreateKey").input_shape
    assert botocore.validate.ParamValidator().validate(dict(sent.parameters), shape).generate_report() == ""
    assert sent.parameters == {
        "KeySpec": "RSA_2048",
        "KeyUsage": "SIGN_VERIFY",
        "Origin": "AWS_KMS",
        "MultiRegion": False,
        "Description": "key of orders",
        "Policy": "{}",
        "Tags": [
            {"TagKey": "kms.reconciler.dev/generation", "TagValue": "1"},
            {"TagKey": "kms.reconciler.dev/name", "TagValue": "orders"},
            {"TagKey": "kms.reconciler.dev/operation", "TagValue": "attempt-1"},
            {"TagKey": "kms.reconciler.dev/stack", "TagValue": "shop"},
            {"TagKey": "team", "TagValue": "payments"},
        ],
    }


def test_a_key_without_a_policy_gets_the_default_one():
    assert "Policy" not in creation(create_key(), "attempt-1").parameters
