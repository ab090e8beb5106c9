"""The forms of key material: what is taken, in which form KMS gets it, and what faults say and do not say."""

from __future__ import annotations

import base64
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from reconciler.apply.material.forms import material_in
from reconciler.kit.errors import KmsctlError
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import SecretFile, SecretVariable

FILE, VARIABLE = SecretFile("material"), SecretVariable("MATERIAL")
PAIRS = {
    KeySpec.RSA_2048: lambda: rsa.generate_private_key(65537, 2048),
    KeySpec.ECC_NIST_P256: lambda: ec.generate_private_key(ec.SECP256R1()),
    KeySpec.ECC_NIST_P521: lambda: ec.generate_private_key(ec.SECP521R1()),
    KeySpec.ECC_SECG_P256K1: lambda: ec.generate_private_key(ec.SECP256K1()),
    KeySpec.ECC_NIST_EDWARDS25519: ed25519.Ed25519PrivateKey.generate,
    KeySpec.ML_DSA_44: mldsa.MLDSA44PrivateKey.generate,
    KeySpec.ML_KEM_768: mlkem.MLKEM768PrivateKey.generate,
}


def written(pair, encoding=Encoding.PEM, how=PrivateFormat.PKCS8, encryption=None):
    return pair.private_bytes(encoding, how, encryption or NoEncryption())


@pytest.mark.parametrize(
    ("spec", "length"),
    [
        (KeySpec.SYMMETRIC_DEFAULT, 32),
        (KeySpec.HMAC_224, 28),
        (KeySpec.HMAC_256, 64),
        (KeySpec.HMAC_384, 128),
        (KeySpec.HMAC_512, 64),
    ],
)
def test_secret_bytes_are_taken_as_they_are_from_a_file_and_in_base64_from_a_variable(spec, length):
    made = os.urandom(length)
    assert material_in(made, FILE, spec) == made
    assert material_in(base64.encodebytes(made), VARIABLE, spec) == made


@pytest.mark.parametrize("spec", PAIRS)
def test_a_private_key_is_taken_in_pem_and_der_and_given_in_der(spec):
    pair = PAIRS[spec]()
    wanted = written(pair, Encoding.DER)
    assert material_in(written(pair), FILE, spec) == wanted
    assert material_in(b"\n" + written(pair), VARIABLE, spec) == wanted
    assert material_in(wanted, FILE, spec) == wanted
    assert material_in(base64.b64encode(wanted), VARIABLE, spec) == wanted


def test_the_older_form_of_a_private_key_is_written_anew():
    pair = PAIRS[KeySpec.ECC_NIST_P256]()
    older = written(pair, how=PrivateFormat.TraditionalOpenSSL)
    assert material_in(older, FILE, KeySpec.ECC_NIST_P256) == written(pair, Encoding.DER)


SECRET = b"hunter2hunter2hunter2hunter2hunter2"
PAIR = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    ("content", "source", "spec", "what"),
    [
        pytest.param(SECRET, FILE, KeySpec.SYMMETRIC_DEFAULT, "holds 35 bytes, and a key of .* takes 32", id="length"),
        pytest.param(SECRET[:20], FILE, KeySpec.HMAC_224, "holds 20 bytes, .* takes 28 to 64", id="range"),
        pytest.param(b"not base64!", VARIABLE, KeySpec.SYMMETRIC_DEFAULT, "is not base64", id="no base64"),
        pytest.param(SECRET, FILE, KeySpec.RSA_2048, "cannot be read", id="no key"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----\nx", FILE, KeySpec.RSA_2048, "cannot be read", id="no PEM"),
        pytest.param(
            written(PAIR, encryption=BestAvailableEncryption(SECRET)),
            FILE,
            KeySpec.ECC_NIST_P256,
            "is encrypted",
            id="encrypted",
        ),
        pytest.param(written(PAIR), FILE, KeySpec.ECC_NIST_P384, "is not one of ECC_NIST_P384", id="another curve"),
        pytest.param(written(PAIR), FILE, KeySpec.RSA_2048, "is not one of RSA_2048", id="another type"),
        pytest.param(written(PAIR), FILE, KeySpec.ML_DSA_44, "is not one of ML_DSA_44", id="another family"),
        pytest.param(written(PAIR), FILE, KeySpec.SM2, "is not one of SM2", id="a spec that is not known"),
    ],
)
def test_a_fault_says_what_is_wrong_and_nothing_of_what_was_read(content, source, spec, what):
    with pytest.raises(KmsctlError, match=what) as told:
        material_in(content, source, spec)
    said = f"{told.value.what} {told.value.why} {told.value.fix}"
    assert "hunter" not in said
    assert told.value.__cause__ is None or "hunter" not in repr(told.value.__cause__)
    assert told.value.fix
