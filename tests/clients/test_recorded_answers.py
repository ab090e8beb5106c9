"""What AWS answered when somebody asked: codes and messages that were recorded from AWS itself.

Most recordings are LocalStack's (localstack/localstack, tests/aws/services/kms/test_kms.snapshot.json, and since 2025
the words of its provider, which its tests hold against AWS). Others stand in issues of those who met them. They are
facts, in calls of our own.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.support.world import MAIN, REGION, user_credentials

FAR = "ap-southeast-1"
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:{REGION}:{MAIN}:key"
MAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
RSA = {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}
SIGN = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}
AGREE = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
IMPORTED = {"Origin": "EXTERNAL"}


@dataclass(frozen=True)
class Case:
    """A call about `key`, which is made with `settings`, and AWS's answer; `{key}` is the key's ARN."""

    operation: str
    parameters: dict[str, object]
    code: str
    message: str
    settings: dict[str, str] | None = None


_NAMES = {"create_alias": "TargetKeyId"}
"""What the parameter is called that names the key, where it is not KeyId."""


def constraint(value, name, rest):
    return f"1 validation error detected: Value{value} at '{name}' failed to satisfy constraint: Member must {rest}"


def tags(**pairs):
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in pairs.items()]}


CASES = {
    "random: nothing said": Case("generate_random", {}, "ValidationException", "NumberOfBytes is required."),
    "random: none": Case(
        "generate_random",
        {"NumberOfBytes": 0},
        "ValidationException",
        constraint(" '0'", "numberOfBytes", "have value greater than or equal to 1"),
    ),
    "random: too many": Case(
        "generate_random",
        {"NumberOfBytes": 1025},
        "ValidationException",
        constraint(" '1025'", "numberOfBytes", "have value less than or equal to 1024"),
    ),
    "plaintext too long": Case(
        "encrypt",
        {"Plaintext": bytes(4097)},
        "ValidationException",
        constraint("", "plaintext", "have length less than or equal to 4096"),
        {},
    ),
    "plaintext too long for SHA-1": Case(
        "encrypt",
        {"Plaintext": bytes(215), "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
        "ValidationException",
        "Algorithm RSAES_OAEP_SHA_1 and key spec RSA_2048 cannot encrypt data larger than 214 bytes.",
        RSA,
    ),
    "plaintext too long for SHA-256": Case(
        "encrypt",
        {"Plaintext": bytes(191), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"},
        "ValidationException",
        "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes.",
        RSA,
    ),
    "no such key": Case("describe_key", {"KeyId": ID}, "NotFoundException", f"Key '{ARN}/{ID}' does not exist"),
    "no such ARN": Case(
        "describe_key", {"KeyId": f"{ARN}/{ID}"}, "NotFoundException", f"Key '{ARN}/{ID}' does not exist"
    ),
    "no such multi-Region key": Case(
        "describe_key",
        {"KeyId": "mrk-d3b95762d3b95762d3b95762d3b95762"},
        "NotFoundException",
        f"Key '{ARN}/mrk-d3b95762d3b95762d3b95762d3b95762' does not exist",
    ),
    "ARN of another Region": Case(
        "describe_key",
        {"KeyId": f"arn:aws:kms:{FAR}:{MAIN}:key/{ID}"},
        "NotFoundException",
        f"Invalid arn {FAR}",
    ),
    "no id": Case("describe_key", {"KeyId": "fake-key-id"}, "NotFoundException", "Invalid keyId 'fake-key-id'"),
    "id without dashes": Case(
        "describe_key",
        {"KeyId": ID.replace("-", "")},
        "NotFoundException",
        f"Invalid keyId '{ID.replace('-', '')}'",
    ),
    "no multi-Region id": Case(
        "describe_key", {"KeyId": "mrk-fake-key-id"}, "NotFoundException", "Invalid keyId 'mrk-fake-key-id'"
    ),
    "alias without its prefix": Case(
        "create_alias",
        {"AliasName": "fakealias"},
        "ValidationException",
        'Alias must start with the prefix "alias/". '
        "Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        {},
    ),
    "digest of another length": Case(
        "sign",
        {"Message": hashlib.sha512(b"").digest(), "MessageType": "DIGEST", "SigningAlgorithm": "ECDSA_SHA_256"},
        "ValidationException",
        "Digest is invalid length for algorithm ECDSA_SHA_256.",
        SIGN,
    ),
    "bad signature": Case(
        "verify",
        {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": b"y"},
        "KMSInvalidSignatureException",
        "",
        SIGN,
    ),
    "HMAC key without a usage": Case(
        "create_key",
        {"KeySpec": "HMAC_256"},
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    ),
    "MAC of another length": Case(
        "generate_mac",
        {"Message": b"x", "MacAlgorithm": "HMAC_SHA_512"},
        "InvalidKeyUsageException",
        "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256.",
        MAC,
    ),
    "bad MAC": Case(
        "verify_mac",
        {"Message": b"x", "Mac": b"y" * 32, "MacAlgorithm": "HMAC_SHA_256"},
        "KMSInvalidMacException",
        "",
        MAC,
    ),
    "usage of GenerateMac": Case(
        "generate_mac",
        {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"},
        "InvalidKeyUsageException",
        "{key} key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac.",
        {},
    ),
    "usage of Sign": Case(
        "sign",
        {"Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"},
        "InvalidKeyUsageException",
        "{key} key usage is GENERATE_VERIFY_MAC which is not valid for Sign.",
        MAC,
    ),
    "usage of Verify": Case(
        "verify",
        {"Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256", "Signature": b"y"},
        "InvalidKeyUsageException",
        "{key} key usage is ENCRYPT_DECRYPT which is not valid for Verify.",
        {},
    ),
    "usage of Encrypt": Case(
        "encrypt",
        {"Plaintext": b"x"},
        "InvalidKeyUsageException",
        "{key} key usage is SIGN_VERIFY which is not valid for Encrypt.",
        SIGN,
    ),
    "before the import": Case(
        "encrypt", {"Plaintext": b"x"}, "KMSInvalidStateException", "{key} is pending import.", IMPORTED
    ),
    "rotation before the import": Case(
        "rotate_key_on_demand", {}, "KMSInvalidStateException", "{key} is pending import.", IMPORTED
    ),
    "rotation of a key that has none": Case("rotate_key_on_demand", {}, "UnsupportedOperationException", "", RSA),
    # terraform-aws-modules/terraform-aws-kms, issue 20
    "automatic rotation of a key that has none": Case(
        "enable_key_rotation", {}, "UnsupportedOperationException", "", SIGN
    ),
    "a tag of AWS's": Case(
        "tag_resource", tags(**{"AWS:x": "1"}), "TagException", "Tags beginning with aws: are reserved", {}
    ),
    "a tag twice": Case(
        "tag_resource", {"Tags": tags(a="1")["Tags"] + tags(a="2")["Tags"]}, "TagException", "Duplicate tag keys", {}
    ),
    "too many tags": Case(
        "create_key", tags(**{f"t{number}": "" for number in range(51)}), "TagException", "Too many tags"
    ),
    "tag key too long": Case(
        "create_key",
        tags(**{"k" * 129: "v"}),
        "ValidationException",
        constraint(f" '{'k' * 129}'", "tags.1.member.tagKey", "have length less than or equal to 128"),
    ),
    "tag value too long": Case(
        "create_key",
        tags(k="v" * 257),
        "ValidationException",
        constraint(f" '{'v' * 257}'", "tags.1.member.tagValue", "have length less than or equal to 256"),
    ),
    "usage of DeriveSharedSecret": Case(
        "derive_shared_secret",
        {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"},
        "InvalidKeyUsageException",
        "{key} key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret.",
        SIGN,
    ),
    "agreement with no public key": Case(
        "derive_shared_secret", {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}, "ValidationException", "", AGREE
    ),
    "agreement by RSA": Case(
        "create_key",
        {"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"},
        "ValidationException",
        "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
    ),
    "a dry run": Case(
        "generate_data_key_pair",
        {"KeyPairSpec": "ECC_NIST_P256", "DryRun": True},
        "DryRunOperationException",
        "The request would have succeeded, but the DryRun option is set.",
        {},
    ),
    # getmoto/moto, tests/test_kms/test_kms.py
    "a reserved alias": Case("create_alias", {"AliasName": "alias/aws/s3"}, "NotAuthorizedException", "", {}),
    "an alias of an alias": Case(
        "create_alias",
        {"AliasName": "alias/a", "TargetKeyId": "alias/b"},
        "ValidationException",
        "Aliases must refer to keys. Not aliases",
    ),
    # nsmithuk/local-kms, tests/functional/tests/cmk/test_key_management.py
    "a key spec by both its names": Case(
        "create_key",
        {"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
        "ValidationException",
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.",
    ),
    "import into a key that KMS made": Case(
        "get_parameters_for_import",
        {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        "UnsupportedOperationException",
        "{key} origin is AWS_KMS which is not valid for this operation.",
        {},
    ),
}


@pytest.fixture(scope="module")
def kms(there):
    """boto3 lets everything pass: the service is asked."""
    return there.client("kms", user_credentials(), config=Config(parameter_validation=False))


@pytest.fixture(scope="module")
def keys(kms):
    """The ARN of a key with some settings; one for all cases."""
    made = {}

    def key(settings):
        name = json.dumps(settings, sort_keys=True)
        if name not in made:
            made[name] = kms.create_key(**settings)["KeyMetadata"]["Arn"]
        return made[name]

    return key


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_answer_is_that_of_aws(kms, keys, case):
    key = keys(case.settings) if case.settings is not None else ""
    with pytest.raises(ClientError) as caught:
        getattr(kms, case.operation)(**({_NAMES.get(case.operation, "KeyId"): key} if key else {}) | case.parameters)
    told = caught.value.response
    assert told["Error"] == {"Code": case.code, "Message": case.message.format(key=key)}
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert case.message or "message" not in told


def test_decrypting_with_a_key_that_cannot_is_about_the_key(kms, keys):
    sealed = kms.encrypt(KeyId=keys({}), Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(kms.exceptions.IncorrectKeyException) as caught:
        kms.decrypt(CiphertextBlob=sealed, KeyId=keys(MAC))
    assert caught.value.response["Error"]["Message"] == (
        "The key ID in the request does not identify a CMK that can perform this operation."
    )
