"""What is known of the cluster."""

from __future__ import annotations

import pytest

from reconciler.controller.objects.cache import Cache, Gone, Noted
from reconciler.controller.objects.seen import FINALIZER
from reconciler.manifest.documents import KEY_KINDS, ManifestKind
from reconciler.model.identifiers import TargetName
from tests.controller.support.objects import DEFAULT_TARGET, body, grant_spec, ref

TARGET = ref("Target", "default")


@pytest.fixture
def cache():
    return Cache(TargetName("default"))


def _anew(name, version, uid):
    return body("Key", name, resourceVersion=version, uid=uid)


def test_an_object_is_there_until_it_is_removed(cache):
    seen, before, contenders, _ = cache.put(body("Key", "orders"))
    assert (before, contenders) == (None, frozenset())
    assert cache.get(seen.ref) is seen
    assert list(cache.all()) == [seen]
    assert len(cache) == 1
    cache.remove(body("Key", "orders"))
    assert cache.get(seen.ref) is None
    assert len(cache) == 0


def test_what_is_older_than_what_is_known_is_left_out(cache):
    now, *_ = cache.put(body("Key", "orders", resourceVersion="10"))
    assert cache.put(body("Key", "orders", resourceVersion="9", generation=7)) == Noted(now, now)
    assert cache.get(now.ref) is now


@pytest.mark.parametrize(("before", "after"), [("9", "10"), ("10", "10"), ("x", "1"), ("2", "a")])
def test_what_is_newer_or_cannot_be_compared_counts(cache, before, after):
    cache.put(body("Key", "orders", resourceVersion=before))
    seen, *_ = cache.put(body("Key", "orders", resourceVersion=after, generation=2))
    assert cache.get(seen.ref).generation == 2


def test_an_object_that_was_made_anew_takes_the_place_of_its_forerunner(cache):
    cache.put(_anew("orders", "5", "first"))
    seen, before, *_ = cache.put(_anew("orders", "9", "second"))
    assert before.uid == "first"
    assert cache.get(seen.ref).uid == "second"


def test_an_object_never_gives_way_to_its_forerunner(cache):
    second, *_ = cache.put(_anew("orders", "9", "second"))
    cache.put(_anew("orders", "5", "first"))
    assert cache.get(second.ref) is second


def test_the_end_of_a_forerunner_is_not_the_end_of_what_was_made_anew(cache):
    seen, *_ = cache.put(_anew("orders", "9", "second"))
    assert cache.remove(_anew("orders", "5", "first")) == Gone()
    assert cache.get(seen.ref) is seen


def test_the_end_of_what_was_never_seen_concerns_nobody(cache):
    assert cache.remove(body("Key", "orders")) == Gone()


def test_who_refers_to_an_object_is_known_before_and_after_it_is_there(cache):
    grant, *_ = cache.put(body("Grant", "app", spec=grant_spec("orders")))
    assert cache.referrers(ref("Key", "orders")) == {grant.ref}
    cache.put(body("Key", "orders"))
    assert cache.referrers(ref("Key", "orders")) == {grant.ref}
    assert cache.remove(body("Key", "orders")).concerned == {grant.ref}
    assert cache.referrers(ref("Key", "orders")) == {grant.ref}
    cache.remove(body("Grant", "app"))
    assert cache.referrers(ref("Key", "orders")) == frozenset()


def test_a_reference_that_moves_leaves_what_it_was_to(cache):
    cache.put(body("Grant", "app", spec=grant_spec("orders")))
    cache.put(body("Grant", "app", spec=grant_spec("other"), generation=2, resourceVersion="2"))
    assert cache.referrers(ref("Key", "orders")) == frozenset()
    assert cache.referrers(ref("Key", "other")) == {ref("Grant", "app")}


def test_a_reference_to_a_key_may_mean_a_replica_and_never_another_namespace(cache):
    cache.put(body("Grant", "app", spec=grant_spec("orders")))
    assert cache.referrers(ref("ReplicaKey", "orders")) == {ref("Grant", "app")}
    assert cache.referrers(ref("Key", "orders", "other")) == frozenset()
    cache.put(body("Key", "orders", namespace="other"))
    assert cache.named("payments", KEY_KINDS, "orders") is None
    cache.put(body("ReplicaKey", "orders"))
    assert cache.named("payments", KEY_KINDS, "orders").kind is ManifestKind.REPLICA_KEY


def test_what_names_no_target_is_on_the_default_one(cache):
    plain, *_ = cache.put(body("Key", "orders"))
    told, *_ = cache.put(body("Key", "other", spec={"targetRef": {"name": "west"}}))
    assert cache.target_of(plain.sound) == "default"
    assert cache.target_of(told.sound) == "west"
    assert cache.referrers(ref("Target", "west")) == {told.ref}
    cache.put(body("Target", "default", spec=DEFAULT_TARGET))
    assert cache.referrers(TARGET) == {plain.ref}


def test_policies_targets_and_what_has_errors_are_on_no_target(cache):
    cache.put(body("KeyPolicy", "p", spec={"administrators": ["arn:aws:iam::111122223333:role/admin"]}))
    cache.put(body("Target", "west", spec=DEFAULT_TARGET))
    cache.put(body("Key", "orders", spec={"keySpec": "ROT13"}))
    assert cache.referrers(TARGET) == frozenset()


@pytest.mark.parametrize(
    ("spec", "held"),
    [
        ({"keySpec": 7}, {"default"}),
        ({"keySpec": 7, "targetRef": {"name": "west"}}, {"west"}),
        ({"keySpec": 7, "targetRef": "west"}, {"default"}),
        ({"primary": {"targetRef": {"name": "east"}}, "targetRef": {"name": "west"}}, {"east", "west"}),
        ({"primary": [], "targetRef": {"name": 7}}, {"default"}),
        ("nonsense", {"default"}),
    ],
    ids=str,
)
def test_what_is_held_and_has_errors_needs_the_targets_that_it_names_all_the_same(cache, spec, held):
    broken = body("Key", "broken", finalizers=[FINALIZER])
    cache.put({**broken, "spec": spec})
    targets = {name: cache.put(body("Target", name, spec=DEFAULT_TARGET)).seen for name in ("default", "east", "west")}
    assert {name for name, target in targets.items() if cache.holders(target)} == held
    cache.put(body("Key", "broken", resourceVersion="2", spec={"keySpec": 7}))
    assert not any(map(cache.holders, targets.values())), "nothing can have been made for what nobody held"


def test_only_a_sound_target_is_one(cache):
    assert cache.target(TargetName("default")) is None
    cache.put(body("Target", "default", spec={"backend": "elsewhere"}))
    assert cache.target(TargetName("default")) is None
    cache.put(body("Target", "default", spec=DEFAULT_TARGET, generation=2, resourceVersion="2"))
    seen, target = cache.target(TargetName("default"))
    assert (seen.ref, target.backend) == (TARGET, "local")


def test_removing_what_wanted_a_name_wakes_who_wants_it_too(cache):
    cache.put(body("Key", "first", spec={"aliases": ["alias/main"]}, creationTimestamp="2026-01-01T00:00:00Z"))
    second, _, contenders, _ = cache.put(body("Key", "second", spec={"aliases": ["alias/main"]}))
    assert contenders == {ref("Key", "first")}
    assert cache.claims.rival(second.ref, lambda _: True) is not None
    assert cache.remove(body("Key", "first")).concerned == {second.ref}
    assert cache.claims.rival(second.ref, lambda _: True) is None


def test_a_replica_of_a_primary_that_nobody_declares_is_woken_by_the_targets_of_both(cache):
    primary = {"keyArn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"}
    spec = {"targetRef": {"name": "west"}, "primary": primary}
    replica, *_ = cache.put(body("ReplicaKey", "orders", spec=spec))
    assert replica.ref in cache.referrers(TARGET)
    assert replica.ref in cache.referrers(ref("Target", "west"))
    assert set(cache.targets_of(replica.sound)) == {"default", "west"}
