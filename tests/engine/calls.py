"""A call of every operation that is about one key, valid as it stands, for tests that vary one thing.

`RECIPES` says for each operation what key it needs and how its other parameters are made while the key is usable.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

APP = "arn:aws:iam::111122223333:root"
AWAY, FAR = "eu-west-1", "ap-southeast-2"
MATERIAL = b"k" * 32
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": APP}, "Action": "kms:*", "Resource": "*"}],
    }
)
ML_KEM = {"EncapsulationAlgorithm": "ML_KEM"}
SIGNED = {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"}
CODED = {"Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
GRANT = {"GranteePrincipal": APP, "RetiringPrincipal": APP, "Operations": ["DescribeKey"]}
WRAPPED = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}


@dataclass(frozen=True)
class Recipe:
    """How to call an operation."""

    build: Callable[[Any, str], dict[str, Any]] = lambda kms, key: {"KeyId": key}
    """From a client and the ARN of a usable key to parameters."""
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    multi_region: bool = False
    replica: bool = False
    """Whether the key needs a replica in AWAY."""

    @property
    def creation(self) -> dict[str, Any]:
        """Parameters of CreateKey for such a key."""
        return {"KeySpec": self.spec, "KeyUsage": self.usage, "MultiRegion": self.multi_region}


def plain(**parameters: Any) -> Recipe:
    """A call with these parameters and a symmetric key."""
    return Recipe(lambda kms, key: {"KeyId": key, **parameters})


def pair(spec: str, usage: str, build: Callable[[Any, str], dict[str, Any]]) -> Recipe:
    """A call with a key of another spec."""
    return Recipe(lambda kms, key: {"KeyId": key, **build(kms, key)}, spec, usage)


def _blob(kms, key):
    return {"CiphertextBlob": kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]}


def _re_encrypt(kms, key):
    return {"SourceKeyId": key, "DestinationKeyId": key, **_blob(kms, key)}


def _alias(kms, key):
    other = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/there", "TargetKeyId": other})
    return {"AliasName": "alias/there", "TargetKeyId": key}


def _own_alias(kms, key):
    kms("CreateAlias", {"AliasName": "alias/there", "TargetKeyId": key})
    return {"AliasName": "alias/there"}


def _granted(kms, key):
    return {"KeyId": key, "GrantId": kms("CreateGrant", {"KeyId": key, **GRANT})["GrantId"]}


def _peer(kms, key):
    return {"KeyAgreementAlgorithm": "ECDH", "PublicKey": kms("GetPublicKey", {"KeyId": key})["PublicKey"]}


def _capsule(kms, key):
    capsule = kms("Encapsulate", {"KeyId": key, **ML_KEM})["SharedSecretCiphertextBlob"]
    return {**ML_KEM, "SharedSecretCiphertextBlob": capsule}


def _import(kms, key):
    """Wrapped material for `key`, or for another key if material is not imported into this one."""
    origin = kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Origin"]
    holder = key if origin == "EXTERNAL" else kms("CreateKey", {"Origin": "EXTERNAL"})["KeyMetadata"]["Arn"]
    parameters = kms("GetParametersForImport", {"KeyId": holder, **WRAPPED})
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)
    return {
        "KeyId": key,
        "ImportToken": parameters["ImportToken"],
        "EncryptedKeyMaterial": load_der_public_key(parameters["PublicKey"]).encrypt(MATERIAL, oaep),
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }


SIGNING = ("ECC_NIST_P256", "SIGN_VERIFY")
CODING = ("HMAC_256", "GENERATE_VERIFY_MAC")
ENCAPSULATING = ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
PUT_POLICY = plain(PolicyName="default", Policy=POLICY)
RECIPES: dict[str, Recipe] = {
    "CancelKeyDeletion": Recipe(),
    "CreateAlias": Recipe(lambda kms, key: {"AliasName": "alias/new", "TargetKeyId": key}),
    "CreateGrant": plain(**GRANT),
    "Decapsulate": pair(*ENCAPSULATING, _capsule),
    "Decrypt": Recipe(lambda kms, key: {"KeyId": key, **_blob(kms, key)}),
    "DeleteAlias": Recipe(_own_alias),
    "DeleteImportedKeyMaterial": Recipe(),
    "DeriveSharedSecret": pair("ECC_NIST_P256", "KEY_AGREEMENT", _peer),
    "DescribeKey": Recipe(),
    "DisableKey": Recipe(),
    "DisableKeyRotation": Recipe(),
    "EnableKey": Recipe(),
    "EnableKeyRotation": Recipe(),
    "Encapsulate": pair(*ENCAPSULATING, lambda kms, key: ML_KEM),
    "Encrypt": plain(Plaintext=b"x"),
    "GenerateDataKey": plain(KeySpec="AES_256"),
    "GenerateDataKeyPair": plain(KeyPairSpec="ECC_NIST_P256"),
    "GenerateDataKeyPairWithoutPlaintext": plain(KeyPairSpec="ECC_NIST_P256"),
    "GenerateDataKeyWithoutPlaintext": plain(KeySpec="AES_128"),
    "GenerateMac": pair(*CODING, lambda kms, key: CODED),
    "GenerateRandom": Recipe(lambda kms, key: {"NumberOfBytes": 1}),
    "GetKeyLastUsage": Recipe(),
    "GetKeyPolicy": Recipe(),
    "GetKeyRotationStatus": Recipe(),
    "GetParametersForImport": plain(**WRAPPED),
    "GetPublicKey": pair(*SIGNING, lambda kms, key: {}),
    "ImportKeyMaterial": Recipe(_import),
    "ListAliases": Recipe(),
    "ListGrants": Recipe(),
    "ListKeyPolicies": Recipe(),
    "ListKeyRotations": Recipe(),
    "ListResourceTags": Recipe(),
    "PutKeyPolicy": PUT_POLICY,
    "ReEncrypt": Recipe(_re_encrypt),
    "ReplicateKey": Recipe(lambda kms, key: {"KeyId": key, "ReplicaRegion": FAR}, multi_region=True),
    "RetireGrant": Recipe(_granted),
    "RevokeGrant": Recipe(_granted),
    "RotateKeyOnDemand": Recipe(),
    "ScheduleKeyDeletion": Recipe(),
    "Sign": pair(*SIGNING, lambda kms, key: SIGNED),
    "TagResource": plain(Tags=[{"TagKey": "a", "TagValue": "b"}]),
    "UntagResource": plain(TagKeys=["a"]),
    "UpdateAlias": Recipe(_alias),
    "UpdateKeyDescription": plain(Description="x"),
    "UpdatePrimaryRegion": Recipe(
        lambda kms, key: {"KeyId": key, "PrimaryRegion": AWAY}, multi_region=True, replica=True
    ),
    "Verify": pair(
        *SIGNING, lambda kms, key: SIGNED | {"Signature": kms("Sign", {"KeyId": key, **SIGNED})["Signature"]}
    ),
    "VerifyMac": pair(*CODING, lambda kms, key: CODED | {"Mac": kms("GenerateMac", {"KeyId": key, **CODED})["Mac"]}),
}


def ready(kms, operation):
    """Parameters with which `operation` succeeds on a fresh key."""
    recipe = RECIPES[operation]
    key = kms("CreateKey", recipe.creation)["KeyMetadata"]["Arn"]
    if recipe.replica:
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    return recipe.build(kms, key)
