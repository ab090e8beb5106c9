"""Targets are opened, policies checked."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from functools import partial

import pytest

from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import Invalid, Stuck, Valid
from reconciler.controller.objects.cache import Cache
from reconciler.controller.work.awaited import AwaitedSecrets
from reconciler.controller.work.connections import Connections
from reconciler.controller.work.secrets import credentials_in
from reconciler.controller.work.standalone import Standalone
from reconciler.model.identifiers import TargetName
from reconciler.workflow.environment import Environment
from tests.controller.support.cluster import Cluster
from tests.controller.support.objects import DEFAULT_TARGET, body, ref
from tests.controller.support.world import AtOnce

NAME = TargetName("default")
TARGET = ref("Target", "default")
READY = {"conditions": [{"type": "Ready", "status": "True"}]}
SECRET = "/api/v1/namespaces/kmsctl/secrets/keys"


class Place:
    """A cache, connections, and who is woken."""

    def __init__(self, home, clock):
        self.cluster = Cluster(clock.now)
        self.cache = Cache(NAME)
        self.woken = []
        environment = Environment(home, {}, clock)
        self.connections = Connections(environment, parallelism=1, around=lambda kms: kms, swept=lambda *_: None)
        credentials = partial(credentials_in, self.cluster, "kmsctl")
        self.awaited = AwaitedSecrets(self.cluster, self.woken.append)
        self.standalone = Standalone(
            credentials, self.awaited, self.cache, self.connections, AtOnce(), self.woken.append
        )
        self._version = 0

    def look(self, kind="Target", name="default", spec=None, **more):
        """What is made of an object."""
        self._version += 1
        new = body(kind, name, spec=spec, generation=self._version, resourceVersion=str(self._version), **more)
        seen, *_ = self.cache.put(new)
        return asyncio.run(self.standalone.look_at(seen))


@pytest.fixture
def place(tmp_path, clock):
    made = Place(tmp_path / "kms", clock)
    yield made
    made.connections.close()


def test_a_target_that_opens_is_valid_and_shows_who_is_there(place):
    state, shown = place.look(spec=DEFAULT_TARGET)
    assert state == Valid()
    assert shown["accountId"] == "111122223333"
    assert shown["region"] == "us-east-1"
    assert shown["partition"] == "aws"
    assert shown["callerArn"].startswith("arn:aws:")
    assert shown["keys"] == 0
    assert place.connections.get(NAME) is not None


def test_who_uses_a_target_is_woken_when_it_opens_and_not_each_time(place):
    place.look(spec=DEFAULT_TARGET)
    assert place.woken == [TARGET]
    place.look(spec=DEFAULT_TARGET, status=READY)
    assert place.woken == [TARGET]
    place.look(spec={**DEFAULT_TARGET, "region": "eu-west-1"}, status=READY)
    assert place.woken == [TARGET, TARGET]


def test_who_uses_a_target_is_woken_when_it_is_there_again_though_it_was_open_all_along(place):
    place.look(spec=DEFAULT_TARGET)
    place.look(spec=DEFAULT_TARGET, uid="another")
    assert place.woken == [TARGET, TARGET]


def test_a_target_counts_the_keys_that_are_on_it(place):
    place.cache.put(body("Key", "a", status={"keyId": "k"}))
    place.cache.put(body("Key", "not-yet"))
    place.cache.put(body("Alias", "m", spec={"name": "alias/m", "keyRef": {"name": "a"}}, status={"keyId": "k"}))
    place.cache.put(body("Key", "west", spec={"targetRef": {"name": "west"}}, status={"keyId": "k"}))
    assert place.look(spec=DEFAULT_TARGET)[1]["keys"] == 1


WRONG = {**DEFAULT_TARGET, "backend": "aws", "region": "us-east-1", "credentials": {"secretRef": {"name": "keys"}}}


def test_a_target_whose_secret_is_not_there_is_not_open_and_its_objects_hear_of_it_once(place):
    state, shown = place.look(spec=WRONG, status={"accountId": "1", "of": "somebody"})
    assert isinstance(state, Stuck)
    assert state.failure.reason is Reason.FAILED
    assert "kmsctl/keys" in state.failure.message
    assert shown == {"accountId": "1"}, "what was known stays"
    assert place.connections.get(NAME) is None
    assert not place.connections.untried(NAME)
    assert place.woken == [TARGET]
    place.look(spec=WRONG)
    assert place.woken == [TARGET]


def test_a_target_that_cannot_be_opened_as_it_says_now_is_used_no_more_as_it_was(place):
    place.look(spec=DEFAULT_TARGET)
    place.look(spec=WRONG)
    assert place.connections.get(NAME) is None


def test_a_target_that_is_open_stays_so_while_its_secret_cannot_be_read(place, monkeypatch):
    place.look(spec=DEFAULT_TARGET)
    opened = place.connections.get(NAME)
    seen = place.cache.get(TARGET)
    reference = replace(opened.target, credentials=None)
    assert reference == opened.target
    monkeypatch.setattr(place.connections, "open", _refuse)
    state, _ = asyncio.run(place.standalone.look_at(seen))
    assert isinstance(state, Stuck)
    assert place.connections.get(NAME) is opened


def _refuse(*_):
    from reconciler.kit.errors import KmsctlError

    raise KmsctlError("not now")


def test_the_credentials_of_a_target_are_read_from_the_operators_namespace(place):
    place.cluster.secrets[SECRET] = {
        name: base64.b64encode(value.encode()).decode()
        for name, value in {"aws_access_key_id": "AKIA", "aws_secret_access_key": "hush"}.items()
    }
    given = []
    place.connections.open = lambda target, credentials, _: given.append(credentials) or _refuse()
    place.look(spec=WRONG)
    assert given[0].access_key_id == "AKIA"


def test_the_version_of_a_targets_secret_is_awaited_whether_or_not_it_could_be_opened_with_it(place):
    noted = []
    place.standalone._awaited.note = lambda ref, versions: noted.append((ref, versions))
    place.look(spec=WRONG)
    place.cluster.secrets[SECRET] = {}
    place.look(spec=WRONG)
    place.look(spec=DEFAULT_TARGET)
    assert [ref for ref, _ in noted] == [TARGET] * 3
    missing, there, none = (versions for _, versions in noted)
    assert missing == {("kmsctl", "keys"): None}
    assert set(there) == set(missing)
    assert there != missing
    assert none == {}


def test_a_target_with_errors_is_used_no_more(place):
    place.look(spec=DEFAULT_TARGET)
    state, shown = place.look(spec={"backend": "elsewhere"})
    assert isinstance(state, Invalid)
    assert shown == {}
    assert place.connections.get(NAME) is None


def test_a_policy_is_valid_or_not_and_counts_who_uses_it(place):
    policy = {"administrators": ["arn:aws:iam::111122223333:role/admin"]}
    place.cache.put(body("Key", "a", spec={"policyRef": {"name": "p"}}))
    assert place.look("KeyPolicy", "p", policy) == (Valid(), {"users": 1})
    state, shown = place.look("KeyPolicy", "p", {"administrators": 7})
    assert isinstance(state, Invalid)
    assert shown == {}
