"""What manifests ask for of imported material and custom key stores, and where paths begin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.address import Address, Kind
from reconciler.model.keyspec import KeySpec, Origin
from reconciler.model.material import (
    ImportedMaterial,
    SecretFile,
    SecretReference,
    SecretVariable,
    WrappingAlgorithm,
    wrapping_algorithms,
)
from reconciler.model.scope import scope_of
from reconciler.model.stores import CloudHsm, XksProxy, origin_of
from tests.manifest.build import desired, manifest
from tests.support.custody import CERTIFICATE


def fed(place: str, more: str = "", key: str = "") -> str:
    return manifest("Key", "fed", f"{{origin: EXTERNAL, {key} importedMaterial: {{from: {place}{more}}}}}")


def material_of(text: str, file: str = "1.yaml") -> ImportedMaterial:
    """Of the one key in `text`."""
    state = desire(load([Source(file, text)]), stack="default", accounts={})
    found = state.keys[0].material
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("file", "path", "seen"),
    [
        ("keys.yaml", "m.bin", "m.bin"),
        ("team/keys.yaml", "m.bin", "team/m.bin"),
        ("team/keys.yaml", "../secrets/m.bin", "secrets/m.bin"),
        ("/etc/kms/keys.yaml", "m.bin", "/etc/kms/m.bin"),
        ("team/keys.yaml", "/run/m.bin", "/run/m.bin"),
        ("-", "m.bin", "m.bin"),
        ("team/overlay (kustomize)", "m.bin", "m.bin"),
    ],
)
def test_a_path_begins_at_the_folder_of_its_manifest(file: str, path: str, seen: str) -> None:
    assert material_of(fed(f"{{file: {path}}}"), file).source == SecretFile(seen)


def test_other_places_are_taken_as_they_are() -> None:
    assert material_of(fed("{env: M}")).source == SecretVariable("M")
    assert material_of(fed("{secretRef: {name: s, key: k}}")).source == SecretReference("s", "k")


def test_what_is_not_declared_has_its_default() -> None:
    found = material_of(fed("{env: M}"))
    assert (found.valid_to, found.description, found.serial) == (None, None, 1)
    assert found.wrapping is WrappingAlgorithm.RSAES_OAEP_SHA_256


def test_an_instant_is_taken_in_any_offset() -> None:
    found = material_of(fed("{env: M}", ', validTo: "2027-06-30T02:00:00+02:00", description: first, serial: 3'))
    assert (found.valid_to, found.description, found.serial) == (datetime(2027, 6, 30, tzinfo=UTC), "first", 3)


@pytest.mark.parametrize(
    ("spec", "strongest"),
    [
        (KeySpec.SYMMETRIC_DEFAULT, "RSAES_OAEP_SHA_256"),
        (KeySpec.HMAC_512, "RSAES_OAEP_SHA_256"),
        (KeySpec.RSA_4096, "RSA_AES_KEY_WRAP_SHA_256"),
        (KeySpec.ECC_NIST_P521, "RSA_AES_KEY_WRAP_SHA_256"),
    ],
)
def test_the_strongest_algorithm_is_that_which_suits_the_key_spec(spec: KeySpec, strongest: str) -> None:
    assert wrapping_algorithms(spec)[0] == strongest


def test_a_declared_serial_and_material_are_what_a_reading_must_cover() -> None:
    wanted = scope_of(desired(fed("{env: M}", ", serial: 2")))[""].keys["fed"]
    assert (wanted.serial, wanted.material) == (2, True)
    hmac = desired(fed("{env: M}", key="keySpec: HMAC_256,"))
    assert hmac.keys[0].serial is None


PROXY = "uriEndpoint: https://x.example.com, uriPath: /kms/xks/v1"
CREDENTIAL = "credential: {accessKeyId: ABCDE2345FGHIJ67KLMN, secretAccessKey: {from: {env: S}}}"


def test_an_external_store_and_a_key_in_it_are_resolved() -> None:
    state = desired(
        manifest("CustomKeyStore", "vault", f"{{connected: false, xksProxy: {{{PROXY}, {CREDENTIAL}}}}}"),
        manifest("Key", "k", "{origin: EXTERNAL_KEY_STORE, customKeyStoreRef: {name: vault}, xksKeyId: a}"),
    )
    (store,) = state.stores
    assert (store.name, store.connected, origin_of(store.backing)) == ("vault", False, Origin.EXTERNAL_KEY_STORE)
    assert store.backing == XksProxy(
        "https://x.example.com",
        "/kms/xks/v1",
        "PUBLIC_ENDPOINT",
        None,
        None,
        "ABCDE2345FGHIJ67KLMN",
        SecretVariable("S"),
    )
    assert (state.keys[0].store, state.keys[0].xks_key_id) == (Address(Kind.CUSTOM_KEY_STORE, "vault"), "a")
    assert scope_of(state)[""].stores


def test_a_cluster_is_resolved_with_its_certificate() -> None:
    pem = CERTIFICATE.replace("\n", "\n        ")
    text = f"""\
apiVersion: kms.reconciler.dev/v1alpha1
kind: CustomKeyStore
metadata: {{name: vault}}
spec:
    cloudHsm:
      clusterId: cluster-2a23b4cdefg
      trustAnchorCertificate: |
        {pem}
      password: {{from: {{file: password}}}}
"""
    (store,) = desired(text).stores
    assert isinstance(store.backing, CloudHsm)
    assert store.backing.password == SecretFile("password")
    assert store.backing.settings["cloudHsm.trustAnchorCertificate"] == CERTIFICATE.strip()
