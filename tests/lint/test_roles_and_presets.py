"""What roles and presets compile to passes the project's own lint."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.lint import Severity, lint, subjects_of
from reconciler.manifest.desire import desire
from reconciler.model.identifiers import RUN_TARGET
from tests.manifest.build import ACCOUNT, loaded, manifest
from tests.policy.presets.scenarios import scenarios

ENTRIES = {f"{one.service}: {one.name}": {"service": one.service, **one.options} for one in scenarios()}
USES = {
    "symmetric": ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    "rsa": ("RSA_3072", "ENCRYPT_DECRYPT"),
    "sign": ("ECC_NIST_P256", "SIGN_VERIFY"),
    "mac": ("HMAC_256", "GENERATE_VERIFY_MAC"),
    "agree": ("ECC_NIST_P256", "KEY_AGREEMENT"),
    "kem": ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
}
BY_CHOICE = {
    "everyone-with-conditions",  # a preset without callers, as AWS's own policies of its managed keys
    "untagged-key",
    "rotation-undecided",
    "external-account",  # the cases have partners
    "duplicate-statement",  # Neptune calls as RDS
}
"""Checks that the author's choice may meet, and not the compiler."""


def found(policy, spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT"):
    written = {"keySpec": spec, "keyUsage": usage, "tags": {"team": "x"}, "policy": policy}
    desired = desire(loaded(manifest("Key", "k", json.dumps(written))), stack="s", accounts={RUN_TARGET: ACCOUNT})
    findings = lint(subjects_of(desired, {RUN_TARGET: ACCOUNT}))
    of_policy = [one for one in findings if one.check.id.startswith(("KC1", "KC2", "KC3"))]
    return [one for one in of_policy if one.check.name not in BY_CHOICE]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_preset_passes_lint(entry):
    assert found({"administrators": ["role/admin"], "services": [entry]}) == []


ROLES = st.lists(st.sampled_from(["role/a", "role/b", "user/c"]), max_size=2, unique=True)


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(list(USES.values())),
    st.fixed_dictionaries({"readOnly": ROLES, "users": ROLES, "grantors": ROLES}),
    st.booleans(),
    st.lists(st.sampled_from(list(ENTRIES)), max_size=3, unique=True),
)
def test_roles_of_different_people_and_presets_pass_lint_together(use, roles, delegate, chosen):
    services = [{**ENTRIES[name], "name": f"n{number}"} for number, name in enumerate(chosen)]
    policy = {"administrators": ["role/deployer"], "delegateToIam": delegate, **roles}
    if use == USES["symmetric"]:
        policy["services"] = services
    assert [one for one in found(policy, *use) if one.severity is not Severity.NOTE] == []
