"""People do what nobody thought of, in any order: nothing hangs, nothing is lost, and nobody is left without a word."""

from __future__ import annotations

import pytest

from reconciler.controller.cluster.refs import API_VERSION, path_of
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Place, key, manifest

MANY = 80


@pytest.fixture(autouse=True)
def unharmed(operator):
    """The operator survives every test, and logs no fault of its own."""
    pid, mark = operator.child.pid, operator.child.size()
    yield
    operator.child.check()
    assert operator.child.pid == pid
    said = operator.child.text(mark)
    assert "Traceback" not in said, said[-4000:]
    assert "could not be reconciled" not in said


def left(place: Place, plural: str) -> int:
    return len(place.cluster.api.call("GET", path_of(API_VERSION, plural, place.namespace)).body["items"])


def test_many_that_are_deleted_while_they_are_made_all_go_and_each_leaves_one_key_at_most(place):
    for number in range(MANY):
        name = f"k{number}"
        where = {"keyRef": {"name": name}}
        place.apply(
            key(name, aliases=[name]),
            manifest("Grant", name, **where, granteePrincipal="role/export", operations=["Decrypt"]),
        )
    for kind in ("Key", "Grant"):
        for number in range(MANY):
            place.delete(kind, f"k{number}")
    eventually(lambda: left(place, "keys") == left(place, "grants") == 0, within=180, what="all objects are gone")
    keys = place.account.key_ids()
    names = [place.account.tags(key_id)["kms.reconciler.dev/name"] for key_id in keys]
    assert len(names) == len(set(names))
    assert {place.account.describe(key_id)["KeyState"] for key_id in keys} <= {"Enabled"}
    assert [key_id for key_id in keys if place.account.grants(key_id)] == []
    place.delete("Target", place.target)
    place.gone("Target", place.target)


def test_a_rename_takes_the_alias_along_once_that_is_allowed(place):
    place.apply(key("old", aliases=["main"]))
    before = place.key_id("old")
    place.account.kms.encrypt(KeyId=before, Plaintext=b"in use")
    place.delete("Key", "old")
    place.gone("Key", "old")
    place.apply(key("new", aliases=["main"]))
    body = place.wait("Key", "new", reason="Refused")
    assert "alias-leaves-key-in-use" in body["status"]["conditions"][0]["message"]
    assert place.account.aliases() == {"alias/main": before}
    place.annotate("Key", "new", allow="alias-leaves-key-in-use")
    after = place.ready("Key", "new")["status"]["keyId"]
    assert after != before
    assert place.account.aliases() == {"alias/main": after}
    assert place.account.describe(before)["KeyState"] == "Enabled"


def test_an_object_that_is_deleted_and_made_again_at_once_again_and_again_has_one_key(place):
    place.apply(key(aliases=["main"]))
    key_id = place.key_id()
    for number in range(10):
        place.delete("Key", "orders")
        eventually(lambda number=number: _applied(place, number), within=20, what="it is applied again")
    place.ready("Key", "orders")
    assert place.account.key_ids() == [key_id]
    assert place.account.describe(key_id)["Description"] == "number 9"


def _applied(place: Place, number: int) -> bool:
    """Whether there is an object that nobody deletes; one on its way out takes no new spec for long."""
    place.apply(key(aliases=["main"], description=f"number {number}"))
    return "deletionTimestamp" not in place.get("Key", "orders")["metadata"]


def test_a_target_that_is_deleted_first_goes_last_and_serves_the_same_key_when_it_is_made_again(place):
    place.apply(key())
    key_id = place.key_id()
    place.delete("Target", place.target)
    place.wait("Target", place.target, reason="InUse")
    place.delete("Key", "orders")
    place.gone("Target", place.target)
    place.add_target()
    place.apply(key())
    assert place.key_id() == key_id
