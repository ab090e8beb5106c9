"""What keys of each spec can do."""

from __future__ import annotations

import pytest

from reconciler.model.keyspec import (
    Family,
    KeySpec,
    KeyUsage,
    Origin,
    capabilities,
    rotates_by_itself,
    rotates_on_demand,
)


@pytest.mark.parametrize("spec", KeySpec)
def test_every_spec_has_its_family_and_at_least_one_usage(spec):
    assert capabilities(spec).usages
    assert Origin.AWS_KMS in capabilities(spec).origins


@pytest.mark.parametrize(
    ("spec", "family", "usage"),
    [
        (KeySpec.SYMMETRIC_DEFAULT, Family.SYMMETRIC, KeyUsage.ENCRYPT_DECRYPT),
        (KeySpec.RSA_4096, Family.RSA, None),
        (KeySpec.ECC_NIST_P256, Family.ECC, None),
        (KeySpec.ECC_SECG_P256K1, Family.ECC, KeyUsage.SIGN_VERIFY),
        (KeySpec.ECC_NIST_EDWARDS25519, Family.EDWARDS, KeyUsage.SIGN_VERIFY),
        (KeySpec.HMAC_512, Family.HMAC, KeyUsage.GENERATE_VERIFY_MAC),
        (KeySpec.SM2, Family.SM2, None),
        (KeySpec.ML_DSA_65, Family.ML_DSA, KeyUsage.SIGN_VERIFY),
        (KeySpec.ML_KEM_768, Family.ML_KEM, KeyUsage.ENCAPSULATE_DECAPSULATE),
    ],
)
def test_a_manifest_need_not_name_the_usage_of_a_family_that_has_just_one(spec, family, usage):
    assert (capabilities(spec).family, capabilities(spec).only_usage) == (family, usage)


@pytest.mark.parametrize("origin", Origin)
@pytest.mark.parametrize("spec", [KeySpec.SYMMETRIC_DEFAULT, KeySpec.RSA_2048, KeySpec.HMAC_256])
def test_only_symmetric_keys_rotate_and_by_themselves_only_those_of_kms_own_making(spec, origin):
    symmetric = spec is KeySpec.SYMMETRIC_DEFAULT
    assert rotates_by_itself(spec, origin) is (symmetric and origin is Origin.AWS_KMS)
    assert rotates_on_demand(spec, origin) is (symmetric and origin in (Origin.AWS_KMS, Origin.EXTERNAL))
