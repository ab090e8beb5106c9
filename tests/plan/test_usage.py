"""Whose last use the guard wants to know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.identifiers import RUN_TARGET, AliasName, Days
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import SecretFile, WrappingAlgorithm
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, Reason
from reconciler.plan.risk.usage import keys_asked_for
from reconciler.plan.steps import (
    CreateAlias,
    DeleteAlias,
    DisableKey,
    EnableKey,
    ExistingKey,
    ImportMaterial,
    PlannedKey,
    ScheduleDeletion,
    UpdateAlias,
)
from tests.plan.build import DB, has, there
from tests.support.pools import READ_AT, STACK

ALIAS, UNREAD, DANGLING = AliasName("alias/db"), AliasName("alias/unread"), AliasName("alias/nowhere")
SEEN = there(
    has("k-1"),
    has("k-2", "db", 2),
    has("k-3", "app"),
    has("k-4", None),
    has("k-5", None, tags=Ownership("another", "db", 1).tags()),
    aliases={"db": "k-1", "others": "k-4", "theirs": "k-5", "unread": "k-9", "nowhere": None},
).targets[RUN_TARGET]
KEY = ExistingKey("k-1")
IMPORT = ImportMaterial(
    KEY, KeySpec.SYMMETRIC_DEFAULT, SecretFile("m"), WrappingAlgorithm.RSAES_OAEP_SHA_256, valid_to=None
)


@pytest.mark.parametrize(
    ("steps", "asked"),
    [
        pytest.param((DisableKey(KEY),), ["k-1"], id="disabled"),
        pytest.param((EnableKey(KEY), DisableKey(KEY)), [], id="opened for a moment"),
        pytest.param((DisableKey(PlannedKey(DB, 1)),), [], id="a new key disabled"),
        pytest.param((ScheduleDeletion(KEY, Days(7)),), ["k-1"], id="scheduled"),
        pytest.param((ScheduleDeletion(ExistingKey("k-9"), Days(7)),), [], id="one that was not read"),
        pytest.param((replace(IMPORT, valid_to=READ_AT),), ["k-1"], id="its material expires"),
        pytest.param((IMPORT,), [], id="its material is imported"),
        pytest.param((DeleteAlias(ALIAS),), ["k-1"], id="without its alias"),
        pytest.param((UpdateAlias(ALIAS, ExistingKey("k-3")),), ["k-1"], id="its alias goes to another name"),
        pytest.param((UpdateAlias(ALIAS, ExistingKey("k-2")),), [], id="its alias goes to a successor"),
        pytest.param((UpdateAlias(ALIAS, PlannedKey(DB, 3)),), [], id="its alias goes to a new successor"),
        pytest.param((DeleteAlias(ALIAS), CreateAlias(ALIAS, ExistingKey("k-2"))), [], id="in two calls"),
        pytest.param((DeleteAlias(ALIAS), CreateAlias(ALIAS, ExistingKey("k-4"))), ["k-1"], id="to a key of nobody"),
        pytest.param((UpdateAlias(AliasName("alias/others"), KEY),), [], id="an alias of a key of nobody"),
        pytest.param((UpdateAlias(AliasName("alias/theirs"), KEY),), [], id="an alias of another stack"),
        pytest.param((UpdateAlias(UNREAD, KEY),), [], id="an alias of a key that was not read"),
        pytest.param((UpdateAlias(DANGLING, KEY),), [], id="an alias that points nowhere"),
        pytest.param((DeleteAlias(AliasName("alias/gone")),), [], id="an alias that is not there"),
    ],
)
def test_the_last_use_of_what_is_taken_away_matters(steps, asked):
    change = Change(DB, Action.UPDATE, Reason.DIFFERS, steps=steps)
    assert [key.key_id for key in keys_asked_for(change, SEEN, STACK)] == asked


def test_the_last_use_of_a_twin_matters():
    change = Change(DB, Action.UPDATE, Reason.DUPLICATE, resource_id="k-3")
    assert [key.key_id for key in keys_asked_for(change, SEEN, STACK)] == ["k-3"]
