"""Sign and Verify: every key spec with every signing algorithm and message type of the service model.

Facts: https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html; signatures are checked by means other than the
engine's: the openssl command, integer arithmetic, and the public key that GetPublicKey gives.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.session import get_session
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.crypto import ed25519ph
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError, KmsError
from tests.engine.conftest import START

MODEL = get_session().get_service_model("kms")
TYPES = MODEL.shape_for("MessageType").enum
RSA = [f"RSASSA_{padding}_SHA_{bits}" for padding in ("PSS", "PKCS1_V1_5") for bits in (256, 384, 512)]
# Key spec → its signing algorithms: the developer guide's "Key spec reference".
ALGORITHMS = {
    "RSA_2048": RSA,
    "RSA_3072": RSA,
    "RSA_4096": RSA,
    "ECC_NIST_P256": ["ECDSA_SHA_256"],
    "ECC_NIST_P384": ["ECDSA_SHA_384"],
    "ECC_NIST_P521": ["ECDSA_SHA_512"],
    "ECC_SECG_P256K1": ["ECDSA_SHA_256"],
    "ECC_NIST_EDWARDS25519": ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
    "ML_DSA_44": ["ML_DSA_SHAKE_256"],
    "ML_DSA_65": ["ML_DSA_SHAKE_256"],
    "ML_DSA_87": ["ML_DSA_SHAKE_256"],
}
TAKEN = {"ED25519_SHA_512": {"RAW"}, "ED25519_PH_SHA_512": {"DIGEST"}, "ML_DSA_SHAKE_256": {"RAW", "EXTERNAL_MU"}}
MESSAGE = b"The quick brown fox"
OPENSSL = shutil.which("openssl")


@pytest.fixture(scope="module")
def kms(tmp_path_factory):
    with Engine.open(tmp_path_factory.mktemp("engine") / "data", clock=ManualClock(START)) as engine:
        yield engine.client()


@pytest.fixture(scope="module")
def keys(kms):
    """One signing key of every spec, by spec."""
    new = {"KeyUsage": "SIGN_VERIFY"}
    return {spec: kms("CreateKey", {"KeySpec": spec, **new})["KeyMetadata"]["Arn"] for spec in ALGORITHMS}


@pytest.fixture(scope="module")
def public(kms, keys):
    """The public key of a spec's key, as DER."""
    return {spec: kms("GetPublicKey", {"KeyId": arn})["PublicKey"] for spec, arn in keys.items()}


def message_of(algorithm, message_type, public_der):
    """`MESSAGE` in the form that goes with a message type."""
    if message_type == "DIGEST":
        return hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()
    if message_type == "EXTERNAL_MU":  # FIPS 204 §6.2 with an empty context
        raw = load_der_public_key(public_der).public_bytes_raw()
        return hashlib.shake_256(hashlib.shake_256(raw).digest(64) + b"\0\0" + MESSAGE).digest(64)
    return MESSAGE


def expected_fault(spec, algorithm, message_type):
    if algorithm not in ALGORITHMS[spec]:
        return "InvalidKeyUsageException", f"Algorithm {algorithm} is incompatible with key spec {spec}."
    if message_type in TAKEN.get(algorithm, {"RAW", "DIGEST"}):
        return None
    misfit = f"algorithm {algorithm}" if algorithm.startswith("ED") else f"key spec {spec}"
    return "ValidationException", f"Message type {message_type} is incompatible with {misfit}."


CASES = [
    pytest.param(*case, id="-".join(case))
    for case in itertools.product(ALGORITHMS, MODEL.shape_for("SigningAlgorithmSpec").enum, TYPES)
]


def test_the_table_knows_every_spec_that_signs():
    specs = set(MODEL.shape_for("KeySpec").enum)
    others = {spec for spec in specs if spec.startswith(("SYMMETRIC", "HMAC", "ML_KEM"))} | {"SM2"}
    assert ALGORITHMS.keys() == specs - others


@pytest.mark.parametrize(("spec", "algorithm", "message_type"), CASES)
def test_a_combination_works_or_is_refused_for_the_right_reason(kms, keys, public, spec, algorithm, message_type):
    fault = expected_fault(spec, algorithm, message_type)
    message = MESSAGE if fault else message_of(algorithm, message_type, public[spec])
    named = {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "MessageType": message_type, "Message": message}
    if fault:
        for operation, more in (("Sign", {}), ("Verify", {"Signature": b"x"})):
            with pytest.raises(KmsError) as caught:
                kms(operation, named | more)
            assert (caught.value.code, caught.value.message) == fault
        return
    answer = kms("Sign", named)
    assert (answer["KeyId"], answer["SigningAlgorithm"]) == (keys[spec], algorithm)
    verified = kms("Verify", named | {"Signature": answer["Signature"]})
    assert verified == {"KeyId": keys[spec], "SignatureValid": True, "SigningAlgorithm": algorithm}
    if message_type != "RAW" and algorithm != "ED25519_PH_SHA_512":  # raw or hashed, it is the same message
        raw = named | {"MessageType": "RAW", "Message": MESSAGE, "Signature": answer["Signature"]}
        assert kms("Verify", raw)["SignatureValid"]


OUTSIDE = [(spec, name) for spec, names in ALGORITHMS.items() for name in names if "_PH_" not in name]


@pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command")
@pytest.mark.parametrize(("spec", "algorithm"), [case for case in OUTSIDE if not case[0].startswith("ML")])
def test_openssl_verifies_what_was_signed(kms, keys, public, tmp_path, spec, algorithm):
    signature = kms("Sign", {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "Message": MESSAGE})["Signature"]
    der, signed, message = tmp_path / "key.der", tmp_path / "signature", tmp_path / "message"
    der.write_bytes(public[spec])
    signed.write_bytes(signature)
    message.write_bytes(MESSAGE)
    options = [] if algorithm.startswith("ED") else ["-digest", f"sha{algorithm[-3:]}"]
    if "PSS" in algorithm:
        options += ["-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"]
    done = subprocess.run(
        f"{OPENSSL} pkeyutl -verify -rawin -pubin -keyform DER -inkey {der} -sigfile {signed} -in {message}".split()
        + options,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Signature Verified Successfully" in done.stdout, done.stderr


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_a_pkcs1_signature_is_the_padded_digest_to_the_power_of_the_private_exponent(kms, keys, public, spec):
    named = {"KeyId": keys[spec], "SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "Message": MESSAGE}
    numbers = load_der_public_key(public[spec]).public_numbers()
    signature = int.from_bytes(kms("Sign", named)["Signature"], "big")
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")  # RFC 8017 §9.2, SHA-256
    encoded = prefix + hashlib.sha256(MESSAGE).digest()
    padded = b"\0\1".ljust(int(spec[-4:]) // 8 - len(encoded) - 1, b"\xff") + b"\0" + encoded
    assert pow(signature, numbers.e, numbers.n) == int.from_bytes(padded, "big")


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_the_public_key_verifies_ml_dsa_outside(kms, keys, public, spec):
    key = load_der_public_key(public[spec])
    assert isinstance(key, mldsa.MLDSA44PublicKey | mldsa.MLDSA65PublicKey | mldsa.MLDSA87PublicKey)
    named = {"KeyId": keys[spec], "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    mu = message_of("ML_DSA_SHAKE_256", "EXTERNAL_MU", public[spec])
    key.verify(kms("Sign", named | {"Message": MESSAGE})["Signature"], MESSAGE)
    key.verify(kms("Sign", named | {"Message": mu, "MessageType": "EXTERNAL_MU"})["Signature"], MESSAGE)


def test_a_digest_is_hashed_once_more_for_ed25519ph(kms, keys, public):
    key = load_der_public_key(public["ECC_NIST_EDWARDS25519"])
    assert isinstance(key, ed25519.Ed25519PublicKey)
    digest = hashlib.sha512(MESSAGE).digest()
    named = {"KeyId": keys["ECC_NIST_EDWARDS25519"], "SigningAlgorithm": "ED25519_PH_SHA_512"}
    signature = kms("Sign", named | {"Message": digest, "MessageType": "DIGEST"})["Signature"]
    assert ed25519ph.verify(key, signature, digest)
    assert not ed25519ph.verify(key, signature, MESSAGE)


WORKING = [(spec, names[-1]) for spec, names in ALGORITHMS.items()]


@pytest.mark.parametrize(("spec", "algorithm"), WORKING)
@pytest.mark.parametrize("fault", ["flipped", "short", "long", "zeroes", "other message", "other key"])
def test_what_was_not_signed_so_is_an_invalid_signature_without_words(kms, keys, public, spec, algorithm, fault):
    message_type = "DIGEST" if "_PH_" in algorithm else "RAW"
    message = message_of(algorithm, message_type, public[spec])
    named = {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "MessageType": message_type, "Message": message}
    signature = kms("Sign", named)["Signature"]
    altered = bytearray(signature)
    altered[len(altered) // 2] ^= 1
    changes = {
        "flipped": {"Signature": bytes(altered)},
        "short": {"Signature": signature[:-1]},
        "long": {"Signature": signature + b"\0"},
        "zeroes": {"Message": bytes(len(message))},
        "other message": {"Message": message[::-1]},
        "other key": {"KeyId": other_key(kms, spec)} if fault == "other key" else {},
    }
    with pytest.raises(KmsError) as caught:
        kms("Verify", named | {"Signature": signature} | changes[fault])
    assert (caught.value.code, caught.value.message) == ("KMSInvalidSignatureException", "")


def other_key(kms, spec):
    """A key of the same family that signs with the same algorithms."""
    same = "RSA_2048" if spec.startswith("RSA") else spec
    return kms("CreateKey", {"KeySpec": same, "KeyUsage": "SIGN_VERIFY"})["KeyMetadata"]["KeyId"]


LENGTHS = {
    "a digest too short": ("ECC_NIST_P256", "ECDSA_SHA_256", "DIGEST", 31, "Digest"),
    "a digest too long": ("RSA_2048", "RSASSA_PSS_SHA_384", "DIGEST", 49, "Digest"),
    "a digest of another hash": ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_512", "DIGEST", 32, "Digest"),
    "no SHA-512": ("ECC_NIST_EDWARDS25519", "ED25519_PH_SHA_512", "DIGEST", 32, "Digest"),
    "mu too short": ("ML_DSA_65", "ML_DSA_SHAKE_256", "EXTERNAL_MU", 63, "External Mu"),
}


@pytest.mark.parametrize("case", LENGTHS)
@pytest.mark.parametrize("operation", ["Sign", "Verify"])
def test_a_digest_has_the_length_of_its_hash(kms, keys, operation, case):
    spec, algorithm, message_type, length, kind = LENGTHS[case]
    named = {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "MessageType": message_type}
    more = {"Signature": b"x"} if operation == "Verify" else {}
    with pytest.raises(KmsError) as caught:
        kms(operation, named | {"Message": b"x" * length} | more)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == f"{kind} is invalid length for algorithm {algorithm}."


@pytest.mark.parametrize("length", [0, 4097])
def test_a_message_has_1_to_4096_bytes(kms, keys, length):
    named = {"KeyId": keys["ECC_NIST_P256"], "SigningAlgorithm": "ECDSA_SHA_256"}
    assert kms("Sign", named | {"Message": b"x" * 4096})["Signature"]
    with pytest.raises(KmsError) as caught:
        kms("Sign", named | {"Message": b"x" * length})
    assert caught.value.code == "ValidationException"
    assert "at 'message' failed to satisfy constraint: Member must have length" in caught.value.message


OTHER_USES = [
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    ("RSA_2048", "ENCRYPT_DECRYPT"),
    ("ECC_NIST_P256", "KEY_AGREEMENT"),
    ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
]


@pytest.mark.parametrize(("spec", "usage"), OTHER_USES)
@pytest.mark.parametrize("operation", ["Sign", "Verify"])
def test_a_key_for_something_else_does_not_sign(kms, operation, spec, usage):
    arn = kms("CreateKey", {"KeySpec": spec, "KeyUsage": usage})["KeyMetadata"]["Arn"]
    more = {"Signature": b"x"} if operation == "Verify" else {}
    with pytest.raises(KmsError) as caught:
        kms(operation, {"KeyId": arn, "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"x", **more})
    assert caught.value.code == "InvalidKeyUsageException"
    assert caught.value.message == f"{arn} key usage is {usage} which is not valid for {operation}."


def test_material_that_is_gone_from_the_store_is_a_damaged_store(tmp_path):
    with Engine.open(tmp_path / "data", clock=ManualClock(START)) as engine:
        client = engine.client()
        key = client("CreateKey", {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})["KeyMetadata"]["KeyId"]
    with Engine.open(tmp_path / "data", clock=ManualClock(START)) as engine:
        with engine._store.writing():
            engine._store._database.connection.execute("DELETE FROM materials")
        with pytest.raises(KmsctlError, match="is missing from the local KMS's store"):
            engine.client()("Sign", {"KeyId": key, "Message": b"x", "SigningAlgorithm": "ECDSA_SHA_256"})


@given(signature=st.binary(min_size=1, max_size=600), spec=st.sampled_from(sorted(ALGORITHMS)))
def test_bytes_that_are_no_signature_are_nothing_but_invalid(kms, keys, public, signature, spec):
    algorithm = ALGORITHMS[spec][-1]
    message_type = "DIGEST" if "_PH_" in algorithm else "RAW"
    message = message_of(algorithm, message_type, public[spec])
    named = {"KeyId": keys[spec], "SigningAlgorithm": algorithm, "MessageType": message_type, "Message": message}
    with pytest.raises(KmsError) as caught:
        kms("Verify", named | {"Signature": signature})
    assert caught.value.code == "KMSInvalidSignatureException"


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256", "ML_DSA_44"])
def test_many_may_sign_with_one_key_at_once(kms, keys, spec):
    named = {"KeyId": keys[spec], "SigningAlgorithm": ALGORITHMS[spec][-1]}

    def signed(number):
        message = str(number).encode()
        return message, kms("Sign", named | {"Message": message})["Signature"]

    with ThreadPoolExecutor(4) as pool:
        signatures = list(pool.map(signed, range(40)))
    assert all(kms("Verify", named | {"Message": m, "Signature": s})["SignatureValid"] for m, s in signatures)
