"""DryRun, DryRunModifiers and Recipient, on every operation of the service model that has them.

Facts: https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html and the model's documentation.
"""

from __future__ import annotations

import pytest
from botocore.session import get_session

from tests.engine.calls import ready

MODEL = get_session().get_service_model("kms")
IGNORING = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}


def having(member):
    """Operations whose request has a member of this name."""
    operations = (MODEL.operation_model(name) for name in MODEL.operation_names)
    return sorted(operation.name for operation in operations if operation.input_shape and has(operation, member))


def has(operation, member):
    return member in operation.input_shape.members


@pytest.mark.parametrize("operation", having("DryRun"))
def test_a_dry_run_of_a_call_that_would_succeed_says_so_and_does_nothing(kms, refused, operation):
    parameters = ready(kms, operation)
    key = parameters.get("KeyId") or parameters["DestinationKeyId"]
    before = [kms("GetKeyLastUsage", {"KeyId": key}), kms("ListGrants", {"KeyId": key})]
    error = refused(operation, **parameters, DryRun=True)
    assert error.code == "DryRunOperationException"
    assert error.message == "The request would have succeeded, but the DryRun option is set."
    assert [kms("GetKeyLastUsage", {"KeyId": key}), kms("ListGrants", {"KeyId": key})] == before
    kms(operation, {**parameters, "DryRun": False})


FAULTS = {
    "Decapsulate": ({"SharedSecretCiphertextBlob": b"x"}, "InvalidCiphertextException"),
    "Decrypt": ({"EncryptionContext": {"a": "b"}}, "InvalidCiphertextException"),
    "DeriveSharedSecret": ({"PublicKey": b"x"}, "ValidationException"),
    "Encrypt": ({"EncryptionAlgorithm": "RSAES_OAEP_SHA_1"}, "InvalidKeyUsageException"),
    "GenerateDataKeyPair": ({"KeyPairSpec": "SM2"}, "UnsupportedOperationException"),
    "GenerateMac": ({"MacAlgorithm": "HMAC_SHA_512"}, "InvalidKeyUsageException"),
    "ReEncrypt": ({"SourceEncryptionContext": {"a": "b"}}, "InvalidCiphertextException"),
    "RevokeGrant": ({"GrantId": "0" * 64}, "NotFoundException"),
    "Sign": ({"MessageType": "DIGEST"}, "ValidationException"),
    "Verify": ({"Signature": b"x"}, "KMSInvalidSignatureException"),
    "VerifyMac": ({"Mac": b"x"}, "KMSInvalidMacException"),
}


@pytest.mark.parametrize("operation", FAULTS)
def test_a_dry_run_of_a_call_that_would_fail_fails_as_the_call_would(kms, refused, operation):
    changes, code = FAULTS[operation]
    parameters = ready(kms, operation) | changes
    assert refused(operation, **parameters, DryRun=True).code == refused(operation, **parameters).code == code


@pytest.mark.parametrize("operation", having("DryRunModifiers"))
@pytest.mark.parametrize("blob", [None, b"no ciphertext"], ids=["none", "foreign"])
def test_a_dry_run_may_ignore_the_ciphertext(kms, refused, operation, blob):
    key = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    named = {"SourceKeyId": key, "DestinationKeyId": key} if operation == "ReEncrypt" else {"KeyId": key}
    parameters = named if blob is None else named | {"CiphertextBlob": blob}
    assert refused(operation, **parameters, **IGNORING).code == "DryRunOperationException"
    real = {**parameters, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    assert refused(operation, **real).code == ("ValidationException" if blob is None else "InvalidCiphertextException")


@pytest.mark.parametrize("operation", having("DryRunModifiers"))
def test_without_looking_into_the_ciphertext_the_key_must_be_named(refused, kms, operation):
    more = {"DestinationKeyId": kms("CreateKey", {})["KeyMetadata"]["KeyId"]} if operation == "ReEncrypt" else {}
    assert refused(operation, **more, **IGNORING).code == "ValidationException"


@pytest.mark.parametrize("operation", having("Recipient"))
def test_there_is_no_enclave_to_answer(kms, refused, operation):
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    error = refused(operation, **ready(kms, operation), Recipient=recipient)
    assert error.code == "UnsupportedOperationException"
    assert error.message == "The Recipient parameter is not supported: there is no enclave to attest."
