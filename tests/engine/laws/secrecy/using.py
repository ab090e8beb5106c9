"""A run over the operations in which every secret can be recognised."""

from __future__ import annotations

import hashlib
import os

from tests.engine.custom_stores.conftest import cloudhsm, external
from tests.support.importing import import_material

PLAINTEXT = b"a plaintext that nobody must ever read"
MESSAGE = b"a message that nobody must ever read"


def new(kms, spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", **more):
    return {"KeyId": kms("CreateKey", {"KeySpec": spec, "KeyUsage": usage, **more})["KeyMetadata"]["KeyId"]}


def use_secrets(kms):
    """Call what takes secrets or gives them, well and badly; `kms` is a `Collector`."""
    seal(kms)
    sign(kms)
    bring(kms)
    store(kms)


def seal(kms):
    key = new(kms)
    sealing = {**key, "EncryptionContext": {"tenant": "blue"}}
    blob = kms("Encrypt", {**sealing, "Plaintext": PLAINTEXT})["CiphertextBlob"]
    kms("Decrypt", {"CiphertextBlob": blob, "EncryptionContext": {"tenant": "blue"}})
    kms(
        "ReEncrypt",
        {"CiphertextBlob": blob, "SourceEncryptionContext": {"tenant": "blue"}, "DestinationKeyId": key["KeyId"]},
    )
    kms("GenerateDataKey", {**sealing, "KeySpec": "AES_256"})
    kms("GenerateDataKeyPair", {**sealing, "KeyPairSpec": "ECC_NIST_P256"})
    kms("GenerateRandom", {"NumberOfBytes": 64})
    kms.fails("Encrypt", **sealing, Plaintext=PLAINTEXT, GrantTokens=[""] * 11)
    kms.fails("Encrypt", **sealing, Plaintext=PLAINTEXT * 200)
    kms.fails("Encrypt", KeyId="alias/none", Plaintext=PLAINTEXT)
    kms.fails("Encrypt", **sealing, Plaintext=PLAINTEXT, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    kms.fails("Decrypt", CiphertextBlob=blob, EncryptionContext={"tenant": "red"})
    kms.fails("Decrypt", CiphertextBlob=PLAINTEXT)


def sign(kms):
    signed = {**new(kms, "ECC_NIST_P256", "SIGN_VERIFY"), "Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
    kms("Verify", {**signed, "Signature": kms("Sign", signed)["Signature"]})
    kms("Sign", {**signed, "Message": hashlib.sha256(MESSAGE).digest(), "MessageType": "DIGEST"})
    kms.fails("Sign", **signed, MessageType="DIGEST")
    kms.fails("Verify", **signed, Signature=b"x")
    coded = {**new(kms, "HMAC_256", "GENERATE_VERIFY_MAC"), "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    kms("VerifyMac", {**coded, "Mac": kms("GenerateMac", coded)["Mac"]})
    kms.fails("VerifyMac", **coded, Mac=b"x" * 32)
    rsa = {**new(kms, "RSA_2048"), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms("Encrypt", {**rsa, "Plaintext": PLAINTEXT})["CiphertextBlob"]
    kms("Decrypt", {**rsa, "CiphertextBlob": blob})
    agreeing = {**new(kms, "ECC_NIST_P256", "KEY_AGREEMENT"), "KeyAgreementAlgorithm": "ECDH"}
    peer = kms("GetPublicKey", {"KeyId": agreeing["KeyId"]})["PublicKey"]
    kms("DeriveSharedSecret", {**agreeing, "PublicKey": peer})
    kem = {**new(kms, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
    capsule = kms("Encapsulate", kem)["SharedSecretCiphertextBlob"]
    kms("Decapsulate", {**kem, "SharedSecretCiphertextBlob": capsule})


def bring(kms):
    """Material that is imported, and that is not for its key."""
    key = new(kms, Origin="EXTERNAL")["KeyId"]
    material = os.urandom(32)
    kms.keep(material)
    import_material(kms, key, material)
    given = kms(
        "GetParametersForImport",
        {"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
    )
    wrong = {"KeyId": key, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": material}
    kms.fails("ImportKeyMaterial", **wrong, ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    grant = {"KeyId": key, "GranteePrincipal": "arn:aws:iam::111122223333:role/r", "Operations": ["Decrypt"]}
    token = kms("CreateGrant", grant)["GrantToken"]
    kms("DescribeKey", {"KeyId": key, "GrantTokens": [token]})
    kms.fails("DescribeKey", KeyId=key, GrantTokens=[token + token])


def store(kms):
    """Passwords and credentials of custom key stores."""
    hsm = cloudhsm("hsm2", "cluster-bcdefghijkl", KeyStorePassword="Passw0rdOfTheHsm")
    named = {"CustomKeyStoreId": kms("CreateCustomKeyStore", hsm)["CustomKeyStoreId"]}
    kms("UpdateCustomKeyStore", {**named, "KeyStorePassword": "An0therPasswordOfTheHsm"})
    kms("ConnectCustomKeyStore", named)
    kms.fails("UpdateCustomKeyStore", **named, KeyStorePassword="AThirdPasswordOfTheHsm")
    kms.fails("CreateCustomKeyStore", **(hsm | {"KeyStorePassword": "no good: a password of the HSM"}))
    proxy = external("xks2")
    named = {"CustomKeyStoreId": kms("CreateCustomKeyStore", proxy)["CustomKeyStoreId"]}
    other = {"AccessKeyId": "B" * 20, "RawSecretAccessKey": "An0therSecretOfTheProxy" * 2}
    kms("UpdateCustomKeyStore", {**named, "XksProxyAuthenticationCredential": other})
    kms.fails(
        "UpdateCustomKeyStore", **named, XksProxyAuthenticationCredential={"RawSecretAccessKey": "A-Secret-Alone" * 3}
    )
