"""The forms that key material comes in, by key spec, and the one that KMS takes.

Secret bytes are taken as they are; private keys as PKCS #8, in PEM or DER, and given to KMS in DER. No message shows
anything of what was read but its length.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html (requirements for imported
key material).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from reconciler.kit.errors import KmsctlError
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import SecretSource, SecretVariable

_LENGTHS: Final = {
    KeySpec.SYMMETRIC_DEFAULT: (32, 32),
    KeySpec.HMAC_224: (28, 64),
    KeySpec.HMAC_256: (32, 64),
    KeySpec.HMAC_384: (48, 128),
    KeySpec.HMAC_512: (64, 128),
}
"""Fewest and most bytes of secret material."""
_RSA_BITS: Final = {KeySpec.RSA_2048: 2048, KeySpec.RSA_3072: 3072, KeySpec.RSA_4096: 4096}
_CURVES: Final = {
    KeySpec.ECC_NIST_P256: "secp256r1",
    KeySpec.ECC_NIST_P384: "secp384r1",
    KeySpec.ECC_NIST_P521: "secp521r1",
    KeySpec.ECC_SECG_P256K1: "secp256k1",
}
_CLASSES: Final[dict[KeySpec, Any]] = {
    KeySpec.ECC_NIST_EDWARDS25519: ed25519.Ed25519PrivateKey,
    KeySpec.ML_DSA_44: mldsa.MLDSA44PrivateKey,
    KeySpec.ML_DSA_65: mldsa.MLDSA65PrivateKey,
    KeySpec.ML_DSA_87: mldsa.MLDSA87PrivateKey,
    KeySpec.ML_KEM_768: mlkem.MLKEM768PrivateKey,
    KeySpec.ML_KEM_1024: mlkem.MLKEM1024PrivateKey,
}
_PEM: Final = b"-----BEGIN "


def material_in(content: bytes, source: SecretSource, spec: KeySpec) -> bytes:
    """The material in what `source` held, as KMS takes it for a key of `spec`.

    Raises:
        KmsctlError: it is no material for such a key.
    """
    raw = _decoded(content, source)
    if spec in _LENGTHS:
        return _bytes(raw, source, spec)
    return _private_key(raw, source, spec)


def _decoded(content: bytes, source: SecretSource) -> bytes:
    """Variables hold text: base64, or PEM as it is."""
    if not isinstance(source, SecretVariable) or content.lstrip().startswith(_PEM):
        return content
    try:
        return base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        raise KmsctlError(
            f"the {source} is not base64",
            why="material in a variable is written in base64, since variables hold text",
            fix="set it to the output of `base64 -w 0 FILE`",
        ) from None


def _bytes(raw: bytes, source: SecretSource, spec: KeySpec) -> bytes:
    fewest, most = _LENGTHS[spec]
    if fewest <= len(raw) <= most:
        return raw
    wanted = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    raise KmsctlError(
        f"the {source} holds {len(raw)} bytes, and a key of {spec} takes {wanted}",
        why="a file is taken byte for byte: base64 or hexadecimal text, or a line end, are no material",
        fix=f"make it with: head -c {fewest} /dev/urandom > FILE",
    )


def _private_key(raw: bytes, source: SecretSource, spec: KeySpec) -> bytes:
    key = _loaded(raw, source)
    if not _suits(key, spec):
        raise KmsctlError(
            f"the private key in the {source} is not one of {spec}",
            why="its type, curve or size is another",
            fix="import it into a key of its own spec, or make one of this spec",
        )
    return bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def _loaded(raw: bytes, source: SecretSource) -> Any:
    load = load_pem_private_key if raw.lstrip().startswith(_PEM) else load_der_private_key
    try:
        return load(raw.lstrip() if load is load_pem_private_key else raw, None)
    except TypeError:
        what, fix = "is encrypted", "decrypt it first: openssl pkcs8 -topk8 -nocrypt"
    except (ValueError, UnsupportedAlgorithm):
        what, fix = "cannot be read", "write it as PKCS #8 in PEM or DER: openssl pkcs8 -topk8 -nocrypt"
    raise KmsctlError(f"the private key in the {source} {what}", why="KMS takes unencrypted PKCS #8", fix=fix)


def _suits(key: Any, spec: KeySpec) -> bool:
    if spec in _RSA_BITS:
        return isinstance(key, rsa.RSAPrivateKey) and key.key_size == _RSA_BITS[spec]
    if spec in _CURVES:
        return isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == _CURVES[spec]
    return spec in _CLASSES and isinstance(key, _CLASSES[spec])
