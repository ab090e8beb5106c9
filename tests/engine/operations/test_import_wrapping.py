"""Wrapping algorithms, and what material each key spec takes.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-get-public-key-and-token.html and
importing-keys-conceptual.html
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from reconciler.kit.errors import KmsError
from tests.support.importing import FOREVER, HYBRID, OAEP, import_material, parameters, pkcs8, wrap
from tests.support.secrets import wrapping_keys_made_once

ALGORITHMS = ("RSAES_OAEP_SHA_1", OAEP, "RSA_AES_KEY_WRAP_SHA_1", HYBRID)
DIRECT, INDIRECT = ALGORITHMS[:2], ALGORITHMS[2:]
rsa_pair = cache(lambda bits: rsa.generate_private_key(65537, bits))
MADE = {
    "SYMMETRIC_DEFAULT": ("ENCRYPT_DECRYPT", lambda: os.urandom(32), DIRECT),
    "HMAC_224": ("GENERATE_VERIFY_MAC", lambda: os.urandom(28), DIRECT),
    "HMAC_512": ("GENERATE_VERIFY_MAC", lambda: os.urandom(128), DIRECT),
    "RSA_2048": ("SIGN_VERIFY", lambda: rsa_pair(2048), INDIRECT),
    "RSA_3072": ("ENCRYPT_DECRYPT", lambda: rsa_pair(3072), INDIRECT),
    "ECC_NIST_P256": ("KEY_AGREEMENT", lambda: ec.generate_private_key(ec.SECP256R1()), ALGORITHMS),
    "ECC_NIST_P384": ("SIGN_VERIFY", lambda: ec.generate_private_key(ec.SECP384R1()), ALGORITHMS),
    "ECC_NIST_P521": ("SIGN_VERIFY", lambda: ec.generate_private_key(ec.SECP521R1()), INDIRECT),
    "ECC_SECG_P256K1": ("SIGN_VERIFY", lambda: ec.generate_private_key(ec.SECP256K1()), ALGORITHMS),
    "ECC_NIST_EDWARDS25519": ("SIGN_VERIFY", ed25519.Ed25519PrivateKey.generate, ALGORITHMS),
    "ML_DSA_44": ("SIGN_VERIFY", mldsa.MLDSA44PrivateKey.generate, ALGORITHMS),
    "ML_KEM_768": ("ENCAPSULATE_DECAPSULATE", mlkem.MLKEM768PrivateKey.generate, ALGORITHMS),
}
GOOD = [(spec, algorithm) for spec, (_, _, algorithms) in MADE.items() for algorithm in algorithms]
BAD = [(spec, algorithm) for spec, (_, _, good) in MADE.items() for algorithm in ALGORITHMS if algorithm not in good]


@pytest.fixture(autouse=True)
def _quick_imports() -> Iterator[None]:
    with wrapping_keys_made_once():
        yield


@pytest.fixture
def external(new_key):
    """Create a key of a spec that waits for material; its id."""

    def create(spec, usage=None):
        return new_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage or MADE[spec][0])["KeyId"]

    return create


def material_of(made):
    return made if isinstance(made, bytes) else pkcs8(made)


@pytest.mark.parametrize(("spec", "algorithm"), GOOD)
def test_material_of_every_spec_comes_by_the_algorithms_for_it(kms, external, spec, algorithm):
    key, made = external(spec), MADE[spec][1]()
    import_material(kms, key, material_of(made), algorithm)
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == "Enabled"
    if not isinstance(made, bytes):
        public = load_der_public_key(kms("GetPublicKey", {"KeyId": key})["PublicKey"])
        spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert public.public_bytes(*spki) == made.public_key().public_bytes(*spki)


@pytest.mark.parametrize(("spec", "algorithm"), BAD)
def test_an_algorithm_that_is_not_for_the_spec_is_refused(kms, external, refused, spec, algorithm):
    error = refused(
        "GetParametersForImport", KeyId=external(spec), WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
    )
    assert error.code == "UnsupportedOperationException"
    assert f"{algorithm} with the wrapping key spec RSA_2048" in error.message


@pytest.mark.parametrize(
    ("algorithm", "spec"),
    [("RSAES_PKCS1_V1_5", "RSA_2048"), ("SM2PKE", "SM2"), ("SM2PKE", "RSA_2048"), (OAEP, "SM2")],
)
def test_algorithms_that_kms_has_no_more_or_in_china_alone_are_refused(refused, external, algorithm, spec):
    key = external("SYMMETRIC_DEFAULT")
    error = refused("GetParametersForImport", KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    assert error.code == "UnsupportedOperationException"


@pytest.mark.parametrize(("wrapping", "bits"), [("RSA_2048", 2048), ("RSA_3072", 3072), ("RSA_4096", 4096)])
def test_the_wrapping_key_has_the_size_that_was_asked_for(kms, external, wrapping, bits):
    given = parameters(kms, external("SYMMETRIC_DEFAULT"), spec=wrapping)
    assert load_der_public_key(given["PublicKey"]).key_size == bits


def test_a_long_key_of_a_curve_fits_into_a_longer_wrapping_key(kms, external):
    key = external("ECC_NIST_P521")
    given = parameters(kms, key, spec="RSA_3072")
    import_material(kms, key, pkcs8(MADE["ECC_NIST_P521"][1]()), given=given)


def test_an_imported_pair_signs_what_its_own_public_half_verifies(kms, external):
    key, pair = external("ECC_NIST_P256", "SIGN_VERIFY"), ec.generate_private_key(ec.SECP256R1())
    import_material(kms, key, pkcs8(pair))
    signed = kms("Sign", {"KeyId": key, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"})
    pair.public_key().verify(signed["Signature"], b"x", ec.ECDSA(SHA256()))


@pytest.mark.parametrize("size", [16, 24], ids=["128 bits", "192 bits"])
def test_the_key_that_carries_material_has_256_bits(kms, external, refused, size):
    key = external("ECC_NIST_P256")
    given, material = parameters(kms, key, HYBRID), pkcs8(MADE["ECC_NIST_P256"][1]())
    wrapped = wrap(given["PublicKey"], HYBRID, material, transport=os.urandom(size))
    token = given["ImportToken"]
    error = refused("ImportKeyMaterial", KeyId=key, ImportToken=token, EncryptedKeyMaterial=wrapped, **FOREVER)
    assert error.code == "InvalidCiphertextException"


@pytest.mark.parametrize("algorithm", [OAEP, HYBRID])
@pytest.mark.parametrize("place", [0, 255, -1], ids=["first byte", "byte 255", "last byte"])
def test_a_flipped_bit_is_noticed(kms, external, refused, algorithm, place):
    key = external("ECC_NIST_P256")
    given = parameters(kms, key, algorithm)
    wrapped = bytearray(wrap(given["PublicKey"], algorithm, pkcs8(MADE["ECC_NIST_P256"][1]())))
    wrapped[place] ^= 1
    request = {"ImportToken": given["ImportToken"], "EncryptedKeyMaterial": bytes(wrapped)}
    assert refused("ImportKeyMaterial", KeyId=key, **request, **FOREVER).code == "InvalidCiphertextException"


def test_material_that_was_wrapped_for_another_algorithm_is_refused(kms, external):
    key = external("ECC_NIST_P256")
    given = parameters(kms, key, HYBRID)
    with pytest.raises(KmsError) as caught:
        import_material(kms, key, pkcs8(MADE["ECC_NIST_P256"][1]()), OAEP, given=given)
    assert caught.value.code == "InvalidCiphertextException"


def wrong_material():
    p256 = ec.generate_private_key(ec.SECP256R1())
    return {
        "a key of 31 bytes": ("SYMMETRIC_DEFAULT", bytes(31)),
        "a key of 33 bytes": ("SYMMETRIC_DEFAULT", bytes(33)),
        "a code key too short": ("HMAC_224", bytes(27)),
        "a code key too long": ("HMAC_512", bytes(129)),
        "another curve": ("ECC_NIST_P384", pkcs8(p256)),
        "another family": ("ECC_NIST_P256", pkcs8(ed25519.Ed25519PrivateKey.generate())),
        "another level": ("ML_DSA_44", pkcs8(mldsa.MLDSA65PrivateKey.generate())),
        "another size": ("RSA_3072", pkcs8(rsa_pair(2048))),
        "no key": ("ECC_NIST_P256", b"\x30\x03\x02\x01\x00"),
        "bytes": ("ECC_NIST_P256", bytes(32)),
    }


@pytest.mark.parametrize("case", wrong_material())
def test_material_that_is_not_of_the_keys_spec_is_refused(kms, external, case):
    spec, material = wrong_material()[case]
    key = external(spec)
    with pytest.raises(KmsError) as caught:
        import_material(kms, key, material, MADE[spec][2][0])
    assert caught.value.code == "IncorrectKeyMaterialException"
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == "PendingImport"
