"""Every operation of KMS by boto3 over HTTP, signed by a user and by a role: boto3 can read what it is answered."""

from __future__ import annotations

import hashlib
import json
import os

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

from tests.support.world import MAIN, role_arn, user_arn

EUROPE = "eu-central-1"
COVERED: dict[str, set[str]] = {}
"""The operations that each test says it calls."""


def calls(*operations):
    """Say which operations a test calls; `kms` checks that it does."""

    def declare(test):
        COVERED[test.__name__] = set(operations)
        return test

    return declare


@pytest.fixture(params=["user", "role"])
def clients(there, request):
    """Clients of two Regions that note what is called."""
    called: set[str] = set()
    make = there.user if request.param == "user" else there.role
    name = "admin" if request.param == "user" else "operator"
    made = [make(name), make(name, region=EUROPE)]

    def note(model, **_):
        called.add(model.name)

    for client in made:
        client.meta.events.register("before-call.kms", note, unique_id="note")
    yield made
    for client in made:
        client.meta.events.unregister("before-call.kms", unique_id="note")
    assert COVERED[request.node.originalname] <= called


@pytest.fixture
def kms(clients):
    return clients[0]


def made(kms, **settings):
    return kms.create_key(**settings)["KeyMetadata"]["KeyId"]


@calls("CreateKey", "DescribeKey", "UpdateKeyDescription", "DisableKey", "EnableKey", "ListKeys", "GetKeyLastUsage")
def test_keys(kms):
    key = made(kms, Description="first", Tags=[{"TagKey": "team", "TagValue": "blue"}])
    kms.update_key_description(KeyId=key, Description="second")
    kms.disable_key(KeyId=key)
    told = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (told["Description"], told["KeyState"], told["Enabled"]) == ("second", "Disabled", False)
    kms.enable_key(KeyId=key)
    assert kms.get_key_last_usage(KeyId=key)["KeyId"].endswith(key)
    kms.encrypt(KeyId=key, Plaintext=b"x")
    assert kms.get_key_last_usage(KeyId=key)["KeyLastUsage"]["Operation"] == "Encrypt"
    assert key in {one["KeyId"] for page in kms.get_paginator("list_keys").paginate() for one in page["Keys"]}


@calls("ScheduleKeyDeletion", "CancelKeyDeletion")
def test_deletion(kms):
    key = made(kms)
    told = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (told["KeyState"], told["PendingWindowInDays"]) == ("PendingDeletion", 7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["DeletionDate"] == told["DeletionDate"]
    assert kms.cancel_key_deletion(KeyId=key)["KeyId"].endswith(key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


@calls("CreateAlias", "UpdateAlias", "ListAliases", "DeleteAlias")
def test_aliases(kms):
    first, second = made(kms), made(kms)
    alias = f"alias/teams/{first}"
    kms.create_alias(AliasName=alias, TargetKeyId=first)
    kms.update_alias(AliasName=alias, TargetKeyId=second)
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == second
    (listed,) = kms.list_aliases(KeyId=second)["Aliases"]
    assert (listed["AliasName"], listed["TargetKeyId"]) == (alias, second)
    kms.delete_alias(AliasName=alias)
    assert kms.list_aliases(KeyId=second)["Aliases"] == []


@calls("TagResource", "UntagResource", "ListResourceTags")
def test_tags(kms):
    key = made(kms, Tags=[{"TagKey": "a", "TagValue": "1"}])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "b", "TagValue": "2"}, {"TagKey": "a", "TagValue": "3"}])
    kms.untag_resource(KeyId=key, TagKeys=["b"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "3"}]


@calls("GetKeyPolicy", "PutKeyPolicy", "ListKeyPolicies")
def test_policies(kms):
    key = made(kms)
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    policy["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": role_arn("documents")}, "Action": "kms:Decrypt", "Resource": "*"}
    )
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy), PolicyName="default")
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == policy
    assert kms.list_key_policies(KeyId=key)["PolicyNames"] == ["default"]


@calls("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "GenerateRandom")
def test_symmetric_cryptography(kms):
    first, second = made(kms), made(kms)
    context = {"tenant": "blau"}
    sealed = kms.encrypt(KeyId=first, Plaintext=b"hello", EncryptionContext=context)["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=sealed, SourceEncryptionContext=context, DestinationKeyId=second)
    assert moved["SourceKeyId"].endswith(first)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"hello"
    data_key = kms.generate_data_key(KeyId=first, KeySpec="AES_256")
    assert kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"] == data_key["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=first, NumberOfBytes=24)
    assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == 24
    assert len(kms.generate_random(NumberOfBytes=32)["Plaintext"]) == 32


@calls("Sign", "Verify", "GetPublicKey", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext")
def test_key_pairs(kms):
    key = made(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    message = {"KeyId": key, "Message": b"pay 5", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**message)["Signature"]
    assert kms.verify(**message, Signature=signature)["SignatureValid"] is True
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    public.verify(signature, b"pay 5", ec.ECDSA(hashes.SHA256()))
    wrapping = made(kms)
    pair = kms.generate_data_key_pair(KeyId=wrapping, KeyPairSpec="ECC_NIST_P256")
    private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"]
    der = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert private.public_key().public_bytes(*der) == pair["PublicKey"]
    hidden = kms.generate_data_key_pair_without_plaintext(KeyId=wrapping, KeyPairSpec="ECC_NIST_P256")
    assert "PrivateKeyPlaintext" not in hidden


@calls("GenerateMac", "VerifyMac")
def test_macs(kms):
    key = made(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    message = {"KeyId": key, "Message": b"session 7", "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms.generate_mac(**message)["Mac"]
    assert kms.verify_mac(**message, Mac=mac)["MacValid"] is True


@calls("DeriveSharedSecret", "Encapsulate", "Decapsulate")
def test_agreement(kms):
    keys = [made(kms, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT") for _ in range(2)]
    public = [kms.get_public_key(KeyId=key)["PublicKey"] for key in keys]
    secrets = [
        kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=other)["SharedSecret"]
        for key, other in zip(keys, reversed(public), strict=True)
    ]
    assert secrets[0] == secrets[1]
    key = made(kms, KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")
    sent = kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    wrapped = sent["SharedSecretCiphertextBlob"]
    opened = kms.decapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=wrapped)
    assert opened["SharedSecret"] == sent["SharedSecret"]


@calls(
    *("EnableKeyRotation", "GetKeyRotationStatus", "RotateKeyOnDemand", "ListKeyRotations", "DisableKeyRotation"),
)
def test_rotation(kms):
    key = made(kms)
    sealed = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)
    assert kms.rotate_key_on_demand(KeyId=key)["KeyId"].endswith(key)
    assert [one["RotationType"] for one in kms.list_key_rotations(KeyId=key)["Rotations"]] == ["ON_DEMAND"]
    kms.disable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"old"


@calls("CreateGrant", "ListGrants", "ListRetirableGrants", "RetireGrant", "RevokeGrant")
def test_grants(kms, there):
    key = made(kms)
    grant = {"KeyId": key, "GranteePrincipal": user_arn("bystander"), "Operations": ["DescribeKey"]}
    first = kms.create_grant(**grant, RetiringPrincipal=role_arn("operator"), Name="first")
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    described = there.user("bystander").describe_key(KeyId=arn, GrantTokens=[first["GrantToken"]])
    assert described["KeyMetadata"]["AWSAccountId"] == MAIN
    second = kms.create_grant(**grant, Name="second")
    assert {one["Name"] for one in kms.list_grants(KeyId=key)["Grants"]} == {"first", "second"}
    pages = kms.get_paginator("list_retirable_grants").paginate(RetiringPrincipal=role_arn("operator"))
    assert first["GrantId"] in {one["GrantId"] for page in pages for one in page["Grants"]}
    kms.retire_grant(GrantToken=first["GrantToken"])
    kms.revoke_grant(KeyId=key, GrantId=second["GrantId"])
    assert kms.list_grants(KeyId=key)["Grants"] == []


@calls("GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial")
def test_imported_material(kms):
    key = made(kms, Origin="EXTERNAL")
    parameters = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    wrap = serialization.load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrap.encrypt(os.urandom(32), oaep),
        ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
    )
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.delete_imported_key_material(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.decrypt(CiphertextBlob=sealed)


@calls("ReplicateKey", "UpdatePrimaryRegion")
def test_multi_region_keys(clients):
    america, europe = clients
    key = made(america, MultiRegion=True)
    sealed = america.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    replica = america.replicate_key(KeyId=key, ReplicaRegion=EUROPE)["ReplicaKeyMetadata"]
    assert replica["Arn"].split(":")[3] == EUROPE
    assert europe.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    america.update_primary_region(KeyId=key, PrimaryRegion=EUROPE)
    told = europe.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    assert told["PrimaryKey"]["Region"] == EUROPE


@calls(
    *("CreateCustomKeyStore", "DescribeCustomKeyStores", "ConnectCustomKeyStore", "UpdateCustomKeyStore"),
    *("DisconnectCustomKeyStore", "DeleteCustomKeyStore"),
)
def test_custom_key_stores(kms):
    name, store = external_store(kms)
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    (told,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    assert told["ConnectionState"] == "CONNECTED"
    key = made(kms, Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId=name)
    sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName=f"{name}-2")
    with pytest.raises(kms.exceptions.CustomKeyStoreHasCMKsException):
        kms.delete_custom_key_store(CustomKeyStoreId=store)
    _, empty = external_store(kms)
    kms.delete_custom_key_store(CustomKeyStoreId=empty)
    with pytest.raises(kms.exceptions.CustomKeyStoreNotFoundException):
        kms.describe_custom_key_stores(CustomKeyStoreId=empty)


def external_store(kms):
    """A store behind a proxy of its own; its name and id."""
    name = f"store-{os.urandom(4).hex()}"
    told = kms.create_custom_key_store(
        CustomKeyStoreName=name,
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyUriEndpoint=f"https://{name}.example.com",
        XksProxyUriPath="/kms/xks/v1",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyAuthenticationCredential={"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "s" * 43},
    )
    return name, told["CustomKeyStoreId"]


@calls("CreateKey", "Sign")
def test_what_a_dry_run_would_do_is_an_error_of_its_own(kms):
    key = made(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    digest = hashlib.sha256(b"x").digest()
    with pytest.raises(kms.exceptions.DryRunOperationException):
        kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256", DryRun=True)


def test_all_operations_of_the_service_model_are_called_above(there):
    model = there.user().meta.service_model
    assert set().union(*COVERED.values()) == set(model.operation_names)


def test_the_other_services_answer_a_role(there):
    identity = there.role("operator", "sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{MAIN}:assumed-role/operator/run"
    kms = there.role("operator")
    arn = kms.create_key(Tags=[{"TagKey": "found-by", "TagValue": "role"}])["KeyMetadata"]["Arn"]
    tagging = there.role("operator", "resourcegroupstaggingapi").get_paginator("get_resources")
    pages = tagging.paginate(TagFilters=[{"Key": "found-by"}], ResourceTypeFilters=["kms:key"])
    assert arn in [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
    trail = there.role("operator", "cloudtrail")
    (event,) = trail.lookup_events(LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": arn}])["Events"]
    assert json.loads(event["CloudTrailEvent"])["userIdentity"]["arn"] == identity["Arn"]


def test_who_has_no_policy_is_denied_everything(there):
    key = there.user().create_key()["KeyMetadata"]["Arn"]
    bystander = there.user("bystander")
    for call, parameters in ((bystander.list_keys, {}), (bystander.describe_key, {"KeyId": key})):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            call(**parameters)
