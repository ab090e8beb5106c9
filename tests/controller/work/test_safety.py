"""Lint looks at an object when something has changed that its answer depends on, and at no other time."""

from __future__ import annotations

import json

import pytest

from reconciler.controller.health.safety import POLICY_SAFE
from reconciler.controller.objects.cache import Cache
from reconciler.controller.work import safety as module
from reconciler.controller.work.connections import Connections
from reconciler.controller.work.safety import Safety
from reconciler.model.identifiers import TargetName
from reconciler.workflow.environment import Environment
from tests.controller.support.objects import DEFAULT_TARGET, annotated, body, ref, says

ROOT = {"Effect": "Allow", "Principal": {"AWS": "${aws:accountId}"}, "Action": "kms:*", "Resource": "*"}
EVERYBODY = {"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
GOOD = {"document": {"Version": "2012-10-17", "Statement": [ROOT]}}
OPEN = {"document": {"Version": "2012-10-17", "Statement": [ROOT, EVERYBODY]}}
KEY, POLICY = ref("Key", "orders"), ref("KeyPolicy", "house")
SOON = 30


class Place:
    """Objects, and what is asked about them."""

    def __init__(self, home, clock):
        self.cache = Cache(TargetName("default"))
        self.connections = Connections(
            Environment(home, {}, clock), parallelism=1, around=lambda kms: kms, swept=lambda *_: None
        )
        self.safety = Safety(self.cache, self.connections)
        self._version = 0

    def put(self, kind, name, /, spec=None, **more):
        self._version += 1
        more.setdefault("generation", self._version)
        return self.cache.put(body(kind, name, spec=spec, resourceVersion=str(self._version), **more))[0]

    def look(self, *refs):
        """How many had to be looked at, and the ids of the errors of the first."""
        members = [self.cache.get(which) for which in refs]
        questions = self.safety.questions(members)
        self.safety.answer(questions)
        errors = self.safety.errors(members[0])
        return len(questions), None if errors is None else [error.check.id for error in errors]


@pytest.fixture
def place(tmp_path, clock):
    made = Place(tmp_path / "kms", clock)
    yield made
    made.connections.close()


def test_an_object_is_looked_at_once(place):
    place.put("Key", "orders", {"policy": OPEN})
    assert place.look(KEY) == (1, ["KC201"])
    assert place.look(KEY) == (0, ["KC201"])


def test_before_it_was_looked_at_nothing_is_known(place):
    assert place.safety.errors(place.put("Key", "orders", {"policy": OPEN})) is None


def test_a_change_is_looked_at(place):
    place.put("Key", "orders", {"policy": OPEN})
    place.look(KEY)
    place.put("Key", "orders", {"policy": GOOD})
    assert place.look(KEY) == (1, [])


def test_the_key_that_shares_a_policy_is_looked_at_when_that_changes(place):
    place.put("Key", "orders", {"policyRef": {"name": "house"}})
    assert place.look(KEY) == (0, None)
    place.put("KeyPolicy", "house", OPEN)
    assert place.look(KEY, POLICY) == (2, ["KC201"])
    place.put("KeyPolicy", "house", GOOD)
    assert place.look(KEY, POLICY) == (2, [])


def test_what_is_not_sound_is_not_looked_at(place):
    place.put("Key", "orders", {"policyRef": {"name": "house"}})
    place.put("KeyPolicy", "house", {"users": ["nonsense"]})
    assert place.look(KEY, POLICY)[1] is None
    assert place.look(POLICY, KEY) == (0, None)


def test_the_account_of_an_opened_target_counts(place):
    place.put("Target", "default", DEFAULT_TARGET)
    theirs = "arn:aws:iam::999988887777:role/app"
    place.put("Key", "orders", {"policy": {"users": [theirs]}})
    assert place.look(KEY)[0] == 1
    _, target = place.cache.target(TargetName("default"))
    place.connections.open(target, None)
    assert place.look(KEY)[0] == 1


def test_an_annotation_sets_a_finding_aside(place):
    place.put("Key", "orders", {"policy": OPEN}, generation=1)
    assert place.look(KEY) == (1, ["KC201"])
    reason = annotated(lint_ignore="KC201: published figures")
    place.put("Key", "orders", {"policy": OPEN}, generation=1, annotations=reason)
    assert place.look(KEY) == (1, [])


def test_an_annotation_of_the_policy_holds_for_the_keys_that_share_it(place):
    place.put("Key", "orders", {"policyRef": {"name": "house"}})
    place.put("KeyPolicy", "house", OPEN, annotations=annotated(lint_ignore="KC201: published figures"))
    assert place.look(KEY, POLICY) == (2, [])


def test_a_replica_is_what_its_primary_is(place):
    place.put("Key", "orders", {"multiRegion": True, "keySpec": "HMAC_256", "keyUsage": "GENERATE_VERIFY_MAC"})
    spec = {"primaryRef": {"name": "orders"}, "targetRef": {"name": "west"}, "policy": OPEN}
    place.put("Target", "west", {**DEFAULT_TARGET, "region": "us-west-2"})
    place.put("ReplicaKey", "copy", spec)
    assert place.look(ref("ReplicaKey", "copy")) == (1, ["KC201"])


def test_objects_without_a_policy_are_not_looked_at(place):
    place.put("Alias", "main", {"name": "alias/main", "keyRef": {"name": "orders"}})
    assert place.look(ref("Alias", "main")) == (0, None)


def test_what_is_gone_is_forgotten(place):
    place.put("Key", "orders", {"policy": OPEN})
    place.look(KEY)
    place.safety.forget(KEY)
    assert place.look(KEY)[0] == 1


def test_a_fault_of_lint_is_logged_and_holds_nothing_up(place, monkeypatch, caplog):
    def broken(_):
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(module, "errors_in", broken)
    place.put("Key", "orders", {"policy": OPEN})
    assert place.look(KEY) == (1, None)
    assert "could not be looked at" in caplog.text


def safe(world, which):
    return says(world.status(which)["conditions"], POLICY_SAFE)


def test_a_careless_key_is_ready_and_says_that_it_is_not_safe(told):
    async def story(world):
        await world.start()
        allowed = annotated(allow="public-policy")
        key = world.cluster.apply("Key", "orders", {"policy": OPEN}, annotations=allowed)
        shared = world.cluster.apply("KeyPolicy", "house", OPEN)
        good = world.cluster.apply("Key", "cards", {"policy": GOOD})
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        assert (safe(world, key), safe(world, shared)) == (("False", "LintErrors"), ("False", "LintErrors"))
        assert safe(world, good) == ("True", "NoLintErrors")
        assert says(world.status(ref("Target", "default"))["conditions"], POLICY_SAFE) is None
        world.cluster.apply("Key", "orders", {"policy": GOOD})
        await world.calm(SOON)
        assert safe(world, key) == ("True", "NoLintErrors")

    told(story)


def test_steady_objects_are_not_written_for_it(told):
    async def story(world):
        await world.start()
        for name, policy in (("orders", OPEN), ("cards", GOOD)):
            world.cluster.apply("Key", name, {"policy": policy})
        await world.calm(700)
        world.cluster.writes.clear()
        await world.calm()
        assert world.cluster.writes == []

    told(story)


def test_a_paused_object_keeps_what_was_found(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"policy": OPEN})
        await world.calm(SOON)
        world.cluster.apply("Key", "orders", {"policy": OPEN}, annotations=annotated(paused="true"))
        await world.calm(SOON)
        assert safe(world, key) == ("False", "LintErrors")

    told(story)


def test_an_object_with_errors_is_not_examined(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"policy": {"users": ["nonsense"]}})
        await world.calm(SOON)
        assert safe(world, key) == ("Unknown", "NotExamined")

    told(story)


def test_the_policy_as_text_is_looked_at_too(place):
    place.put("Key", "orders", {"policy": {"document": json.dumps(OPEN["document"])}})
    assert place.look(KEY) == (1, ["KC201"])
