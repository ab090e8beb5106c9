"""The operator is killed at any moment, and nothing is lost, doubled or deleted for that."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Body, Place, key, manifest
from tests.e2e.faults import truth
from tests.e2e.faults.conftest import SOAKING
from tests.e2e.faults.tap import Moment, Tap

KILLS = 60 if SOAKING else 12
_SCHEDULE = {"policy": "Schedule", "windowDays": 7}
FIRST = (key("kept"), key("ended", deletion=_SCHEDULE), key("back", deletion=_SCHEDULE))
"""Those whose objects will go."""
KEYS = [f"k{number}" for number in range(8)]
OTHER = "us-east-1"
REPLICATED = ("m0", "m1")


def population() -> list[Body]:
    """Objects of every kind that refer to each other, the Keys last."""
    grantee = {"granteePrincipal": "role/nightly-report", "operations": ["Decrypt"]}
    return [
        *(manifest("Alias", f"a{name}", name=f"orders/{name}", keyRef={"name": name}) for name in KEYS[:5]),
        *(manifest("Grant", f"g{name}", keyRef={"name": name}, **grantee) for name in KEYS[:5]),
        *(manifest("ReplicaKey", f"r{name}", primaryRef={"name": name}) for name in REPLICATED),
        *(key(name, aliases=[name], policyRef={"name": "team"}, rotation={"automatic": {}}) for name in KEYS),
        *(key(name, multiRegion=True, tags={"team": "shop"}) for name in REPLICATED),
        manifest("KeyPolicy", "team", users=["role/orders-api"]),
    ]


def story(place: Place, chance: Random) -> Iterator[Callable[[], None]]:
    """What people do meanwhile, one thing after another; what refers to what comes in any order."""
    objects = population()
    chance.shuffle(objects)
    for part in range(0, len(objects), 9):
        yield partial(place.apply, *(on_its_target(place, body) for body in objects[part : part + 9]))
    yield partial(place.patch, "Key", "k0", description="changed", enabled=True)
    yield partial(place.delete, "Key", "ended")
    yield partial(place.patch, "KeyPolicy", "team", users=["role/platform"])
    yield partial(place.delete, "Key", "kept")
    yield partial(place.patch, "Grant", "gk0", operations=["Encrypt", "Decrypt"])
    yield partial(place.delete, "Grant", "gk4")
    yield partial(place.patch, "Key", "k1", aliases=["k1", "renamed/k1"])
    yield partial(place.delete, "Key", "back")
    while True:
        yield lambda: None


def on_its_target(place: Place, body: Body) -> Body:
    if body["kind"] != "ReplicaKey":
        return body
    return {**body, "spec": {**body["spec"], "targetRef": {"name": f"{place.namespace}-us"}}}


def test_killed_at_any_moment_it_goes_on_where_it_was(place, operators, tap: Tap, seed):
    chance = Random(seed)
    operator = operators()
    place.add_target(endpointUrl=tap.url)
    place.add_target("us", region=OTHER, endpointUrl=tap.url)
    place.apply(*FIRST)
    operator.start()
    truth.all_ready(place, len(FIRST))
    operator.kill()
    moments = []
    telling = story(place, chance)
    for _ in range(KILLS):
        next(telling)()
        writes = chance.random() < 0.7
        moment, number = chance.choice(list(Moment)), chance.randint(1, 4 if writes else 40)
        moments.append(f"{moment.value}, {number}{' write' if writes else ''}")
        operator.start(wait=False)
        tap.strike(moment, number, partial(operator.child.signal, signal.SIGKILL), writes=writes)
        eventually(lambda: not operator.child.runs, within=90, what=f"it is killed {moments[-1]}")
    print("killed", "; ".join(moments))
    operator.start()
    place.gone("Key", "back", within=60)
    place.apply(FIRST[2])
    as_declared(place)


def as_declared(place: Place) -> None:
    """All that the story ends with, and no trace of how often it was broken off."""
    for kind, name in (("Key", "ended"), ("Key", "kept"), ("Grant", "gk4")):
        place.gone(kind, name, within=60)
    truth.all_ready(place, len(population()))
    place.ready("Target", place.target)
    names = {*KEYS, *REPLICATED, "kept", "ended", "back"}
    truth.one_key_each(place, names, ending=frozenset({"ended"}))
    truth.one_key_each(place, {f"r{name}" for name in REPLICATED}, region=OTHER)
    assert place.account.aliases().keys() == {
        *(f"alias/{name}" for name in KEYS),
        *(f"alias/orders/{name}" for name in KEYS[:5]),
        "alias/renamed/k1",
    }
    found = {name: its[0].key_id for name, its in truth.keys(place).items()}
    operations = {name: [sorted(one["Operations"]) for one in place.account.grants(found[name])] for name in KEYS[:5]}
    both = ["Decrypt", "Encrypt"]
    assert operations == {"k0": [both], **{name: [["Decrypt"]] for name in KEYS[1:4]}, "k4": []}
    assert place.account.describe(found["k0"])["Description"] == "changed"
    for name in KEYS:
        assert "role/platform" in place.account.kms.get_key_policy(KeyId=found[name])["Policy"]
        assert place.account.kms.get_key_rotation_status(KeyId=found[name])["KeyRotationEnabled"]
