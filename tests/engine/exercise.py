"""A life of two keys that calls nearly every operation of the engine."""

from __future__ import annotations

from datetime import timedelta

from tests.engine.custom_stores.conftest import cloudhsm
from tests.support.importing import import_material

APP = "arn:aws:iam::111122223333:role/app"


def exercise(kms, clock):
    """Call every kind of operation that reads or writes the store."""
    tags = [{"TagKey": "stack", "TagValue": "a"}]
    key = kms("CreateKey", {"Tags": tags, "MultiRegion": True})["KeyMetadata"]
    named = {"KeyId": key["KeyId"]}
    other = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]})
    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": other})
    kms("DescribeKey", {"KeyId": "alias/a"})
    kms("ListAliases", {})
    kms("ListAliases", named)
    grant = {**named, "GranteePrincipal": APP, "RetiringPrincipal": APP, "Operations": ["Decrypt"], "Name": "g"}
    token = kms("CreateGrant", grant)["GrantToken"]
    kms("ListGrants", {**named, "GranteePrincipal": APP})
    kms("ListRetirableGrants", {"RetiringPrincipal": APP})
    kms("RetireGrant", {"GrantToken": token})
    kms("RevokeGrant", {**named, "GrantId": kms("CreateGrant", grant)["GrantId"]})
    use(kms, key["KeyId"], other)
    share(kms)
    bring(kms, clock)
    kms("GetKeyLastUsage", named)
    kms("EnableKeyRotation", named)
    kms("GetKeyRotationStatus", named)
    kms("ListKeyRotations", named)
    kms("DisableKeyRotation", named)
    kms("EnableKeyRotation", named)
    kms("GetKeyPolicy", named)
    kms("PutKeyPolicy", {**named, "Policy": kms("GetKeyPolicy", named)["Policy"]})
    kms("ListKeyPolicies", named)
    kms("UpdateKeyDescription", {**named, "Description": "d"})
    kms("DisableKey", named)
    kms("EnableKey", named)
    kms("TagResource", {**named, "Tags": tags})
    kms("sts:GetCallerIdentity", {})
    kms("ListKeys", {})
    kms("ListResourceTags", named)
    kms("UntagResource", {**named, "TagKeys": ["none"]})
    kms("tagging:GetResources", {"TagFilters": [{"Key": "stack", "Values": ["a"]}]})
    kms("tagging:GetResources", {"TagFilters": [{"Key": "stack", "Values": ["a", "b"]}]})
    for attribute, value in (("ResourceName", key["KeyId"]), ("EventName", "Encrypt")):
        kms(
            "cloudtrail:LookupEvents",
            {"LookupAttributes": [{"AttributeKey": attribute, "AttributeValue": value}]},
        )
    clock.advance(timedelta(days=400))
    kms("DeleteAlias", {"AliasName": "alias/a"})
    kms("ScheduleKeyDeletion", {"KeyId": other})
    kms("CancelKeyDeletion", {"KeyId": other})
    kms("ScheduleKeyDeletion", {"KeyId": other, "PendingWindowInDays": 7})
    clock.advance(timedelta(days=8))
    kms("DescribeKey", named)


def share(kms):
    """Give a key a replica, and make that the primary."""
    key = kms("CreateKey", {"MultiRegion": True})["KeyMetadata"]["KeyId"]
    for region in ("eu-west-1", "eu-west-2"):
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": region, "Tags": [{"TagKey": "stack", "TagValue": "b"}]})
    kms("RotateKeyOnDemand", {"KeyId": key})
    kms("ScheduleKeyDeletion", {"KeyId": key})
    kms("CancelKeyDeletion", {"KeyId": key})
    kms("EnableKey", {"KeyId": key})
    kms("UpdatePrimaryRegion", {"KeyId": key, "PrimaryRegion": "eu-west-1"})
    kms("ScheduleKeyDeletion", {"KeyId": key})


def bring(kms, clock):
    """Import material that expires, rotate to another, and take that away again."""
    key = kms("CreateKey", {"Origin": "EXTERNAL", "MultiRegion": True})["KeyMetadata"]["KeyId"]
    import_material(kms, key, bytes(32), ValidTo=clock.now() + timedelta(days=9))
    kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": "eu-west-1"})
    import_material(kms, key, bytes(range(32)), ImportType="NEW_KEY_MATERIAL")
    kms("ListKeyRotations", {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})
    rotated = kms("CreateKey", {"Origin": "EXTERNAL"})["KeyMetadata"]["KeyId"]
    for material in (bytes(32), bytes(range(32))):
        import_material(kms, rotated, material, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="a")
    kms("RotateKeyOnDemand", {"KeyId": rotated})
    kms("DeleteImportedKeyMaterial", {"KeyId": rotated})


def use(kms, key, other):
    """Call the cryptographic operations."""
    named = {"KeyId": key}
    blob = kms("Encrypt", {**named, "Plaintext": b"x"})["CiphertextBlob"]
    kms("RotateKeyOnDemand", named)
    kms("Decrypt", {"CiphertextBlob": blob})
    kms("ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": other})
    kms("GenerateDataKey", {**named, "KeySpec": "AES_256"})
    kms("GenerateDataKeyWithoutPlaintext", {**named, "NumberOfBytes": 7})
    kms("GenerateRandom", {"NumberOfBytes": 7})
    kms("GenerateDataKeyPair", {**named, "KeyPairSpec": "ECC_NIST_P256"})
    kms("GenerateDataKeyPairWithoutPlaintext", {**named, "KeyPairSpec": "ECC_NIST_P256"})
    use_pairs(kms)
    use_stores(kms)


def use_pairs(kms):
    """Call the cryptographic operations that need other keys than symmetric ones."""

    def new(spec, usage):
        return {"KeyId": kms("CreateKey", {"KeySpec": spec, "KeyUsage": usage})["KeyMetadata"]["KeyId"]}

    signed = {**new("RSA_2048", "SIGN_VERIFY"), "Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    kms("Verify", {**signed, "Signature": kms("Sign", signed)["Signature"]})
    coded = {**new("HMAC_256", "GENERATE_VERIFY_MAC"), "Message": b"x", "MacAlgorithm": "HMAC_SHA_256"}
    kms("VerifyMac", {**coded, "Mac": kms("GenerateMac", coded)["Mac"]})
    agreeing = new("ECC_NIST_P256", "KEY_AGREEMENT")
    peer = kms("GetPublicKey", agreeing)["PublicKey"]
    kms("DeriveSharedSecret", {**agreeing, "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer})
    kem = {**new("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
    capsule = kms("Encapsulate", kem)["SharedSecretCiphertextBlob"]
    kms("Decapsulate", {**kem, "SharedSecretCiphertextBlob": capsule})


def use_stores(kms):
    """Call the operations of custom key stores."""
    store = {"CustomKeyStoreId": kms("CreateCustomKeyStore", cloudhsm())["CustomKeyStoreId"]}
    kms("UpdateCustomKeyStore", {**store, "NewCustomKeyStoreName": "renamed"})
    kms("ConnectCustomKeyStore", store)
    kms("DescribeCustomKeyStores", store)
    kms("DisconnectCustomKeyStore", store)
    kms("DeleteCustomKeyStore", store)
