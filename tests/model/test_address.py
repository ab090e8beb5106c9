"""What resources are called."""

from __future__ import annotations

from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import TargetName


def test_an_address_names_its_target_unless_it_is_the_runs():
    assert str(Address(Kind.KEY, "db")) == "Key/db"
    assert str(Address(Kind.KEY, "db", TargetName("eu"))) == "Key/db@eu"


def test_addresses_are_ordered_by_kind_name_and_target():
    ordered = [
        Address(Kind.ALIAS, "z"),
        Address(Kind.GRANT, "a"),
        Address(Kind.KEY, "a"),
        Address(Kind.KEY, "a", TargetName("eu")),
        Address(Kind.KEY, "b"),
    ]
    shuffled = [ordered[2], ordered[4], ordered[0], ordered[3], ordered[1]]
    assert sorted(shuffled) == ordered
