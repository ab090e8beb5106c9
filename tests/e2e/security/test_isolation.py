"""Namespaces share an account and no keys: every way to another one's key, tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import Body, Place, key, manifest
from tests.e2e.security.installation import NAMESPACE
from tests.e2e.security.strangers import OTHER_REGION, Owner, settle

GRANTED: dict[str, Any] = {"granteePrincipal": "role/export", "operations": ["Decrypt"]}
Attack = Callable[[Owner, str], Body]


def _adopting(**how: Any) -> Body:
    return key("taken", multiRegion=True, adopt=how)


def _annotated(what: str) -> Body:
    return manifest("Key", "taken", annotations={"adopt": what}, multiRegion=True)


def _alias(name: str, **key_of: Any) -> Body:
    return manifest("Alias", "taken", name=name, **key_of)


def _grant(**key_of: Any) -> Body:
    return manifest("Grant", "taken", **GRANTED, **key_of)


def _primary(of: Owner, target: str) -> Body:
    return {"keyArn": of.arn, "targetRef": {"name": target}}


def _replica(west: str, **primary: Any) -> Body:
    return manifest("ReplicaKey", "taken", targetRef={"name": west}, **primary)


MINE = {"keyRef": {"name": "mine"}}
THEIRS = {"keyRef": {"name": "orders"}}
ATTACKS: dict[str, tuple[Attack, str]] = {
    "an alias on its name": (lambda *_: _alias("one", **THEIRS), "ReferenceNotFound"),
    "an alias on its id": (lambda of, _: _alias("two", key=of.key_id), "NotYours"),
    "an alias on its ARN": (lambda of, _: _alias("three", key=of.arn), "NotYours"),
    "an alias on its alias": (lambda *_: _alias("four", key="alias/orders"), "NotYours"),
    "its alias, declared for an own key": (lambda *_: _alias("orders", **MINE), "NotYours"),
    "its Alias, declared for an own key": (lambda *_: _alias("orders/current", **MINE), "NotYours"),
    "its alias, declared by a new key": (lambda *_: key("taken", aliases=["orders/other"]), "NotYours"),
    "a grant on its name": (lambda *_: _grant(**THEIRS), "ReferenceNotFound"),
    "a grant on its id": (lambda of, _: _grant(key=of.key_id), "NotYours"),
    "a grant on its ARN": (lambda of, _: _grant(key=of.arn), "NotYours"),
    "a grant on its alias": (lambda *_: _grant(key="alias/orders"), "NotYours"),
    "its policy": (lambda *_: key("taken", policyRef={"name": "common"}), "ReferenceNotFound"),
    "a replica by its name": (lambda _, west: _replica(west, primaryRef={"name": "orders"}), "ReferenceNotFound"),
    "a replica by its ARN": (
        lambda of, west: _replica(west, primary=_primary(of, west.removesuffix("-west"))),
        "NotYours",
    ),
    "a replica by its ARN, without its Target": (
        lambda of, west: _replica(west, primary={"keyArn": of.arn}),
        "TargetNotFound",
    ),
    "a replica by its ARN, through its owner's Target": (
        lambda of, west: _replica(west, primary=_primary(of, of.place.target)),
        "NamespaceNotAllowed",
    ),
}
"""Objects and the reasons that they are told."""
ADOPTIONS: dict[str, tuple[Attack, str]] = {
    "by id": (lambda of, _: _adopting(keyId=of.key_id), "AdoptionFailed"),
    "by ARN": (lambda of, _: _adopting(keyId=of.arn), "AdoptionFailed"),
    "by alias": (lambda *_: _adopting(alias="orders"), "AdoptionFailed"),
    "by tags": (lambda *_: _adopting(tags={"team": "shop"}), "AdoptionFailed"),
    "by our tags": (lambda *_: _adopting(tags={"kms.reconciler.dev/name": "orders"}), "AdoptionFailed"),
    "by an annotation with its id": (lambda of, _: _annotated(of.key_id), "AdoptionFailed"),
    "by an annotation with its ARN": (lambda of, _: _annotated(of.arn), "AdoptionFailed"),
    "by an annotation with its alias": (lambda *_: _annotated("alias/orders"), "AdoptionFailed"),
}
"""Likewise, one at a time: two objects of a namespace that adopt one key are told that first."""


@pytest.fixture(scope="module")
def owner(cluster, kms, operator) -> Iterator[Owner]:
    """Whose key it is."""
    place = make_place(cluster, kms, NAMESPACE, target=False)
    yield settle(place)
    leave(place)


@pytest.fixture(params=["Deny", "Allow"])
def stranger(request, cluster, kms, owner) -> Iterator[Place]:
    """Somebody else of the same account, through a Target of their own."""
    place = make_place(cluster, kms, NAMESPACE, target=False)
    place.account, place.secret = owner.account, owner.place.secret
    place.add_target(unmanagedKeys=request.param)
    place.apply(key("mine"))
    yield place
    leave(place)


@pytest.fixture
def untouched(owner) -> Iterator[None]:
    """What the owner has is the same after the test, and nothing was tried at it."""
    before = (owner.belongings(), owner.changes())
    yield
    assert (owner.belongings(), owner.changes()) == before


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("stranger", ["Deny", "Allow"], indirect=True)
def test_no_object_reaches_a_key_of_another_namespace(stranger, owner, subtests):
    stranger.key_id("mine")
    before = owner.account.key_ids()
    west = stranger.add_target("west", region=OTHER_REGION, unmanagedKeys=target_of(stranger, "unmanagedKeys"))
    bodies = {name: attack(owner, west) for name, (attack, _) in ATTACKS.items()}
    for number, body in enumerate(bodies.values()):
        body["metadata"]["name"] = f"taken-{number}"
        stranger.apply(body)
    for name, body in bodies.items():
        with subtests.test(name):
            stranger.wait(body["kind"], body["metadata"]["name"], reason=ATTACKS[name][1], within=60)
    assert owner.account.key_ids() == before
    assert owner.account.key_ids(OTHER_REGION) == []


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("stranger", ["Deny", "Allow"], indirect=True)
def test_no_key_of_another_namespace_is_adopted(stranger, owner, subtests):
    stranger.key_id("mine")
    before = owner.account.key_ids()
    for number, (name, (attack, reason)) in enumerate(ADOPTIONS.items()):
        body = attack(owner, "")
        body["metadata"]["name"] = f"adopting-{number}"
        with subtests.test(name):
            stranger.apply(body)
            stranger.wait("Key", body["metadata"]["name"], reason=reason, within=60)
            stranger.delete("Key", body["metadata"]["name"])
    assert owner.account.key_ids() == before


def target_of(place: Place, field: str) -> str:
    return str(place.get("Target", place.target)["spec"][field])
