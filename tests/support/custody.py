"""Strategies for imported key material and custom key stores, declared and found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from reconciler.kit.absent import ABSENT
from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredKey, NoRotation
from reconciler.model.identifiers import TargetName
from reconciler.model.keyspec import KeySpec, KeyState, Origin
from reconciler.model.material import ImportedMaterial, SecretFile, SecretVariable, WrappingAlgorithm
from reconciler.model.observed import Material, ObservedKey, ObservedMaterials
from reconciler.model.stores import (
    CREDENTIAL_ID,
    CloudHsm,
    Connection,
    DesiredStore,
    ObservedStore,
    XksProxy,
    origin_of,
)

READ_AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
"""As in `pools`."""
_INSTANTS = (None, READ_AT - timedelta(days=1), READ_AT + timedelta(days=30), READ_AT + timedelta(days=90))
_LATER = (None, *_INSTANTS[2:])
STORE = "vault"
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBFjCBvaADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmN1c3RvbWVy
Q0EwHhcNMjAwMTAxMDAwMDAwWhcNNDAwMTAxMDAwMDAwWjAVMRMwEQYDVQQDDApj
dXN0b21lckNBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTYSETt7oHoeNwkZ
CQ386i5dCf7V3bL6A20hl0ksd6+hhiXfRgGy2fdkZZH0oDUB4jxrG5W6aqZMt8gQ
b9JlITAKBggqhkjOPQQDAgNIADBFAiAFgSg98F+hMwZAemylvEWNNlJ+jQLon1UY
FFLFSmfRjAIhAIPsmp+M+ueY9L74OTfFD8Qxrw09hSbMReKFyA0ulKwN
-----END CERTIFICATE-----
"""
"""Made for these tests, self-signed; its private key was thrown away."""
PROXY = XksProxy(
    "https://xks.example.com",
    "/kms/xks/v1",
    "PUBLIC_ENDPOINT",
    None,
    None,
    "A" * 20,
    SecretVariable("XKS_SECRET"),
)
CLUSTER = CloudHsm("cluster-2a23b4cdefg", CERTIFICATE, SecretFile("password"))

material = st.builds(
    ImportedMaterial,
    st.sampled_from((SecretFile("m.bin"), SecretVariable("M"))),
    st.just(WrappingAlgorithm.RSAES_OAEP_SHA_256),
    st.sampled_from(_INSTANTS),
    st.sampled_from((None, "first", "second")),
    st.sampled_from((1, 2, 3, 3)),
)


@st.composite
def with_material(draw: st.DrawFn, key: DesiredKey) -> DesiredKey:
    """A key of origin EXTERNAL whose manifest may say where its material is."""
    if key.origin is not Origin.EXTERNAL or not draw(st.booleans()):
        return key
    drawn = draw(material)
    if key.key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        drawn = replace(drawn, description=None, serial=1)
    return replace(key, material=drawn, rotation=draw(st.sampled_from((ABSENT, NoRotation("it is a test")))))


@st.composite
def found_materials(draw: st.DrawFn, key: ObservedKey, like: DesiredKey | None) -> ObservedKey:
    """What KMS tells of the materials of a key of origin EXTERNAL, by whether the key has what it needs."""
    if key.origin is not Origin.EXTERNAL or like is None or like.material is None:
        return key
    if key.key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        return replace(key, valid_to=draw(st.sampled_from(_LATER)) if key.material else None)
    current = Material("current", True, draw(st.sampled_from(_LATER)), draw(_descriptions))
    pending = draw(st.sampled_from((None, None, Material("pending"))))
    if key.material:
        return replace(key, materials=ObservedMaterials(current, pending))
    gone = replace(current, imported=False)
    lacking = (ObservedMaterials(), ObservedMaterials(gone, pending), ObservedMaterials(current, pending, ("older",)))
    return replace(key, materials=draw(st.sampled_from(lacking)))


_descriptions = st.sampled_from(("", "first"))


@st.composite
def in_store(draw: st.DrawFn, keys: tuple[DesiredKey, ...], target: TargetName) -> tuple[Any, tuple[DesiredKey, ...]]:
    """A custom key store, at times, and some of the `keys` in it."""
    if draw(st.integers(0, 3)):
        return (), keys
    backing = draw(st.sampled_from((PROXY, CLUSTER)))
    store = DesiredStore(
        Address(Kind.CUSTOM_KEY_STORE, STORE, target), Position("stores.yaml"), backing, draw(st.booleans())
    )
    return (store,), tuple(_placed(key, store) if _may_be_in(key) and draw(st.booleans()) else key for key in keys)


def _may_be_in(key: DesiredKey) -> bool:
    plain = key.key_spec is KeySpec.SYMMETRIC_DEFAULT and key.origin is Origin.AWS_KMS
    return plain and not key.multi_region


def _placed(key: DesiredKey, store: DesiredStore) -> DesiredKey:
    external = isinstance(store.backing, XksProxy)
    return replace(
        key,
        origin=origin_of(store.backing),
        store=store.address,
        xks_key_id=f"external-{key.address.name}" if external else None,
        rotation=ABSENT,
    )


@st.composite
def found_stores(draw: st.DrawFn, stores: tuple[DesiredStore, ...]) -> dict[str, ObservedStore]:
    """The declared stores as they may be found: not there, of another kind, otherwise set, in every state."""
    found = {}
    for store in stores:
        backing = draw(st.sampled_from((store.backing, store.backing, store.backing, PROXY, CLUSTER, None)))
        if backing is None:
            continue
        settings = backing.settings | draw(st.sampled_from(_OTHERWISE))
        connection = draw(st.sampled_from(Connection))
        errors = ("INVALID_CREDENTIALS", "NETWORK_ERRORS") if connection is Connection.FAILED else ("",)
        error = draw(st.sampled_from(errors))
        found[store.name] = ObservedStore("cks-1", store.name, origin_of(backing), connection, error, settings)
    return found


_OTHERWISE = (
    {},
    {"xksProxy.uriPath": "/old/kms/xks/v1"},
    {"xksProxy.uriEndpoint": "https://old.example.com"},
    {CREDENTIAL_ID: "B" * 20},
)

Stores = dict[str, ObservedStore]


@st.composite
def kept_in(
    draw: st.DrawFn, key: ObservedKey, like: DesiredKey | None, stores: dict[str, ObservedStore]
) -> ObservedKey:
    """Where a key in a custom key store is, and that nobody can use it while that is not connected."""
    if like is None or like.store is None or key.origin is not like.origin:
        return key
    store = stores.get(like.store.name)
    placed = replace(
        key,
        store_id=store.store_id if store and draw(st.integers(0, 5)) else "cks-0",
        xks_key_id=like.xks_key_id if draw(st.integers(0, 9)) else "external-another",
    )
    off = store is None or store.connection is not Connection.CONNECTED
    return replace(placed, state=KeyState.UNAVAILABLE) if off and not key.pending_deletion else placed
