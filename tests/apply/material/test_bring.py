"""Imports on the bundled KMS: every way of wrapping, lost answers, and material that is not the one."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from reconciler.apply.material.bring import import_material
from reconciler.apply.material.wrap import wrap
from reconciler.apply.recover import rotate
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import KnownMaterial, NewMaterial, SecretFile, WrappingAlgorithm, wrapping_algorithms
from reconciler.plan.steps import ExistingKey, ImportMaterial, RotateOnDemand
from tests.apply.drive import drive, site_of
from tests.support.faulty import Faulty, lost_after, lost_before
from tests.support.secrets import Places, wrapping_keys_made_once

OAEP = WrappingAlgorithm.RSAES_OAEP_SHA_256
USAGES = {
    KeySpec.RSA_2048: "SIGN_VERIFY",
    KeySpec.ECC_NIST_P256: "SIGN_VERIFY",
    KeySpec.HMAC_256: "GENERATE_VERIFY_MAC",
}
MADE = {
    KeySpec.SYMMETRIC_DEFAULT: os.urandom(32),
    KeySpec.HMAC_256: os.urandom(32),
    KeySpec.RSA_2048: rsa.generate_private_key(65537, 2048),
    KeySpec.ECC_NIST_P256: ec.generate_private_key(ec.SECP256R1()),
}
CASES = [(spec, algorithm) for spec in MADE for algorithm in wrapping_algorithms(spec)]


@pytest.fixture(autouse=True)
def _quick_imports():
    with wrapping_keys_made_once():
        yield


@pytest.fixture
def external(engine_client):
    """A key that waits for material, by its spec; an import into it."""

    def create(spec=KeySpec.SYMMETRIC_DEFAULT, algorithm=OAEP, **fields):
        usage = {"KeyUsage": USAGES[spec]} if spec in USAGES else {}
        key = engine_client("CreateKey", {"Origin": "EXTERNAL", "KeySpec": str(spec), **usage})["KeyMetadata"]["KeyId"]
        return ImportMaterial(
            ExistingKey(key), spec, SecretFile("m"), algorithm, fields.pop("valid_to", None), **fields
        )

    return create


def content(made):
    return made if isinstance(made, bytes) else made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def bring(step, kms, clock, **held):
    return drive(import_material(step, site_of(kms, clock, secrets=Places(**(held or {"m": b"1" * 32})))), clock)


def metadata(kms, step):
    return kms("DescribeKey", {"KeyId": step.key.key})["KeyMetadata"]


def materials(kms, step):
    asked = {"KeyId": step.key.key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    return {entry["KeyMaterialState"]: entry for entry in kms("ListKeyRotations", asked)["Rotations"]}


@pytest.mark.parametrize(("spec", "algorithm"), CASES, ids=[f"{spec} {algorithm}" for spec, algorithm in CASES])
def test_material_arrives_by_every_way_of_wrapping(engine_client, clock, external, spec, algorithm):
    step = external(spec, algorithm)
    bring(step, engine_client, clock, m=content(MADE[spec]))
    assert metadata(engine_client, step)["KeyState"] == "Enabled"
    if not isinstance(MADE[spec], bytes):
        public = engine_client("GetPublicKey", {"KeyId": step.key.key})["PublicKey"]
        spki = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert public == MADE[spec].public_key().public_bytes(*spki)


def test_expiry_and_description_are_those_of_the_step(engine_client, clock, external):
    until = clock.now() + timedelta(days=30)
    step = external(valid_to=until, description="made by two people")
    bring(step, engine_client, clock)
    assert materials(engine_client, step)["CURRENT"]["KeyMaterialDescription"] == "made by two people"
    assert metadata(engine_client, step)["ValidTo"] == until
    bring(replace(step, valid_to=None), engine_client, clock)
    assert metadata(engine_client, step)["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"


@pytest.mark.parametrize("lost", [lost_before, lost_after], ids=["no effect", "effect"])
def test_after_a_lost_answer_the_same_import_is_made_again(engine_client, clock, external, lost):
    kms, step = Faulty(engine_client, lost("ImportKeyMaterial", times=2)), external()
    _, pauses = bring(step, kms, clock)
    assert (pauses, kms.count("ImportKeyMaterial"), kms.count("GetParametersForImport")) == ([2.0, 2.0], 3, 3)
    assert metadata(engine_client, step)["KeyState"] == "Enabled"


def test_answers_that_stay_lost_end_the_import(engine_client, clock, external):
    kms = Faulty(engine_client, lost_before("ImportKeyMaterial", times=9))
    with pytest.raises(AmbiguousOutcome):
        bring(external(), kms, clock)
    assert kms.count("ImportKeyMaterial") == 3


@pytest.mark.parametrize(("lost", "calls"), [(lost_before, 2), (lost_after, 1)], ids=["no effect", "effect"])
def test_new_material_whose_answer_was_lost_is_looked_for_before_it_is_imported_again(
    engine_client, clock, external, lost, calls
):
    step = external()
    bring(step, engine_client, clock)
    kms = Faulty(engine_client, lost("ImportKeyMaterial"))
    done, _ = bring(replace(step, which=NewMaterial()), kms, clock, m=b"2" * 32)
    assert kms.count("ImportKeyMaterial") == calls
    assert done.notes == (("the answer was lost; the new material was found",) if calls == 1 else ())
    drive(rotate(RotateOnDemand(step.key, 0), site_of(engine_client, clock)), clock)
    assert set(materials(engine_client, step)) == {"CURRENT", "NON_CURRENT"}


def test_a_rotation_of_imported_material_is_found_when_its_answer_is_lost(engine_client, clock, external):
    step = external()
    bring(step, engine_client, clock)
    bring(replace(step, which=NewMaterial()), engine_client, clock, m=b"2" * 32)
    kms = Faulty(engine_client, lost_after("RotateKeyOnDemand"))
    done, _ = drive(rotate(RotateOnDemand(step.key, 0), site_of(kms, clock)), clock)
    assert done.notes == ("the answer was lost; the rotation was found",)


def test_material_that_is_not_the_expected_one_is_told_of_with_what_to_do(engine_client, clock, external):
    step = external()
    bring(step, engine_client, clock)
    known = materials(engine_client, step)["CURRENT"]["KeyMaterialId"]
    for again in (step, replace(step, which=KnownMaterial(known))):
        with pytest.raises(KmsctlError, match="does not hold the material that the key expects") as told:
            bring(again, engine_client, clock, m=b"2" * 32)
        assert "importedMaterial.serial" in told.value.fix


def test_new_material_that_the_key_has_already_is_told_of(engine_client, clock, external):
    step = external()
    bring(step, engine_client, clock)
    with pytest.raises(KmsctlError, match="holds material that the key has already"):
        bring(replace(step, which=NewMaterial()), engine_client, clock)


def test_another_refusal_is_kms_own(engine_client, clock, external):
    step = external()
    engine_client("ScheduleKeyDeletion", {"KeyId": step.key.key})
    with pytest.raises(KmsError) as told:
        bring(step, engine_client, clock)
    assert told.value.code == "KMSInvalidStateException"


def test_how_a_source_is_kept_is_passed_on(engine_client, clock, external):
    secrets = Places(m=b"1" * 32)
    noted = lambda source: replace(secrets(source), note="others can read it")  # noqa: E731
    done, _ = drive(import_material(external(), site_of(engine_client, clock, secrets=noted)), clock)
    assert done.notes == ("others can read it",)


def test_a_wrapping_key_that_is_no_rsa_key_is_not_used():
    public = MADE[KeySpec.ECC_NIST_P256].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(KmsctlError, match="no RSA key"):
        wrap(b"1" * 32, public, OAEP)
