"""A life of two keys that calls nearly every operation of the engine."""

from __future__ import annotations

from datetime import timedelta

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
    kms("GetKeyLastUsage", named)
    kms("EnableKeyRotation", named)
    kms("GetKeyRotationStatus", named)
    kms("ListKeyRotations", named)
    kms("DisableKeyRotation", named)
    kms("EnableKeyRotation", named)
    kms("GetKeyPolicy", named)
    kms("PutKeyPolicy", {**named, "Policy": '{"Statement": {"Effect": "Allow"}}'})
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
    rsa = kms("CreateKey", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})["KeyMetadata"]["KeyId"]
    kms("GetPublicKey", {"KeyId": rsa})
