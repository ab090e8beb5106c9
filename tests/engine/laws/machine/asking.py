"""Calls of all kinds that change nothing, by anybody, about any key or none: whatever comes of them is listed."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.engine.laws.machine.base import callers, regions, things
from tests.engine.laws.machine.lives import places
from tests.engine.laws.machine.model import MAIN, REGIONS, ROOTS
from tests.engine.laws.machine.uses import Uses

MISSING = f"arn:aws:kms:us-east-1:{MAIN}:key/12345678-1234-1234-1234-123456789012"
NO_STORE = {"CustomKeyStoreId": "cks-0123456789abcdef0"}
ECDH = {"KeyAgreementAlgorithm": "ECDH", "PublicKey": b"x"}
DRY = {"DryRun": True}
OF_KEYS = {
    "CreateGrant": {"GranteePrincipal": ROOTS[MAIN], "Operations": ["Decrypt"], **DRY},
    "Decapsulate": {"EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": b"x" * 1088},
    "Decrypt": {"CiphertextBlob": b"x"},
    "DeriveSharedSecret": ECDH,
    "DescribeKey": {},
    "Encapsulate": {"EncapsulationAlgorithm": "ML_KEM"},
    "Encrypt": {"Plaintext": b"x"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyWithoutPlaintext": {"NumberOfBytes": 7},
    "GenerateMac": {"Message": b"x", "MacAlgorithm": "HMAC_SHA_384"},
    "GetKeyLastUsage": {},
    "GetKeyPolicy": {},
    "GetKeyRotationStatus": {},
    "GetParametersForImport": {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    "GetPublicKey": {},
    "ImportKeyMaterial": {"ImportToken": b"x", "EncryptedKeyMaterial": b"x"},
    "ListAliases": {"Limit": 1},
    "ListGrants": {"Limit": 1},
    "ListKeyPolicies": {},
    "ListKeyRotations": {"Marker": "x"},
    "ListResourceTags": {"Marker": "x"},
    "RevokeGrant": {"GrantId": "0" * 64, **DRY},
    "Sign": {"Message": b"x", "SigningAlgorithm": "ECDSA_SHA_384"},
    "Verify": {"Message": b"x", "Signature": b"x", "SigningAlgorithm": "ECDSA_SHA_256"},
    "VerifyMac": {"Message": b"x", "Mac": b"x", "MacAlgorithm": "HMAC_SHA_256"},
}
"""Parameters besides KeyId: some right for some keys, none for all."""
OF_NONE = (
    ("CreateAlias", {"AliasName": "alias/aws/mine", "TargetKeyId": MISSING}),
    ("ConnectCustomKeyStore", NO_STORE),
    ("CreateCustomKeyStore", {"CustomKeyStoreName": "x"}),
    ("CreateKey", {"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"}),
    ("DeleteCustomKeyStore", NO_STORE),
    ("DescribeCustomKeyStores", NO_STORE),
    ("DisconnectCustomKeyStore", NO_STORE),
    ("GenerateRandom", {"NumberOfBytes": 8}),
    ("ListKeys", {"Marker": "x"}),
    ("ListRetirableGrants", {"RetiringPrincipal": ROOTS[MAIN]}),
    ("ReEncrypt", {"CiphertextBlob": b"x", "DestinationKeyId": MISSING}),
    ("RetireGrant", {"GrantToken": "x"}),
    ("ScheduleKeyDeletion", {"KeyId": MISSING, "PendingWindowInDays": 6}),
    ("UpdateCustomKeyStore", NO_STORE),
    ("cloudtrail:LookupEvents", {"NextToken": "x"}),
    ("sts:AssumeRole", {"RoleArn": ROOTS[MAIN], "RoleSessionName": "run"}),
    ("sts:GetCallerIdentity", {}),
    ("tagging:GetResources", {"PaginationToken": "x"}),
    ("DescribeCustomKeyStores", {}),
    ("ListKeys", {"Limit": 1}),
    ("tagging:GetResources", {}),
    ("cloudtrail:LookupEvents", {"MaxResults": 2}),
)


class Asking(Uses):
    """Every operation is asked for."""

    @rule(key=things, place=places, caller=callers, how=st.sampled_from(["arn", "id", "alias", "missing", "none"]))
    def ask_everything_of_a_key(self, key, place, caller, how):
        region = self.region_of(key, place) or REGIONS[place]
        named = {"id": key.life.id, "arn": key.arn(region), "alias": "alias/a", "missing": MISSING, "none": "x y"}
        for operation, parameters in OF_KEYS.items():
            self.ask(caller, region, operation, **parameters, KeyId=named[how])

    @rule(caller=callers, region=regions)
    def ask_everything_else(self, caller, region):
        for operation, parameters in OF_NONE:
            self.ask(caller, region, operation, **parameters)
