"""When a list of a principal's grants stands for a list a key, and when it must not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.kms.retirable import FEWEST_KEYS, principals_for, worth_sweeping
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import Account
from reconciler.model.ownership import GRANTS_TAG
from reconciler.model.scope import Wanted
from tests.kms.estate import ACCOUNT, RETIRER, Estate, role, wants_grants

A, B, ELSEWHERE = role("a"), role("b"), role("a", "999988887777")


@pytest.mark.parametrize(
    ("grants", "most", "principals"),
    [
        ({"g": A}, "1", {A}),
        ({"g": A, "h": A}, "2", {A}),
        ({"g": A, "h": B}, "2", {A, B}),
        ({}, "0", None),
        ({}, "1", None),
        ({"g": None}, "1", None),
        ({"g": A, "h": None}, "2", None),
        ({"g": ELSEWHERE}, "1", None),
        ({"g": "nonsense"}, "1", None),
        ({"g": A}, "2", None),
        ({"g": A}, "0", None),
        ({"g": A}, "many", None),
    ],
    ids=[
        "one",
        "two of one principal",
        "two principals",
        "none",
        "none any more",
        "no principal",
        "one without principal",
        "a principal of another account",
        "no ARN",
        "there were more",
        "not tagged yet",
        "unreadable tag",
    ],
)
def test_lists_suffice_only_when_every_grant_must_be_in_them(
    grants: Mapping[str, str | None], most: str, principals: set[str] | None
) -> None:
    account = Account(ACCOUNT, "us-east-1", "aws", f"arn:aws:iam::{ACCOUNT}:root")
    assert principals_for(Wanted(grants=grants), {GRANTS_TAG: most}, account) == principals


def candidates(*principals: str) -> dict[KeyId, frozenset[str]]:
    return {KeyId(str(n)): frozenset(names.split()) for n, names in enumerate(principals)}


@pytest.mark.parametrize(
    ("given_", "worth"),
    [
        ([], {}),
        (["a", "a"], {}),
        (["a", "a", "a"], {"a": 3}),
        (["b", "a", "b", "a", "b", "a", "b"], {"a": 3, "b": 4}),
        (["a", "a", "a", "b"], {"a": 3}),
        (["a b", "a", "a"], {}),
        (["a b", "a", "a", "a"], {"a": 3}),
        (["a b", "a b", "a b"], {"a": 3, "b": 3}),
        (["a b", "b c", "c a"], {}),
    ],
    ids=["none", "two", "three", "two principals", "a rare one", "falls by a rare one", "survives", "pairs", "a ring"],
)
def test_a_principal_is_asked_for_when_enough_keys_share_it(given_: list[str], worth: dict[str, int]) -> None:
    assert worth_sweeping(candidates(*given_)) == worth


@given(st.dictionaries(st.text("0123456789", min_size=1), st.frozensets(st.sampled_from("abcde"), min_size=1)))
def test_lists_never_cost_more_than_asking_each_key(keys: dict[str, frozenset[str]]) -> None:
    worth = worth_sweeping({KeyId(key): principals for key, principals in keys.items()})
    served = [principals for principals in keys.values() if principals <= worth.keys()]
    assert all(count >= FEWEST_KEYS for count in worth.values())
    assert all(count == sum(name in principals for principals in served) for name, count in worth.items())


def test_one_list_shows_the_grants_of_many_keys(estate: Estate) -> None:
    keys = [estate.granted(name, grants=("g", "h")) for name in "abc"]
    wanted = {name: value for key in "abc" for name, value in wants_grants(key, "g", "h").items()}
    seen, calls = estate.counted(wanted)
    assert (calls["ListRetirableGrants"], "ListGrants" in calls) == (1, False)
    lists = estate.observe(wanted, every_grant=True)
    assert [seen.keys[key].grants for key in keys] == [lists.keys[key].grants for key in keys]


def test_two_keys_are_asked_each(estate: Estate) -> None:
    for name in "ab":
        estate.granted(name)
    _, calls = estate.counted({**wants_grants("a", "g"), **wants_grants("b", "g")})
    assert (calls["ListGrants"], "ListRetirableGrants" in calls) == (2, False)


def shop(estate: Estate) -> dict[str, Wanted]:
    """Four keys whose grants one list shows."""
    for name in "abcd":
        estate.granted(name)
    return {name: value for key in "abcd" for name, value in wants_grants(key, "g").items()}


def test_a_key_whose_grant_is_missing_is_asked_itself(estate: Estate) -> None:
    wanted = shop(estate)
    key = next(iter(estate.observe(wanted).keys))
    (grant,) = estate.observe(wanted).keys[key].grants or ()
    estate.kms("RevokeGrant", {"KeyId": key, "GrantId": grant.grant_id})
    seen, calls = estate.counted(wanted)
    assert (calls["ListRetirableGrants"], calls["ListGrants"]) == (1, 1)
    assert seen.keys[key].grants == ()


def test_a_key_whose_grant_has_another_principal_now_is_asked_itself(estate: Estate) -> None:
    wanted = shop(estate)
    key = estate.granted("e", retirer=B)
    seen, calls = estate.counted({**wanted, **wants_grants("e", "g")})
    assert (calls["ListRetirableGrants"], calls["ListGrants"]) == (1, 1)
    assert len(seen.keys[key].grants or ()) == 1


def test_a_grant_of_another_stack_does_not_stand_for_ours(estate: Estate) -> None:
    wanted = shop(estate)
    key = estate.key("e", tags={GRANTS_TAG: "1"})
    estate.grant(key, "e-g", stack="other")
    _, calls = estate.counted({**wanted, **wants_grants("e", "g")})
    assert calls["ListGrants"] == 1


def test_foreign_grants_that_the_list_shows_are_kept(estate: Estate) -> None:
    wanted = shop(estate)
    key = next(iter(estate.observe(wanted).keys))
    estate.kms(
        "CreateGrant",
        {"KeyId": key, "GranteePrincipal": A, "RetiringPrincipal": RETIRER, "Operations": ["Decrypt"]},
    )
    assert [grant.name for grant in estate.observe(wanted).keys[key].grants or ()].count("") == 1


def test_a_list_that_grows_too_long_is_given_up(estate: Estate) -> None:
    wanted = {name: value for key in "abc" for name, value in wants_grants(key, "g").items()}
    for name in "abc":
        estate.granted(name)
    other = estate.bare()
    for n in range(400):
        estate.grant(other, f"n{n}", stack="other")
    seen, calls = estate.counted(wanted)
    assert (calls["ListRetirableGrants"], calls["ListGrants"]) == (4, 3)
    assert all(len(key.grants or ()) == 1 for key in seen.keys.values())


def test_no_list_is_asked_for_when_every_grant_is_read_anyway(estate: Estate) -> None:
    _, calls = estate.counted(shop(estate), every_grant=True)
    assert (calls["ListGrants"], "ListRetirableGrants" in calls) == (4, False)
