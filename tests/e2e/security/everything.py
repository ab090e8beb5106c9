"""One object of each kind, all of which belong together."""

from __future__ import annotations

import secrets

from tests.e2e.controller.place import Body, Place, key, manifest

OTHER_REGION = "eu-west-1"
PROXY = {"uriEndpoint": "https://xks.example.com", "uriPath": "/example/kms/xks/v1"}
STORE = ("CustomKeyStore", "vault")
READY = (
    ("Target", ""),
    ("KeyPolicy", "common"),
    ("Key", "orders"),
    ("Key", "cards"),
    ("Alias", "current"),
    ("Grant", "report"),
    ("ReplicaKey", "orders-west"),
    STORE,
)
"""Kinds and names; the Target's is the place's."""


def material() -> Body:
    """Where a key says that its material is."""
    return {"from": {"secretRef": {"name": "material", "key": "key"}}}


def store(name: str = "vault") -> Body:
    """An external key store; what it proves itself with is in a Secret."""
    secret = {"from": {"secretRef": {"name": "xks", "key": "secret"}}}
    return manifest(
        "CustomKeyStore",
        name,
        xksProxy={**PROXY, "credential": {"accessKeyId": "ABCDE2345FGHIJ67KLMN", "secretAccessKey": secret}},
    )


def apply_all(place: Place, *, key_material: str | None = None, store_secret: str | None = None) -> None:
    """Apply one object of each kind; the operator may read the Secrets of the namespace.

    Args:
        place: where. Its Target is opened for key stores.
        key_material: 32 characters; random by default.
        store_secret: at least 43 characters; random by default.
    """
    place.add_target(unmanagedKeys="Allow")
    west = place.add_target("west", region=OTHER_REGION, unmanagedKeys="Allow")
    place.secret_of("material", key=key_material or secrets.token_hex(16))
    place.secret_of("xks", secret=store_secret or secrets.token_hex(24))
    place.apply(
        manifest("KeyPolicy", "common", administrators=["role/platform"]),
        key(multiRegion=True, policyRef={"name": "common"}),
        key("cards", origin="EXTERNAL", importedMaterial=material()),
        manifest("Alias", "current", name="orders/current", keyRef={"name": "orders"}),
        manifest("Grant", "report", keyRef={"name": "orders"}, granteePrincipal="role/export", operations=["Decrypt"]),
        manifest("ReplicaKey", "orders-west", primaryRef={"name": "orders"}, targetRef={"name": west}),
        store(),
    )


def all_ready(place: Place, *, within: float = 60.0) -> None:
    """Return once each of them is ready."""
    for kind, name in READY:
        if kind in ("Target", "KeyPolicy"):
            place.wait(kind, name or place.target, reason="Valid", within=within)
        else:
            place.ready(kind, name, within=within)
