"""Keys that manifests name from outside the stack: by id, ARN, alias or tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.kms.port import Kms
from reconciler.model.identifiers import AliasName
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Wanted
from tests.kms.estate import STACK, Estate, role

LOCAL = "arn:aws:kms:us-east-1:111122223333:"
SPELLINGS = ["{key}", LOCAL + "key/{key}", "alias/legacy", LOCAL + "alias/legacy"]


@pytest.mark.parametrize("spelling", SPELLINGS, ids=["id", "ARN", "alias", "alias ARN"])
def test_a_named_key_is_found_by_any_spelling_and_read_with_its_tags(estate: Estate, spelling: str) -> None:
    key = estate.bare({"team": "shop"})
    estate.alias("alias/legacy", key)
    reference = spelling.format(key=key)
    seen, calls = estate.counted(external={reference: Wanted(policy=True)})
    assert seen.keys[key].tags == {"team": "shop"}
    assert seen.keys[key].policy
    assert (calls["DescribeKey"], calls["ListResourceTags"], calls["ListAliases"]) == (1, 1, 1)


def test_a_key_named_twice_is_read_once_for_all_that_is_wanted(estate: Estate) -> None:
    key = estate.bare()
    estate.alias("alias/legacy", key)
    grants = {"g": role("r")}
    external = {key: Wanted(policy=True), "alias/legacy": Wanted(rotation=True, serial=1, grants=grants)}
    seen, calls = estate.counted(external=external)
    found = seen.keys[key]
    assert found.policy
    assert found.rotation
    assert found.grants == ()
    assert (calls["DescribeKey"], calls["GetKeyRotationStatus"], calls["ListGrants"]) == (1, 1, 1)


def test_a_named_key_of_the_stack_itself_is_read_once(estate: Estate) -> None:
    key = estate.key("a")
    seen, calls = estate.counted({"a": Wanted()}, external={key: Wanted(policy=True)})
    assert seen.keys[key].policy
    assert (calls["DescribeKey"], "ListResourceTags" in calls) == (1, False)


def test_the_key_that_a_declared_alias_points_to_is_read_whoevers_it_is(estate: Estate) -> None:
    theirs, ours = estate.bare({"team": "shop"}), estate.key("a")
    estate.alias("alias/taken", theirs)
    estate.alias("alias/a", ours)
    declared = frozenset(map(AliasName, ("alias/taken", "alias/a", "alias/new")))
    seen, calls = estate.counted({"a": Wanted()}, aliases=declared)
    assert seen.keys[theirs].tags == {"team": "shop"}
    assert (calls["DescribeKey"], calls["ListResourceTags"]) == (2, 1)


MISSING = [
    "alias/nothing",
    LOCAL + "alias/nothing",
    "00000000-0000-4000-8000-000000000000",
    LOCAL + "key/00000000-0000-4000-8000-000000000000",
    "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000000",
    "arn:aws:kms:us-east-1:999988887777:alias/theirs",
    "arn:aws:s3:us-east-1:111122223333:bucket",
    "not a key",
]


@pytest.mark.parametrize("reference", MISSING)
def test_a_reference_to_nothing_is_left_out(estate: Estate, reference: str) -> None:
    assert estate.observe(external={reference: Wanted(policy=True, grants={"g": None})}).keys == {}


class Shared:
    """Another account's key, as seen from ours: described, rotation and grants readable by ARN, nothing else."""

    def __init__(self, ours: Kms, theirs: Kms) -> None:
        self._ours, self._theirs = ours, theirs
        self.cross: list[str] = []

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if ":999988887777:" not in str(parameters.get("KeyId")):
            return self._ours(operation, parameters)
        self.cross.append(operation)
        return self._theirs(operation, parameters)


@pytest.fixture
def shared(estate: Estate, clock, tmp_path):
    from reconciler.engine.engine import Engine

    with Engine.open(tmp_path / "theirs", clock=clock) as engine:
        yield Shared(estate.kms, engine.client(account="999988887777"))


def test_a_key_of_another_account_is_read_by_arn_with_what_crosses_accounts(estate: Estate, shared: Shared) -> None:
    theirs = Estate(shared._theirs, estate.clock)
    key = theirs.bare({"team": "them"})
    arn = f"arn:aws:kms:us-east-1:999988887777:key/{key}"
    wanted = Wanted(policy=True, rotation=True, serial=1, grants={"g": None})
    found = Estate(shared, estate.clock).observe(external={arn: wanted}).keys[key]
    assert shared.cross == ["DescribeKey", "GetKeyRotationStatus", "ListGrants"]
    assert found.arn == arn
    assert (found.policy, found.tags, found.grants) == (None, {}, ())


def test_a_key_is_found_by_all_of_its_tags(estate: Estate) -> None:
    key = estate.bare({"team": "shop", "app": "orders"})
    estate.bare({"team": "shop"})
    seen, calls = estate.counted({"a": Wanted(policy=True)}, adopt_tags={"a": {"team": "shop", "app": "orders"}})
    assert list(seen.keys) == [key]
    assert seen.keys[key].policy
    assert calls == {
        "DescribeKey": 1,
        "GetKeyPolicy": 1,
        "ListAliases": 1,
        "ListResourceTags": 1,
        "tagging:GetResources": 2,
    }


def test_every_key_with_the_tags_is_read_so_that_two_can_be_told(estate: Estate) -> None:
    keys = {estate.bare({"team": "shop"}) for _ in range(2)}
    assert set(estate.observe({"a": Wanted()}, adopt_tags={"a": {"team": "shop"}}).keys) == keys


def test_a_key_that_is_adopted_already_is_not_looked_for_again(estate: Estate) -> None:
    estate.key("a", tags={"team": "shop"})
    _, calls = estate.counted({"a": Wanted()}, adopt_tags={"a": {"team": "shop"}})
    assert calls == {"DescribeKey": 1, "ListAliases": 1, "tagging:GetResources": 1}


def test_no_tags_adopt_nothing(estate: Estate) -> None:
    estate.bare({"team": "shop"})
    assert estate.observe({"a": Wanted()}, adopt_tags={"a": {}}).keys == {}


def test_another_stacks_key_that_is_named_shows_whose_it_is(estate: Estate) -> None:
    key = estate.key("theirs", stack="other")
    found = estate.observe(external={key: Wanted()}).keys[key]
    assert Ownership.of(found.tags) == Ownership("other", "theirs", 1)
    assert STACK != "other"
