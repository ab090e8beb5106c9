"""What can be looked at together, and what can be said before anything is asked of a KMS."""

from __future__ import annotations

import pytest

from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import Forbidden, Invalid, Waiting
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import FINALIZER
from reconciler.controller.work.batches import Batches
from reconciler.controller.work.connections import Connections
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.workflow.environment import Environment
from tests.controller.support.objects import DEFAULT_TARGET, annotated, body, grant_spec, ref

POLICY = {"administrators": ["arn:aws:iam::111122223333:role/admin"]}
KEY = ref("Key", "orders")


class Place:
    """Objects, and Targets of which some are open."""

    def __init__(self, home, clock):
        self.cache = Cache(TargetName("default"))
        self.connections = Connections(
            Environment(home, {}, clock), parallelism=1, around=lambda kms: kms, swept=lambda *_: None
        )
        self.batches = Batches(self.cache, self.connections, "c")
        self._version = 0

    def put(self, kind, name, /, spec=None, **more):
        """An object is there; newer than all others."""
        self._version += 1
        more.setdefault("generation", self._version)
        return self.cache.put(body(kind, name, spec=spec, resourceVersion=str(self._version), **more))[0]

    def target(self, name="default", *, opened=True, **spec):
        """A Target is there."""
        seen = self.put("Target", name, {**DEFAULT_TARGET, **spec})
        if opened:
            self.open(name)
        return seen

    def open(self, name="default"):
        """A Target is opened."""
        _, target = self.cache.target(TargetName(name))
        self.connections.open(_positionless(target), None)
        self.connections.tried(TargetName(name))

    def sort(self, *refs):
        """The objects as they are known, sorted."""
        return self.batches.sort([self.cache.get(which) for which in refs])

    def state(self, which):
        """What is said of an object without a KMS."""
        return self.sort(which).settled.get(which)


def _positionless(target):
    from dataclasses import replace

    return replace(target, position=None)


def test_who_prunes_spares_the_aliases_that_others_declare(place):
    place.target()
    place.put("Key", "orders", annotations=annotated(prune="true"))
    place.put("Key", "other", {"aliases": ["alias/moving"]})
    place.put(
        "Alias", "gone", {"name": "alias/gone", "keyRef": {"name": "orders"}}, deletionTimestamp="2026-03-01T00:00:00Z"
    )
    place.put("Key", "stranger", {"aliases": ["alias/wanted"]}, namespace="other")
    assert place.sort(KEY).batch.spared == {(RUN_TARGET, "alias/moving")}


def test_who_does_not_prune_spares_nothing(place):
    place.target()
    place.put("Key", "orders")
    place.put("Key", "other", {"aliases": ["alias/moving"]})
    assert place.sort(KEY).batch.spared == frozenset()


@pytest.fixture
def place(tmp_path, clock):
    made = Place(tmp_path / "kms", clock)
    yield made
    made.connections.close()


def _context(work):
    return {f"{document.kind}/{document.name}" for document in work.batch.context}


def test_an_object_that_lacks_nothing_is_wished_for(place):
    place.target()
    key = place.put("Key", "orders", {"description": "x"}, annotations=annotated(allow="key-in-use"))
    work = place.sort(KEY)
    assert work.members == (key,)
    (wish,) = work.batch.wishes
    assert wish.document is key.sound
    assert (wish.correct, wish.allow, wish.known, wish.attempted) == (True, {"key-in-use"}, None, False)
    assert work.batch.stack == "c.payments"
    assert (work.batch.gone, work.batch.prune) == (False, False)
    assert list(work.batch.connections) == [RUN_TARGET]
    assert list(work.batch.targets) == ["default"]
    assert (work.settled, work.postponed) == ({}, ())


def test_what_its_object_knew_and_what_somebody_may_have_made_for_it_is_passed_on(place):
    place.target()
    place.put("Key", "orders", status={"keyId": "k-1"})
    place.put("Key", "other")
    place.cache.doubtful |= {KEY, ref("Key", "other")}
    known, unknown = place.sort(KEY, ref("Key", "other")).batch.wishes
    assert (known.known, known.attempted) == ("k-1", False)
    assert (unknown.known, unknown.attempted) == (None, True)


@pytest.mark.parametrize(
    ("status", "correct"),
    [({}, True), ({"syncedGeneration": 1}, True), ({"syncedGeneration": 2}, False)],
    ids=["never brought about", "an older spec was", "as it is now"],
)
def test_drift_that_is_only_to_be_reported_is_not_corrected_once_the_spec_was_brought_about(place, status, correct):
    place.target()
    place.put("Key", "orders", {"driftPolicy": "Report"}, generation=2, status=status)
    (wish,) = place.sort(KEY).batch.wishes
    assert wish.correct is correct


def test_the_end_of_an_object_is_no_drift(place):
    place.target()
    going = {"deletionTimestamp": "2026-03-01T00:00:00Z", "finalizers": [FINALIZER]}
    place.put("Key", "orders", {"driftPolicy": "Report"}, status={"syncedGeneration": 1}, **going)
    work = place.sort(KEY)
    assert work.batch.gone
    assert work.batch.wishes[0].correct


def test_objects_are_together_when_the_same_is_done_with_them(place):
    place.target()
    lanes = [
        place.batches.lane_of(place.put("Key", "a").ref),
        place.batches.lane_of(place.put("Grant", "b", grant_spec("a")).ref),
        place.batches.lane_of(place.put("Key", "c", {"targetRef": {"name": "default"}}).ref),
    ]
    assert len(set(lanes)) == 1
    others = [
        place.put("Key", "d", namespace="other"),
        place.put("Key", "e", {"targetRef": {"name": "west"}}),
        place.put("Key", "f", deletionTimestamp="2026-03-01T00:00:00Z"),
        place.put("Key", "g", annotations=annotated(prune="true")),
    ]
    assert len({lanes[0], *(place.batches.lane_of(seen.ref) for seen in others)}) == 5


def test_what_stands_for_nothing_in_a_kms_has_a_lane_of_its_own(place):
    assert place.batches.lane_of(place.target().ref) == ("", "", False, False)
    assert place.batches.lane_of(place.put("KeyPolicy", "p", POLICY).ref) == ("payments", "", False, False)
    assert place.batches.lane_of(place.put("Key", "x", {"keySpec": "ROT13"}).ref) == ("payments", "", False, False)
    assert place.batches.lane_of(ref("Key", "unknown")) == ("payments", "", False, False)


def test_a_manifest_with_errors_is_invalid(place):
    place.put("Key", "orders", {"keySpec": "ROT13"})
    assert isinstance(place.state(KEY), Invalid)


def test_a_name_that_an_older_object_has_is_not_to_be_had(place):
    place.target()
    place.put("Key", "first", {"aliases": ["alias/main"]}, creationTimestamp="2026-01-01T00:00:00Z", namespace="other")
    place.put("Key", "orders", {"aliases": ["alias/main"]})
    state = place.state(KEY)
    assert isinstance(state, Forbidden)
    assert state.reason is Reason.NAME_CONFLICT
    assert "Key other/first" in state.why


def test_who_may_not_use_a_target_keeps_no_name_from_those_who_may_and_learns_none(place):
    place.target(allowedNamespaces=["payments"])
    old = "2026-01-01T00:00:00Z"
    place.put("Key", "squatter", {"aliases": ["alias/main"]}, creationTimestamp=old, namespace="other")
    place.put("Key", "orders", {"aliases": ["alias/main"]}, creationTimestamp="2026-01-02T00:00:00Z")
    place.put("Key", "late", {"aliases": ["alias/main"]}, namespace="other")
    assert place.state(KEY) is None
    assert place.state(ref("Key", "late", namespace="other")).reason is Reason.NAMESPACE_NOT_ALLOWED
    place.target(allowedNamespaces=["*"])
    assert place.state(KEY).reason is Reason.NAME_CONFLICT


def test_a_name_that_is_taken_in_the_namespace_is_told_before_there_is_a_target(place):
    place.put("Key", "first", {"aliases": ["alias/main"]}, creationTimestamp="2026-01-01T00:00:00Z")
    place.put("Key", "orders", {"aliases": ["alias/main"]})
    assert place.state(KEY).reason is Reason.NAME_CONFLICT


def test_targets_that_cannot_be_used_are_told_apart(place):
    place.put("Key", "orders")
    assert place.state(KEY) == Waiting(Reason.TARGET_NOT_FOUND, "Target/default")
    place.target(opened=False)
    work = place.sort(KEY)
    assert work.postponed == (place.cache.get(KEY),), "nobody has tried to open it yet"
    assert work.batch is None
    place.connections.tried(TargetName("default"))
    assert place.state(KEY) == Waiting(Reason.TARGET_NOT_READY, "Target/default")
    place.open()
    assert place.state(KEY) is None
    place.target(opened=False, region="eu-west-1")
    assert place.state(KEY) == Waiting(Reason.TARGET_NOT_READY, "Target/default"), "open, but not as it says now"


@pytest.mark.parametrize(
    ("allowed", "serves"),
    [(["*"], True), (["pay*"], True), (["payments"], True), (["other"], False), ([], False)],
    ids=str,
)
def test_a_target_serves_the_namespaces_that_it_names_and_no_other(place, allowed, serves):
    spec = {"backend": "local", **({"allowedNamespaces": allowed} if allowed else {})}
    place.put("Target", "default", spec)
    place.open()
    place.put("Key", "orders")
    state = place.state(KEY)
    assert (state is None) is serves
    if not serves:
        assert state.reason is Reason.NAMESPACE_NOT_ALLOWED


def test_a_namespace_that_is_not_allowed_is_told_so_whether_or_not_the_target_is_open(place):
    place.target(opened=False, allowedNamespaces=["other"])
    place.put("Key", "orders")
    assert isinstance(place.state(KEY), Forbidden)


def test_what_an_object_refers_to_is_known_with_all_that_stands_behind_it(place):
    place.target()
    place.put("KeyPolicy", "p", POLICY)
    place.put("Key", "orders", {"policyRef": {"name": "p"}})
    grant = place.put("Grant", "app", grant_spec("orders"))
    work = place.sort(grant.ref)
    assert _context(work) == {"Key/orders", "KeyPolicy/p"}
    together = place.sort(grant.ref, KEY)
    assert _context(together) == {"KeyPolicy/p"}, "what is wished for is no context"


@pytest.mark.parametrize(
    ("spec", "on"),
    [(None, "Key/orders"), ({"keySpec": "ROT13"}, "Key/orders"), ({"policyRef": {"name": "p"}}, "KeyPolicy/p")],
    ids=["not there", "has errors", "what it refers to is not there"],
)
def test_an_object_waits_for_what_it_refers_to(place, spec, on):
    place.target()
    if spec is not None:
        place.put("Key", "orders", spec)
    grant = place.put("Grant", "app", grant_spec("orders"))
    state = place.state(grant.ref)
    assert isinstance(state, Waiting)
    assert state.on == on
    broken = spec is not None and "keySpec" in spec
    assert state.reason is (Reason.REFERENCE_NOT_READY if broken else Reason.REFERENCE_NOT_FOUND)


def test_a_replica_needs_the_target_of_its_primary_too(place):
    place.target("west", region="us-west-2")
    replica = place.put("ReplicaKey", "r", {"primaryRef": {"name": "orders"}, "targetRef": {"name": "west"}})
    place.put("Key", "orders", {"multiRegion": True})
    assert place.state(replica.ref) == Waiting(Reason.TARGET_NOT_FOUND, "Target/default")
    place.target()
    work = place.sort(replica.ref)
    assert set(work.batch.targets) == {"default", "west"}
    assert set(work.batch.connections) == {RUN_TARGET, "west"}


def test_a_replica_of_somebody_elses_primary_needs_the_target_that_it_names(place):
    place.target("west", region="us-west-2")
    primary = {"keyArn": "arn:aws:kms:us-east-1:111122223333:key/mrk-1234567890abcdef1234567890abcdef",
               "targetRef": {"name": "east"}}  # fmt: skip
    replica = place.put("ReplicaKey", "r", {"primary": primary, "targetRef": {"name": "west"}})
    if replica.sound is None:
        pytest.fail(str(replica.document))
    assert place.state(replica.ref) == Waiting(Reason.TARGET_NOT_FOUND, "Target/east")


def test_aliases_that_point_to_a_key_are_known_with_it_but_those_on_their_way_out(place):
    place.target()
    place.put("Key", "orders")
    place.put("Alias", "here", {"name": "alias/here", "keyRef": {"name": "orders"}})
    going = {"deletionTimestamp": "2026-03-01T00:00:00Z", "finalizers": [FINALIZER]}
    place.put("Alias", "going", {"name": "alias/going", "keyRef": {"name": "orders"}}, **going)
    place.put("Alias", "broken", {"name": "aws/no", "keyRef": {"name": "orders"}})
    place.put("Grant", "app", grant_spec("orders"))
    assert _context(place.sort(KEY)) == {"Alias/here"}


def test_who_lacks_a_name_that_it_wants_is_nothing_to_stand_on(place):
    place.target()
    place.put("Key", "first", {"aliases": ["alias/main"]}, creationTimestamp="2026-01-01T00:00:00Z")
    place.put("Key", "orders", {"aliases": ["alias/main"]})
    grant = place.put("Grant", "app", grant_spec("orders"))
    assert place.state(grant.ref) == Waiting(Reason.REFERENCE_NOT_READY, "Key/orders")
    assert place.batches.key_of(grant, "orders") is None
    alias = place.put("Alias", "late", {"name": "alias/main", "keyRef": {"name": "first"}})
    assert isinstance(place.state(alias.ref), Forbidden)
    assert _context(place.sort(ref("Key", "first"))) == set()


def test_one_that_cannot_be_part_of_a_batch_keeps_no_other_from_it(place):
    place.target()
    key = place.put("Key", "orders")
    grant = place.put("Grant", "app", grant_spec("nowhere"))
    work = place.sort(grant.ref, KEY)
    assert work.members == (key,)
    assert list(work.settled) == [grant.ref]
    assert list(work.settled_of([key, grant])) == [grant]


def test_a_key_is_found_by_the_name_that_others_use(place):
    grant = place.put("Grant", "app", grant_spec("orders"))
    assert place.batches.key_of(grant, "orders") is None
    key = place.put("Key", "orders")
    assert place.batches.key_of(grant, "orders") is key
