"""What a client does to import key material: wrap it as RFC 8017 and RFC 5649 say, with another library's hands."""

from __future__ import annotations

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

OAEP = "RSAES_OAEP_SHA_256"
HYBRID = "RSA_AES_KEY_WRAP_SHA_256"
FOREVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}


def wrap(public_key, algorithm, material, *, transport=None):
    """`material` under the wrapping key; `transport` is the AES key of RSA_AES_KEY_WRAP."""
    public, digest = load_der_public_key(public_key), hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(digest), digest, label=None)
    if algorithm.startswith("RSAES"):
        return public.encrypt(material, oaep)
    transport = transport or os.urandom(32)
    return public.encrypt(transport, oaep) + aes_key_wrap_with_padding(transport, material)


def pkcs8(pair):
    """A private key as it is imported."""
    return pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def parameters(client, key, algorithm=OAEP, spec="RSA_2048"):
    """GetParametersForImport."""
    return client("GetParametersForImport", {"KeyId": key, "WrappingAlgorithm": algorithm, "WrappingKeySpec": spec})


def import_material(client, key, material, algorithm=OAEP, given=None, **more):
    """Import `material` into `key`, for ever unless `more` says otherwise; `given` are parameters to use."""
    given = given or parameters(client, key, algorithm)
    request = {
        "KeyId": key,
        "ImportToken": given["ImportToken"],
        "EncryptedKeyMaterial": wrap(given["PublicKey"], algorithm, material),
    }
    return client("ImportKeyMaterial", request | (more if "ValidTo" in more else FOREVER | more))
