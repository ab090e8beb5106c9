"""Lists of an account that batches share: what a batch has changed it sees without having them read again."""

from __future__ import annotations

import pytest

from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.kms.counted import Counted
from reconciler.kms.observe import Sweeps, sweep
from reconciler.kms.refresh import Touched
from reconciler.kms.sweeps import Aliases
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import RUN_TARGET, AliasName, KeyId
from reconciler.model.observed import ObservedAlias
from reconciler.plan.changes import Action, Change, Reason
from reconciler.plan.steps import (
    CreateAlias,
    DeleteAlias,
    EnableKey,
    ExistingKey,
    PlannedKey,
    RevokeGrant,
    UpdateAlias,
)
from reconciler.workflow.converge import run
from reconciler.workflow.converge.run import Means
from reconciler.workflow.converge.touched import touched_by
from reconciler.workflow.converge.verdicts import Met
from reconciler.workflow.converge.wishes import Wish
from reconciler.workflow.targets import Connection
from tests.workflow.converge.world import ALIAS, KEY, document

ALLOWED = frozenset({"alias-leaves-key-in-use", "key-in-use"})


class Shared:
    """The lists of a world, and how often they were read."""

    def __init__(self, world):
        self.kms = world.kms
        self.readings = 0

    def __call__(self, target, since):
        assert target == RUN_TARGET
        self.readings += 1
        return sweep(self.kms)


@pytest.fixture(params=[True, False], ids=["long lists", "short lists"])
def shared(world, request, monkeypatch):
    monkeypatch.setattr(run, "is_worth_it", lambda lists, touched: request.param)
    made = Shared(world)
    made.long = request.param
    return made


def means(world, shared):
    return Means(world.environment, lists=shared)


def test_what_a_batch_has_made_it_sees_and_reads_long_lists_once(world, shared):
    first = document(KEY, "a", aliases=["alias/one"], tags={"team": "x"})
    wishes = first, document(ALIAS, "m", name="alias/two", keyRef={"name": "a"})
    found = world.converge(*wishes, means=means(world, shared))
    assert all(isinstance(verdict, Met) for verdict in found.values()), found
    assert found[KEY, "a"].facts.aliases == ("alias/one", "alias/two")
    assert shared.readings == (1 if shared.long else 2)
    assert not any(verdict.done for verdict in world.converge(*wishes, means=means(world, shared)).values())


def test_an_alias_that_moves_within_a_batch_is_seen_on_its_new_key_and_not_on_the_old(world, shared):
    world.converge(document(KEY, "a", aliases=["alias/one"]), document(KEY, "b"))
    moved = document(KEY, "a"), Wish(document(KEY, "b", aliases=["alias/one"]), allow=ALLOWED)
    found = world.converge(*moved, means=means(world, shared))
    assert (found[KEY, "a"].facts.aliases, found[KEY, "b"].facts.aliases) == ((), ("alias/one",))
    assert isinstance(found[KEY, "b"], Met)


def test_an_alias_that_is_pruned_is_seen_no_more(world, shared):
    world.converge(document(KEY, "a", aliases=["alias/one"]))
    wish = Wish(document(KEY, "a"), allow=ALLOWED)
    found = world.converge(wish, means=means(world, shared), prune=True)[KEY, "a"]
    assert isinstance(found, Met)
    assert found.facts.aliases == ()


def test_what_was_changed_is_looked_at_with_few_calls_however_many_keys_there_are(world):
    """300 keys with an alias each, and 3 more."""
    for number in range(300):
        tags = {"stack": "c.others", "name": f"k{number}", "generation": "1"}
        made = world.kms(
            "CreateKey",
            {"Tags": [{"TagKey": f"kms.reconciler.dev/{key}", "TagValue": value} for key, value in tags.items()]},
        )
        world.kms("CreateAlias", {"AliasName": f"alias/k{number}", "TargetKeyId": made["KeyMetadata"]["KeyId"]})
    counted = Counted(world.kms)
    world.connection = Connection(counted, world.connection.account, world.connection.close, immediate=True)
    shared = Shared(world)
    wishes = [document(KEY, name, aliases=[f"alias/{name}"]) for name in "abc"]
    world.converge(*wishes, means=means(world, shared))
    assert shared.readings == 1
    assert "ListAliases" not in counted.calls()


A, B = ExistingKey("a"), ExistingKey("arn:aws:kms:us-east-1:111122223333:key/b")
NEW, THERE = Address(Kind.ALIAS, "alias/new"), Address(Kind.ALIAS, "alias/there")
MADE, LOST = Address(Kind.KEY, "made"), Address(Kind.KEY, "lost")
DONE, FAILED = Status.DONE, Status.FAILED


@pytest.mark.parametrize(
    ("address", "step", "status", "touched"),
    [
        (Address(Kind.KEY, "orders"), EnableKey(A), DONE, Touched(frozenset({"orders"}))),
        (Address(Kind.KEY, "orders"), EnableKey(A), FAILED, Touched(frozenset({"orders"}))),
        (Address(Kind.GRANT, "app"), RevokeGrant(A, "g"), DONE, Touched()),
        (NEW, CreateAlias("alias/new", B), DONE, Touched(aliases={"alias/new": "b"})),
        (NEW, CreateAlias("alias/new", B), FAILED, Touched(keys=frozenset({"b"}))),
        (NEW, CreateAlias("alias/new", PlannedKey(MADE, 1)), DONE, Touched(aliases={"alias/new": "k-made"})),
        (NEW, CreateAlias("alias/new", PlannedKey(LOST, 1)), Status.SKIPPED, Touched()),
        (THERE, UpdateAlias("alias/there", A), DONE, Touched(aliases={"alias/there": "a"})),
        (THERE, UpdateAlias("alias/there", A), FAILED, Touched(keys=frozenset({"a", "k-there"}))),
        (THERE, DeleteAlias("alias/there"), DONE, Touched(aliases={"alias/there": None})),
        (THERE, DeleteAlias("alias/there"), FAILED, Touched(keys=frozenset({"k-there"}))),
    ],
    ids=lambda value: None if isinstance(value, Touched) else str(value),  # sets have no order that two processes share
)
def test_what_kms_has_said_of_an_alias_is_known_and_of_a_call_that_failed_nothing(address, step, status, touched):
    outcome = Outcome((_result(address, step, status),), {MADE: KeyId("k-made")})
    assert touched_by(outcome, {RUN_TARGET: LISTS}) == {RUN_TARGET: touched}


def test_of_an_alias_with_two_steps_nobody_knows_which_was_last():
    two = (_result(THERE, UpdateAlias("alias/there", A), DONE), _result(THERE, DeleteAlias("alias/there"), DONE))
    assert touched_by(Outcome(two), {})[RUN_TARGET] == Touched(keys=frozenset({"a"}))


def test_nothing_is_touched_by_nothing():
    assert touched_by(Outcome(), {}) == {}


LISTS = Sweeps(Aliases({"alias/there": ObservedAlias(AliasName("alias/there"), KeyId("k-there"))}, {}), {})


def _result(address, step, status):
    return StepResult(Change(address, Action.UPDATE, Reason.DIFFERS, steps=(step,)), step, status)
