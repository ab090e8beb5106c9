"""Key material encrypted for its way to KMS, under the public key that KMS gave for it.

RSAES_OAEP_* encrypts the material itself (RFC 8017 §7.1). RSA_AES_KEY_WRAP_* encrypts an AES key so, made for this one
use, and the material under that (RFC 5649).

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
"""

from __future__ import annotations

import os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from reconciler.kit.errors import KmsctlError
from reconciler.model.material import WrappingAlgorithm

_AES_BYTES = 32


def wrap(material: bytes, public_key: bytes, algorithm: WrappingAlgorithm) -> bytes:
    """`material` under `public_key` (SubjectPublicKeyInfo, DER).

    Raises:
        KmsctlError: that is no RSA key.
    """
    key = load_der_public_key(public_key)
    if not isinstance(key, rsa.RSAPublicKey):
        raise KmsctlError("KMS gave a wrapping key that is no RSA key", why=f"{algorithm} needs one")
    match algorithm:
        case WrappingAlgorithm.RSAES_OAEP_SHA_256 | WrappingAlgorithm.RSAES_OAEP_SHA_1:
            return key.encrypt(material, _oaep(algorithm))
        case WrappingAlgorithm.RSA_AES_KEY_WRAP_SHA_256 | WrappingAlgorithm.RSA_AES_KEY_WRAP_SHA_1:
            transport = os.urandom(_AES_BYTES)
            return key.encrypt(transport, _oaep(algorithm)) + aes_key_wrap_with_padding(transport, material)


def _oaep(algorithm: WrappingAlgorithm) -> padding.OAEP:
    digest: hashes.HashAlgorithm = hashes.SHA256()
    if algorithm.endswith("_SHA_1"):
        digest = hashes.SHA1()  # noqa: S303  as the API offers it; OAEP does not rest on collisions
    return padding.OAEP(padding.MGF1(digest), digest, label=None)
