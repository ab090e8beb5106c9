"""Names that only one object can have."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.controller.objects.claims import Claims
from reconciler.controller.objects.seen import seen_of
from reconciler.model.identifiers import TargetName
from tests.controller.support.objects import body, ref


def _key(name, *aliases, minute=0, **more):
    target = {"targetRef": {"name": more.pop("target")}} if "target" in more else {}
    spec = {**({"aliases": list(aliases)} if aliases else {}), **target}
    return seen_of(body("Key", name, spec=spec, creationTimestamp=f"2026-01-01T00:{minute:02}:00Z", **more))


def anybody(_):
    return True


@pytest.fixture
def claims():
    return Claims(TargetName("default"))


def test_the_oldest_object_has_the_name_whichever_was_noticed_first(claims):
    claims.put(_key("late", "alias/main", minute=9))
    assert claims.put(_key("early", "alias/main", minute=1)) == {ref("Key", "late")}
    assert claims.rival(ref("Key", "early"), anybody) is None
    claim, other = claims.rival(ref("Key", "late"), anybody)
    assert claim == "alias/main on target default"
    assert other == ref("Key", "early")


def test_who_does_not_count_has_no_name_however_old_it_is(claims):
    claims.put(_key("orders", "alias/main", minute=1, namespace="stranger"))
    claims.put(_key("orders", "alias/main", minute=2))
    claims.put(_key("late", "alias/main", minute=3))
    stranger, own = ref("Key", "orders", namespace="stranger"), ref("Key", "orders")
    assert claims.rival(own, anybody)[1] == stranger
    assert claims.rival(own, lambda other: other != stranger) is None
    assert claims.rival(ref("Key", "late"), lambda other: other != stranger)[1] == own


def test_of_two_objects_of_one_second_the_first_by_name_has_it(claims):
    claims.put(_key("b", "alias/main"))
    claims.put(_key("a", "alias/main"))
    assert claims.rival(ref("Key", "a"), anybody) is None
    assert claims.rival(ref("Key", "b"), anybody)[1] == ref("Key", "a")


def test_an_alias_is_one_name_in_all_namespaces_and_with_or_without_its_prefix(claims):
    claims.put(_key("orders", "alias/main"))
    alias = seen_of(body("Alias", "x", namespace="other", spec={"name": "main", "keyRef": {"name": "orders"}}))
    assert claims.put(alias) == {ref("Key", "orders")}


def test_a_key_store_is_one_name_in_all_namespaces_of_a_target(claims):
    hsm = {
        "clusterId": "cluster-2a23b4cdefg",
        "trustAnchorCertificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "password": {"from": {"secretRef": {"name": "hsm", "key": "password"}}},
    }
    spec = {"cloudHsm": hsm}
    claims.put(seen_of(body("CustomKeyStore", "vault", spec=spec)))
    assert claims.put(seen_of(body("CustomKeyStore", "other", namespace="other", spec=spec))) == frozenset()
    same = seen_of(body("CustomKeyStore", "vault", namespace="other", spec=spec))
    assert claims.put(same) == {ref("CustomKeyStore", "vault")}
    west = seen_of(body("CustomKeyStore", "vault", namespace="west", spec={**spec, "targetRef": {"name": "west"}}))
    assert claims.put(west) == frozenset()


def test_an_alias_is_another_name_on_another_target(claims):
    claims.put(_key("orders", "alias/main"))
    assert claims.put(_key("west", "alias/main", target="west")) == frozenset()
    assert claims.put(_key("east", "alias/main", target="default")) == {ref("Key", "orders")}


def test_a_key_and_a_replica_of_one_namespace_cannot_share_a_name(claims):
    claims.put(_key("orders"))
    replica = seen_of(body("ReplicaKey", "orders", spec={"primaryRef": {"name": "p"}, "targetRef": {"name": "west"}},
                           creationTimestamp="2026-02-01T00:00:00Z"))  # fmt: skip
    assert replica.sound
    assert claims.put(replica) == {ref("Key", "orders")}
    assert "the key name orders in namespace payments" in claims.rival(replica.ref, anybody)[0]
    other = seen_of(body("Key", "orders", namespace="other"))
    assert claims.put(other) == frozenset()


@pytest.mark.parametrize(
    "changed",
    [
        {"generation": 2, "name": "other"},
        {"deletionTimestamp": "2026-03-01T00:00:00Z"},
        {"generation": 2, "spec": {"keySpec": "ROT13"}},
    ],
    ids=["declares it no longer", "on its way out", "has errors now"],
)
def test_what_an_object_gives_up_wakes_who_wants_it(claims, changed):
    claims.put(_key("first", "alias/main", minute=1))
    claims.put(_key("second", "alias/main", minute=2))
    changed.pop("name", None)
    spec = changed.pop("spec", {"aliases": ["alias/main"]} if "deletionTimestamp" in changed else {})
    assert claims.put(seen_of(body("Key", "first", spec=spec, **changed))) == {ref("Key", "second")}
    assert claims.rival(ref("Key", "second"), anybody) is None
    assert claims.rival(ref("Key", "first"), anybody) is None


def test_what_claims_the_same_as_before_wakes_nobody(claims):
    claims.put(_key("first", "alias/main", minute=1))
    claims.put(_key("second", "alias/main", minute=2))
    assert claims.put(_key("second", "alias/main", minute=2)) == frozenset()


def test_what_is_not_known_claims_nothing(claims):
    assert claims.rival(ref("Key", "unknown"), anybody) is None
    assert claims.remove(ref("Key", "unknown")) == frozenset()


def test_an_object_that_is_made_anew_is_as_old_as_its_new_self(claims):
    claims.put(_key("first", "alias/main", minute=1))
    claims.put(_key("second", "alias/main", minute=2))
    claims.put(_key("first", "alias/main", minute=5, uid="new"))
    assert claims.rival(ref("Key", "second"), anybody) is None
    assert claims.rival(ref("Key", "first"), anybody)[1] == ref("Key", "second")


NAMES = st.sampled_from("abcde")
ALIASES = st.lists(st.sampled_from(["alias/x", "alias/y", "alias/z"]), unique=True)
ACTS = st.lists(st.tuples(NAMES, ALIASES, st.integers(0, 3), st.booleans()), max_size=20)


@settings(max_examples=100, deadline=None)
@given(ACTS)
def test_each_name_has_exactly_one_owner_and_it_is_the_oldest(acts):
    claims = Claims(TargetName("default"))
    there = {}
    for name, aliases, minute, gone in acts:
        if gone:
            claims.remove(ref("Key", name))
            there.pop(name, None)
        elif name not in there or there[name][1] == minute:
            claims.put(_key(name, *aliases, minute=minute))
            there[name] = (aliases, minute)
    for alias in ("alias/x", "alias/y", "alias/z"):
        wanting = sorted((minute, name) for name, (aliases, minute) in there.items() if alias in aliases)
        losers = {name for _, name in wanting[1:]}
        for name in losers:
            assert claims.rival(ref("Key", name), anybody) is not None
    for name, (aliases, minute) in there.items():
        first = all(
            (minute, name) <= (its, other) for other, (wants, its) in there.items() if set(wants) & set(aliases)
        )
        assert (claims.rival(ref("Key", name), anybody) is None) is first
