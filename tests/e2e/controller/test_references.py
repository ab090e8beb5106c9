"""Objects that refer to each other, made in any order."""

from __future__ import annotations

import itertools

import pytest

from tests.e2e.controller.place import Place, key, manifest

IRELAND = "eu-west-1"
ORDERS = list(itertools.permutations(range(6)))


def family(place: Place, number: int = 0) -> list[dict]:
    """A Target in another Region, a multi-Region key there is a replica of, its policy, an alias and a grant."""
    n = f"-{number}" if number else ""
    target = f"{place.namespace}-ireland"
    of_replica = {"targetRef": {"name": target}, "policyRef": {"name": f"standard{n}"}}
    return [
        place.target_body("ireland", region=IRELAND),
        manifest("KeyPolicy", f"standard{n}", administrators=["role/platform"], grantors=["role/platform"]),
        key(f"sessions{n}", multiRegion=True, policyRef={"name": f"standard{n}"}),
        manifest("ReplicaKey", f"sessions-eu{n}", primaryRef={"name": f"sessions{n}"}, **of_replica),
        manifest("Alias", f"current{n}", name=f"current{n}", keyRef={"name": f"sessions{n}"}),
        manifest(
            "Grant",
            f"export{n}",
            keyRef={"name": f"sessions-eu{n}"},
            targetRef={"name": target},
            granteePrincipal="role/export",
            operations=["Decrypt"],
        ),
    ]


def check(place: Place, number: int = 0, *, within: float = 30.0) -> None:
    n = f"-{number}" if number else ""
    key_id = place.ready("Key", f"sessions{n}", within=within)["status"]["keyId"]
    replica = place.ready("ReplicaKey", f"sessions-eu{n}", within=within)["status"]
    alias = place.ready("Alias", f"current{n}", within=within)["status"]
    grant = place.ready("Grant", f"export{n}", within=within)["status"]
    assert {key_id} == {replica["keyId"], alias["keyId"], grant["keyId"]}
    assert (replica["region"], replica["primaryRegion"]) == (IRELAND, "eu-central-1")


@pytest.mark.parametrize("order", ORDERS[:: len(ORDERS) // 5], ids=str)
def test_references_are_waited_for_in_any_order(place, order):
    bodies = family(place)
    for position in order:
        place.apply(bodies[position])
    check(place)
    assert len(place.account.key_ids()) == len(place.account.key_ids(IRELAND)) == 1


def test_many_orders_at_once_come_to_the_same(place):
    """Every fourth order of the five that are not the Target, a family of its own each; the Target comes in between."""
    orders = list(itertools.permutations(range(1, 6)))[::4]
    families = {number: family(place, number) for number in range(1, len(orders) + 1)}
    for step in range(5):
        for number, order in enumerate(orders, 1):
            place.apply(families[number][order[step]])
        if step == 2:
            place.apply(families[1][0])
    for number in families:
        check(place, number, within=90.0)
    assert len(place.account.key_ids()) == len(place.account.key_ids(IRELAND)) == len(orders)
    assert place.account.writes().count("CreateKey") == len(orders)


def test_what_waits_says_for_what(place):
    place.apply(manifest("Alias", "current", name="current", keyRef={"name": "orders"}))
    body = place.wait("Alias", "current", reason="ReferenceNotFound")
    assert "Key/orders" in body["status"]["conditions"][0]["message"]
    place.apply(key())
    place.ready("Alias", "current")


def test_a_target_that_is_not_there_is_waited_for(place):
    place.apply(key(targetRef={"name": f"{place.namespace}-late"}))
    place.wait("Key", "orders", reason="TargetNotFound")
    place.add_target("late")
    place.ready("Key", "orders")


def test_a_target_that_is_not_open_to_the_namespace_is_not_used(place):
    place.add_target("closed", allowedNamespaces=["others-*"])
    place.apply(key(targetRef={"name": f"{place.namespace}-closed"}))
    place.wait("Key", "orders", reason="NamespaceNotAllowed")
    assert place.account.calls() == [] or "CreateKey" not in place.account.writes()
    place.add_target("closed")
    place.ready("Key", "orders")


def test_a_target_whose_account_is_another_is_not_used(place):
    place.add_target("wrong", accountId="444455556666")
    place.apply(key(targetRef={"name": f"{place.namespace}-wrong"}))
    place.wait("Key", "orders", reason="TargetNotReady")
    assert place.account.writes() == []
