"""Lists that are brought up to what was changed, without reading them again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from reconciler.kms.counted import Counted
from reconciler.kms.observe import Sweeps, sweep
from reconciler.kms.refresh import Touched, is_worth_it, refreshed
from reconciler.kms.sweeps import Aliases
from reconciler.model.identifiers import AliasName, KeyArn, KeyId
from reconciler.model.ownership import NAME_TAG, STACK_TAG
from tests.kms.estate import STACK, Estate

NAMES = ("a", "b", "c")
ALIASES = ("alias/x", "alias/y", "alias/z")


def done(estate: Estate, what: str, name: str, alias: str) -> Touched:
    """Make a change, as far as it can be made; what it may have touched."""
    there = {entry["AliasName"]: entry.get("TargetKeyId") for entry in estate.kms("ListAliases", {})["Aliases"]}
    keys = {there.get(alias)} - {None}
    mine = next(
        (arn for arn, tags in sweep(estate.kms).tagged.items() if (tags[STACK_TAG], tags[NAME_TAG]) == (STACK, name)),
        None,
    )
    key = mine.rpartition("/")[2] if mine else None
    if what == "create" and key is None:
        estate.key(name)
    elif what == "tag" and key:
        estate.kms("TagResource", {"KeyId": key, "Tags": [{"TagKey": "team", "TagValue": alias}]})
    elif what == "disown" and key:
        tags = [tag["TagKey"] for tag in estate.kms("ListResourceTags", {"KeyId": key})["Tags"]]
        estate.kms("UntagResource", {"KeyId": key, "TagKeys": tags})
    elif what == "point" and key:
        operation = "UpdateAlias" if alias in there else "CreateAlias"
        estate.kms(operation, {"AliasName": alias, "TargetKeyId": key})
        keys.add(key)
    elif what == "unpoint" and alias in there:
        estate.kms("DeleteAlias", {"AliasName": alias})
    return Touched(frozenset({name}), frozenset(map(KeyId, keys)))


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["create", "tag", "disown", "point", "unpoint"]),
        st.sampled_from(NAMES),
        st.sampled_from(ALIASES),
    ),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(before=CHANGES, after=CHANGES, elsewhere=st.booleans())
def test_lists_with_what_was_touched_are_as_lists_that_are_read_again(before, after, elsewhere):
    clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
    with TemporaryDirectory() as folder, Engine.open(Path(folder) / "engine", clock=clock) as engine:
        estate = Estate(engine.client(), clock)
        if elsewhere:
            estate.key("a", stack="others")
        for change in before:
            done(estate, *change)
        lists = sweep(estate.kms)
        copy = Sweeps(Aliases(dict(lists.aliases.by_name), dict(lists.aliases.changed)), dict(lists.tagged))
        touched = Touched()
        for change in after:
            touched |= done(estate, *change)
        assert refreshed(estate.kms, lists, touched, STACK, parallelism=1) == sweep(estate.kms)
        assert lists == copy, "whoever else has them keeps them"


def test_where_kms_has_put_aliases_is_known_without_asking(estate: Estate) -> None:
    a, b = estate.key("a"), estate.key("b")
    for name in ALIASES[:2]:
        estate.alias(name, a)
    lists = sweep(estate.kms)
    estate.kms("UpdateAlias", {"AliasName": ALIASES[0], "TargetKeyId": b})
    estate.kms("DeleteAlias", {"AliasName": ALIASES[1]})
    estate.alias(ALIASES[2], a)
    put = {AliasName(ALIASES[0]): b, AliasName(ALIASES[1]): None, AliasName(ALIASES[2]): a}
    counted = Counted(estate.kms)
    found = refreshed(counted, lists, Touched() | Touched(aliases=put), STACK)
    assert counted.calls() == {}
    assert found.aliases.by_name == sweep(estate.kms).aliases.by_name


def test_a_key_that_is_gone_has_no_aliases(estate: Estate) -> None:
    lists = sweep(estate.kms)
    gone = KeyId("12345678-1234-1234-1234-123456789012")
    assert refreshed(estate.kms, lists, Touched(keys=frozenset({gone})), STACK) == lists


def test_a_list_that_cannot_be_read_is_no_empty_one(estate: Estate) -> None:
    def refuse(operation, parameters):
        raise KmsError("ThrottlingException", "slow down", operation=operation)

    with pytest.raises(KmsError):
        refreshed(refuse, sweep(estate.kms), Touched(keys=frozenset({KeyId("k")})), STACK)


def test_names_are_asked_for_twenty_at_a_time(estate: Estate) -> None:
    counted = Counted(estate.kms)
    refreshed(counted, sweep(estate.kms), Touched(frozenset(f"n{number}" for number in range(41))), STACK)
    assert counted.calls() == {"tagging:GetResources": 3}


A_BATCH = Touched(frozenset(map(str, range(64))), frozenset(KeyId(str(number)) for number in range(64)))


def lists_of(aliases: int, tagged: int) -> Sweeps:
    by_name = {f"alias/{number}": None for number in range(aliases)}
    return Sweeps(Aliases(by_name, {}), {KeyArn(str(number)): {} for number in range(tagged)})


@pytest.mark.parametrize(
    ("lists", "touched", "worth"),
    [
        (lists_of(0, 0), Touched(), False),
        (lists_of(1, 1), Touched(), True),
        (lists_of(100, 100), Touched(frozenset("ab")), True),
        (lists_of(100, 100), Touched(frozenset("ab"), frozenset({KeyId("k")})), False),
        (lists_of(101, 100), Touched(frozenset("ab"), frozenset({KeyId("k")})), True),
        (
            lists_of(5000, 5000),
            A_BATCH,
            True,
        ),
        (
            lists_of(3000, 3000),
            A_BATCH,
            False,
        ),
    ],
    ids=["empty", "nothing touched", "a name for two pages", "as many calls", "one page more", "many", "not so many"],
)
def test_long_lists_are_read_again_only_where_that_takes_fewer_calls(lists, touched, worth):
    assert is_worth_it(lists, touched) is worth
