"""Parameters against the service model, in AWS's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.engine.operations import OPERATIONS
from reconciler.engine.wire.model import operation_model
from reconciler.engine.wire.validate import validate
from reconciler.kit.errors import KmsError

MOST = "Member must have length less than or equal to"
PATTERN = "Member must satisfy regular expression pattern"

FAULTS = {
    "required": ("DescribeKey", {}, "Value null at 'keyId' failed to satisfy constraint: Member must not be null"),
    "None is absent": (
        "DescribeKey",
        {"KeyId": None},
        "Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    ),
    "enum": (
        "GenerateDataKey",
        {"KeyId": "k", "KeySpec": "AES"},
        "Value 'AES' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]",
    ),
    "too short": (
        "DescribeKey",
        {"KeyId": ""},
        "Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
    "too long": (
        "DescribeKey",
        {"KeyId": "x" * 2049},
        f"Value '{'x' * 1024}' at 'keyId' failed to satisfy constraint: {MOST} 2048",
    ),
    "too small": (
        "ListKeys",
        {"Limit": 0},
        "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ),
    "too large": (
        "ListKeys",
        {"Limit": 1001},
        "Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ),
    "pattern": (
        "DeleteAlias",
        {"AliasName": "alias/ü"},
        f"Value 'alias/ü' at 'aliasName' failed to satisfy constraint: {PATTERN}: ^[a-zA-Z0-9:/_-]+$",
    ),
    "unknown": (
        "EnableKey",
        {"KeyId": "k", "Keyid": "k"},
        'Unknown parameter in input: "Keyid", must be one of: KeyId',
    ),
    "no parameters at all": (
        "sts:GetCallerIdentity",
        {"KeyId": "k"},
        'Unknown parameter in input: "KeyId", must be one of: ',
    ),
    "no string": (
        "DescribeKey",
        {"KeyId": 1},
        "Value at 'keyId' failed to satisfy constraint: Member must be a string",
    ),
    "no integer": (
        "ListKeys",
        {"Limit": True},
        "Value at 'limit' failed to satisfy constraint: Member must be an integer",
    ),
    "no boolean": (
        "CreateKey",
        {"MultiRegion": "yes"},
        "Value at 'multiRegion' failed to satisfy constraint: Member must be a boolean",
    ),
    "no bytes": (
        "Encrypt",
        {"KeyId": "k", "Plaintext": 1},
        "Value at 'plaintext' failed to satisfy constraint: Member must be bytes",
    ),
    "no list": (
        "CreateKey",
        {"Tags": "x"},
        "Value at 'tags' failed to satisfy constraint: Member must be a list",
    ),
    "no Unicode": (
        "CreateKey",
        {"Description": "\ud800"},
        "Value at 'description' failed to satisfy constraint: Member must be Unicode text",
    ),
    "an unknown name that is no Unicode": (
        "EnableKey",
        {"KeyId": "k", "\ud800": 1},
        r'Unknown parameter in input: "\ud800", must be one of: KeyId',
    ),
    "no map": (
        "Encrypt",
        {"KeyId": "k", "Plaintext": b"x", "EncryptionContext": ["a"]},
        "Value at 'encryptionContext' failed to satisfy constraint: Member must be a map",
    ),
    "no structure": (
        "CreateKey",
        {"Tags": ["x"]},
        "Value at 'tags.1.member' failed to satisfy constraint: Member must be a structure",
    ),
    "no timestamp": (
        "cloudtrail:LookupEvents",
        {"StartTime": "now"},
        "Value at 'startTime' failed to satisfy constraint: Member must be a timestamp",
    ),
    "deep inside": (
        "CreateKey",
        {"Tags": [{"TagKey": "a", "TagValue": "b"}, {"TagKey": "a"}]},
        "Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null",
    ),
    "in a map": (
        "Encrypt",
        {"KeyId": "k", "Plaintext": b"x", "EncryptionContext": {"a": 1}},
        "Value at 'encryptionContext.value' failed to satisfy constraint: Member must be a string",
    ),
    "a secret string": (
        "CreateCustomKeyStore",
        {"CustomKeyStoreName": "n", "KeyStorePassword": "secret"},
        "Value at 'keyStorePassword' failed to satisfy constraint: Member must have length greater than or equal to 7",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_as_aws_tells_it(case):
    operation, parameters, fault = FAULTS[case]
    with pytest.raises(KmsError) as caught:
        validate(operation, parameters)
    assert caught.value.message == f"1 validation error detected: {fault}"


def test_all_faults_are_told_at_once():
    with pytest.raises(KmsError) as caught:
        validate("ListGrants", {"Limit": 0, "Marker": ""})
    assert caught.value.code == "ValidationException"
    assert caught.value.message.startswith("3 validation errors detected: Value null at 'keyId'")
    assert caught.value.message.count("; ") == 2


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_of_the_engine_has_a_model_that_compiles(operation):
    model = operation_model(operation)
    assert model.name in operation
    with pytest.raises(KmsError):
        validate(operation, {"Nobody": 1})


def test_valid_parameters_come_back_as_copies_and_bytes():
    tags = [{"TagKey": "a", "TagValue": "b"}]
    checked = validate("CreateKey", {"Tags": tuple(tags), "Description": "d", "MultiRegion": False})
    assert checked == {"Tags": tags, "Description": "d", "MultiRegion": False}
    assert checked["Tags"][0] is not tags[0]
    given = {"KeyId": "k", "Plaintext": memoryview(b"x"), "EncryptionContext": {"a": "b"}}
    assert validate("Encrypt", given)["Plaintext"] == b"x"
    when = datetime(2026, 1, 1, tzinfo=UTC)
    assert validate("cloudtrail:LookupEvents", {"StartTime": when}) == {"StartTime": when}
    naive = when.replace(tzinfo=None)
    assert validate("cloudtrail:LookupEvents", {"StartTime": naive}) == {"StartTime": when}


def test_a_shape_of_a_type_that_nobody_knows_is_not_passed_over():
    from reconciler.engine.wire.validate import _compile

    with pytest.raises(ValueError, match="shape of type document"):
        _compile({"X": {"type": "document"}}, "X")
