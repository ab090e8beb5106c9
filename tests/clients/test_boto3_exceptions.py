"""The exceptions that boto3 makes of KMS's errors: `client.exceptions.X`, each met by the calls that a user would make.

The conditions are those of botocore's service model and of the pages of each operation in the KMS API reference.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from reconciler.kit.clock import SystemClock
from tests.support.custody import CERTIFICATE
from tests.support.world import MAIN, REGION, user_arn

NOWHERE = "1234abcd-12ab-34cd-56ef-1234567890ab"
STORE = {
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyUriPath": "/kms/xks/v1",
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
    "XksProxyAuthenticationCredential": {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "s" * 43},
}
CLUSTER = {"TrustAnchorCertificate": CERTIFICATE, "KeyStorePassword": "kmsPswd12345"}
NEVER = {
    "KMSInternalException": "would be a fault of the bundled KMS",
    "DependencyTimeoutException": "nothing stands behind the bundled KMS that could be late",
    "KeyUnavailableException": "there is no hardware that could be busy",
    "CloudHsmClusterNotRelatedException": "see tests/engine/custom_stores: an update to another cluster",
    "ConflictException": "see tests/engine: two mutations of a key at the same instant wait for each other",
    "InvalidAliasNameException": "names that cannot be are refused with ValidationException and NotAuthorizedException",
    "ExpiredImportTokenException": "see tests/engine: a day must pass",
}
"""Exceptions that no call in this file can bring about, and why."""
MET: dict[str, object] = {}


def meets(name):
    """Say which exception a function brings about: it is called with a client, and makes its last call."""

    def declare(function):
        assert name not in MET
        MET[name] = function
        return function

    return declare


@pytest.fixture
def kms(there):
    return there.user()


def new(kms, **settings):
    return kms.create_key(**settings)["KeyMetadata"]["KeyId"]


def encrypted(kms, key, **settings):
    return kms.encrypt(KeyId=key, Plaintext=b"x", **settings)["CiphertextBlob"]


def random_name():
    return f"n-{os.urandom(6).hex()}"


@meets("AlreadyExistsException")
def _(kms):
    key = new(kms)
    for _again in range(2):
        kms.create_alias(AliasName=f"alias/{key}", TargetKeyId=key)


@meets("DisabledException")
def _(kms):
    key = new(kms)
    kms.disable_key(KeyId=key)
    encrypted(kms, key)


@meets("DryRunOperationException")
def _(kms):
    encrypted(kms, new(kms), DryRun=True)


@meets("IncorrectKeyException")
def _(kms):
    kms.decrypt(CiphertextBlob=encrypted(kms, new(kms)), KeyId=new(kms))


@meets("InvalidArnException")
def _(kms):
    kms.describe_key(KeyId="arn:aws:s3:::bucket")


@meets("InvalidCiphertextException")
def _(kms):
    kms.decrypt(CiphertextBlob=encrypted(kms, new(kms), EncryptionContext={"a": "1"}), EncryptionContext={"a": "2"})


@meets("InvalidGrantIdException")
def _(kms):
    kms.revoke_grant(KeyId=new(kms), GrantId=" not an id ")


@meets("InvalidGrantTokenException")
def _(kms):
    kms.encrypt(KeyId=new(kms), Plaintext=b"x", GrantTokens=["nobody's"])


@meets("InvalidKeyUsageException")
def _(kms):
    encrypted(kms, new(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"))


@meets("InvalidMarkerException")
def _(kms):
    kms.list_keys(Marker="none")


@meets("KMSInvalidMacException")
def _(kms):
    key = new(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    kms.verify_mac(KeyId=key, Message=b"x", Mac=b"0" * 32, MacAlgorithm="HMAC_SHA_256")


@meets("KMSInvalidSignatureException")
def _(kms):
    message = {"KeyId": new(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"), "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**message, Message=b"x")["Signature"]
    kms.verify(**message, Message=b"y", Signature=signature)


@meets("KMSInvalidStateException")
def _(kms):
    key = new(kms)
    kms.schedule_key_deletion(KeyId=key)
    encrypted(kms, key)


@meets("LimitExceededException")
def _(kms):
    key = new(kms)
    for n in range(51):
        kms.create_alias(AliasName=f"alias/{key}/{n}", TargetKeyId=key)


@meets("MalformedPolicyDocumentException")
def _(kms):
    who = {"AWS": user_arn("nobody-of-this-name")}
    statement = {"Effect": "Allow", "Principal": who, "Action": "kms:*", "Resource": "*"}
    kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@meets("NotFoundException")
def _(kms):
    kms.describe_key(KeyId=NOWHERE)


@meets("TagException")
def _(kms):
    kms.tag_resource(KeyId=new(kms), Tags=[{"TagKey": "aws:mine", "TagValue": ""}])


@meets("UnsupportedOperationException")
def _(kms):
    kms.enable_key_rotation(KeyId=new(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"))


def imported(kms, key, material, **settings):
    """Import `material`, with what a test has to say."""
    told = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048")
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    wrapped = serialization.load_der_public_key(told["PublicKey"]).encrypt(material, oaep)
    given = {"ImportToken": told["ImportToken"], "EncryptedKeyMaterial": wrapped}
    kms.import_key_material(KeyId=key, **given | {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"} | settings)


@meets("IncorrectKeyMaterialException")
def _(kms):
    key = new(kms, Origin="EXTERNAL")
    imported(kms, key, bytes(32))
    kms.delete_imported_key_material(KeyId=key)
    imported(kms, key, bytes(range(32)))


@meets("InvalidImportTokenException")
def _(kms):
    imported(kms, new(kms, Origin="EXTERNAL"), bytes(32), ImportToken=b"nobody's")


def store(kms, host, **settings):
    """A new external key store; its id."""
    given = STORE | {"CustomKeyStoreName": random_name(), "XksProxyUriEndpoint": f"https://{host}"} | settings
    return kms.create_custom_key_store(**given)["CustomKeyStoreId"]


def cluster(kms, identifier, **settings):
    given = CLUSTER | {"CustomKeyStoreName": random_name(), "CloudHsmClusterId": identifier} | settings
    return kms.create_custom_key_store(**given)["CustomKeyStoreId"]


@meets("CloudHsmClusterInUseException")
def _(kms):
    cluster(kms, "cluster-shared22222")
    cluster(kms, "cluster-shared22222")


@meets("CloudHsmClusterInvalidConfigurationException")
def _(kms):
    cluster(kms, "cluster-onehsm222222")


@meets("CloudHsmClusterNotActiveException")
def _(kms):
    cluster(kms, "cluster-notactive222")


@meets("CloudHsmClusterNotFoundException")
def _(kms):
    cluster(kms, "cluster-notfound2222")


@meets("IncorrectTrustAnchorException")
def _(kms):
    cluster(kms, "cluster-unrelated222")


@meets("CustomKeyStoreNameInUseException")
def _(kms):
    name = random_name()
    for host in ("named-1.example.com", "named-2.example.com"):
        store(kms, host, CustomKeyStoreName=name)


@meets("CustomKeyStoreNotFoundException")
def _(kms):
    kms.connect_custom_key_store(CustomKeyStoreId="cks-1234567890abcdef0")


def connected(kms, host):
    made = store(kms, host)
    kms.connect_custom_key_store(CustomKeyStoreId=made)
    return made


def external_key(kms, made, name):
    return kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=made, XksKeyId=name)


@meets("CustomKeyStoreInvalidStateException")
def _(kms):
    external_key(kms, store(kms, "never-connected.example.com"), "key")


@meets("CustomKeyStoreHasCMKsException")
def _(kms):
    made = connected(kms, "has-keys.example.com")
    external_key(kms, made, "key")
    kms.disconnect_custom_key_store(CustomKeyStoreId=made)
    kms.delete_custom_key_store(CustomKeyStoreId=made)


@meets("XksKeyAlreadyInUseException")
def _(kms):
    made = connected(kms, "used-twice.example.com")
    external_key(kms, made, "key")
    external_key(kms, made, "key")


@meets("XksKeyInvalidConfigurationException")
def _(kms):
    external_key(kms, connected(kms, "configured.example.com"), "disabled-key")


@meets("XksKeyNotFoundException")
def _(kms):
    external_key(kms, connected(kms, "found.example.com"), "no-such-key")


@meets("XksProxyIncorrectAuthenticationCredentialException")
def _(kms):
    wrong = {"AccessKeyId": "ABCDEFGHIJKLMNOPQRST", "RawSecretAccessKey": "wrong" + "s" * 38}
    store(kms, "authenticated.example.com", XksProxyAuthenticationCredential=wrong)


@meets("XksProxyInvalidConfigurationException")
def _(kms):
    store(kms, "misconfigured.example.com")


@meets("XksProxyInvalidResponseException")
def _(kms):
    store(kms, "badresponse.example.com")


@meets("XksProxyUriUnreachableException")
def _(kms):
    store(kms, "unreachable.example.com")


@meets("XksProxyUriInUseException")
def _(kms):
    store(kms, "in-use.example.com")
    store(kms, "in-use.example.com")


def endpoint(kms, service, host, **settings):
    """A store behind a VPC endpoint service."""
    name = f"com.amazonaws.vpce.{REGION}.vpce-svc-{service}"
    return store(
        kms, host, XksProxyConnectivity="VPC_ENDPOINT_SERVICE", XksProxyVpcEndpointServiceName=name, **settings
    )


@meets("XksProxyUriEndpointInUseException")
def _(kms):
    endpoint(kms, "0123456789abcdef0", "private.example.com")
    endpoint(kms, "0123456789abcdef1", "private.example.com", XksProxyUriPath="/other/kms/xks/v1")


@meets("XksProxyVpcEndpointServiceInUseException")
def _(kms):
    endpoint(kms, "0123456789abcdef2", "one.example.com")
    endpoint(kms, "0123456789abcdef2", "two.example.com")


@meets("XksProxyVpcEndpointServiceInvalidConfigurationException")
def _(kms):
    endpoint(kms, "misconfigured", "three.example.com")


@meets("XksProxyVpcEndpointServiceNotFoundException")
def _(kms):
    endpoint(kms, "notfound", "four.example.com")


@pytest.fixture
def without_stores(kms):
    """AWS allows ten custom key stores."""
    before = {one["CustomKeyStoreId"] for one in kms.describe_custom_key_stores(Limit=100)["CustomKeyStores"]}
    yield
    for one in kms.describe_custom_key_stores(Limit=100)["CustomKeyStores"]:
        if one["CustomKeyStoreId"] not in before:
            clear(kms, one)


def clear(kms, one):
    if one["ConnectionState"] == "CONNECTED":
        kms.disconnect_custom_key_store(CustomKeyStoreId=one["CustomKeyStoreId"])
    try:
        kms.delete_custom_key_store(CustomKeyStoreId=one["CustomKeyStoreId"])
    except kms.exceptions.CustomKeyStoreHasCMKsException:
        """Its keys would have to wait seven days for their deletion."""


@pytest.mark.parametrize("name", sorted(MET))
@pytest.mark.usefixtures("without_stores")
def test_an_error_becomes_the_exception_of_its_name(kms, name):
    with pytest.raises(getattr(kms.exceptions, name)) as caught:
        MET[name](kms)
    told = caught.value.response
    assert told["Error"]["Code"] == name
    assert told["ResponseMetadata"]["HTTPStatusCode"] in (400, 409)
    assert len(told["ResponseMetadata"]["RequestId"]) == 36


def test_every_exception_of_the_model_is_met_or_has_a_reason_not_to_be(kms):
    model = kms.meta.service_model
    shapes = (model.shape_for(name) for name in model.shape_names)
    known = {shape.name for shape in shapes if shape.metadata.get("exception")}
    assert known == MET.keys() | NEVER.keys()
    assert not MET.keys() & NEVER.keys()


def test_the_cause_of_an_error_can_be_read_off_its_message(kms):
    with pytest.raises(kms.exceptions.NotFoundException) as caught:
        kms.describe_key(KeyId=NOWHERE)
    arn = f"arn:aws:kms:{REGION}:{MAIN}:key/{NOWHERE}"
    assert str(caught.value).endswith(f"when calling the DescribeKey operation: Key '{arn}' does not exist")


def test_material_that_expires_says_so(kms):
    key = new(kms, Origin="EXTERNAL")
    until = (SystemClock().now() + timedelta(days=30)).replace(microsecond=0)
    imported(kms, key, bytes(32), ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=until)
    told = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (told["ExpirationModel"], told["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", until)
