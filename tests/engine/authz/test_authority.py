"""What authorisation remembers, and what it costs."""

from __future__ import annotations

import pytest

from reconciler.engine.authz.authority import Memory
from reconciler.engine.identities import FixedIdentities
from reconciler.policy.evaluate import prepare
from tests.engine.authz.world import lets, outcome, policy_text
from tests.support.people import ALL_OF_KMS, MAIN, allow, people, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"


class Changing:
    """A source whose identities are changed at will."""

    def __init__(self, source: FixedIdentities):
        self.source = source

    def current(self):
        return self.source.current()


@pytest.fixture
def world(make_world):
    made = make_world()
    made.engine._authority._source = made.source = Changing(people(user(BOB, ALL_OF_KMS)))
    return made


def test_a_decision_is_prepared_once_for_many_calls(world, monkeypatch):
    key = world.key()
    bob = world.client(BOB)
    bob("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    monkeypatch.setattr("reconciler.engine.authz.authority.prepare", None)
    bob("Encrypt", {"KeyId": key, "Plaintext": b"x"})


def test_keys_with_the_same_policy_share_what_is_prepared(world, monkeypatch):
    first, second = world.key(), world.key()
    bob = world.client(BOB)
    bob("DescribeKey", {"KeyId": first})
    monkeypatch.setattr("reconciler.engine.authz.authority.prepare", None)
    bob("DescribeKey", {"KeyId": second})


def test_keys_do_not_share_what_a_statement_asks_the_resource_for(world):
    first, second = world.key(), world.key()
    world.source.source = people(user(BOB, allow("kms:DescribeKey", resource=first)))
    bob = world.client(BOB)
    for _ in range(2):
        assert outcome(bob, "DescribeKey", KeyId=first) == "ok"
        assert outcome(bob, "DescribeKey", KeyId=second) == "AccessDeniedException"


def test_a_decision_for_identities_that_change_meanwhile_is_not_kept(world, monkeypatch):
    key = world.key()
    bob = world.client(BOB)

    def change_meanwhile(*given, **named):
        world.source.source = people(user(BOB))
        world.engine._authority.identities()
        return prepare(*given, **named)

    monkeypatch.setattr("reconciler.engine.authz.authority.prepare", change_meanwhile)
    bob("DescribeKey", {"KeyId": key})
    monkeypatch.undo()
    assert outcome(bob, "DescribeKey", KeyId=key) == "AccessDeniedException"


def test_other_identities_decide_from_the_next_call_on(world):
    key = world.key()
    bob = world.client(BOB)
    assert outcome(bob, "DescribeKey", KeyId=key) == "ok"
    world.source.source = people(user(BOB))
    assert outcome(bob, "DescribeKey", KeyId=key) == "AccessDeniedException"
    world.source.source = people(user(BOB, ALL_OF_KMS))
    assert outcome(bob, "DescribeKey", KeyId=key) == "ok"


def test_another_key_policy_decides_from_the_next_call_on(world):
    key = world.key()
    bob, root = world.client(BOB), world.client()
    assert outcome(bob, "DescribeKey", KeyId=key) == "ok"
    root("PutKeyPolicy", {"KeyId": key, "Policy": policy_text(lets(MAIN, "kms:PutKeyPolicy"))})
    assert outcome(bob, "DescribeKey", KeyId=key) == "AccessDeniedException"


def test_a_memory_forgets_what_was_not_asked_for_long_and_stays_small():
    memory = Memory(10)
    for question in range(100):
        memory.put(question, str(question))
        assert memory.get(0) == "0"
    assert len(memory) <= 10
    assert memory.get(0) == "0"
    assert memory.get(50) is None
