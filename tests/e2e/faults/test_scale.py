"""Many objects: all are ready, each has one key, and then nothing is written any more."""

from __future__ import annotations

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Body, Place, key, manifest
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.faults import truth
from tests.e2e.faults.conftest import SOAKING
from tests.e2e.faults.test_api_server_away import pass_time

COUNT = 1000 if SOAKING else 150
ROUNDS = 3
_AT_ONCE = 50
GRANTS_TAG = "kms.reconciler.dev/grants"


def population(count: int) -> list[Body]:
    """Of ten objects six are keys, two grants and two aliases."""
    made: list[Body] = []
    for number in range(count):
        name, on = f"o{number}", {"keyRef": {"name": f"o{number // 10 * 10}"}}
        if number % 10 < 6:
            made.append(key(name, aliases=[f"many/{name}"], tags={"number": str(number)}))
        elif number % 10 < 8:
            made.append(manifest("Grant", name, **on, granteePrincipal="role/export", operations=["Decrypt"]))
        else:
            made.append(manifest("Alias", name, name=f"more/{name}", **on))
    return made


def test_all_are_ready_with_a_key_each_and_nothing_is_written_afterwards(cluster, place, operator):
    everything = population(COUNT)
    for part in range(0, COUNT, _AT_ONCE):
        place.apply(*everything[part : part + _AT_ONCE])
    truth.all_ready(place, COUNT, within=60 + COUNT)
    names = {body["metadata"]["name"] for body in everything if body["kind"] == "Key"}
    truth.one_key_each(place, names)
    writes = place.account.writes()
    assert writes.count("CreateKey") == len(names)
    assert writes.count("CreateAlias") == len(names) + COUNT // 5
    assert writes.count("CreateGrant") == COUNT // 5
    counted(place)
    settled(operator)
    asked_before, called_before = asked(operator), place.account.writes()
    look_at_all(operator, ROUNDS)
    pass_time(1)
    assert asked(operator) == asked_before
    assert place.account.writes() == called_before
    assert "Connection pool is full" not in operator.child.text()


def counted(place: Place) -> None:
    """Return once each key that has grants says how many: that is written when it is looked at again."""
    found = truth.keys(place)
    granted = [found[f"o{number}"][0].key_id for number in range(0, COUNT, 10)]

    def probe() -> bool:
        return all(place.account.tags(key_id).get(GRANTS_TAG) for key_id in granted)

    eventually(probe, within=60 + COUNT / 4, what="what grants leave on their keys is written")


def look_at_all(operator: OperatorProcess, rounds: int) -> None:
    """Return once the operator has looked at every object so often."""
    enough = operator.metric("kmsctl_reconcile_total") + rounds * COUNT
    eventually(
        lambda: operator.metric("kmsctl_reconcile_total") >= enough,
        within=60 + rounds * COUNT / 4,
        what=f"everything is looked at {rounds} times",
    )


def asked(operator: OperatorProcess) -> list[str]:
    """What the operator asked the API server to change; events and all."""
    return [
        f"{each.verb} {each.resource} {each.name}" for each in operator.cluster.requests(operator.user) if each.writes
    ]


def settled(operator: OperatorProcess) -> None:
    """Return once the operator has nothing more to write; events wait a little."""

    def probe() -> bool:
        count = len(asked(operator))
        pass_time(3)
        return len(asked(operator)) == count

    eventually(probe, within=90, what="nothing more is written")
