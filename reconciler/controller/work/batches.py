"""From objects to what `converge` takes, and what can be said of an object before anything is asked of a KMS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from reconciler.controller.admission.neighbourhood import serves
from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import Forbidden, Invalid, State, Waiting
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import ON_KEYS, Seen
from reconciler.controller.work.connections import Connections, Open, SharedLists, place_of
from reconciler.controller.work.deletions import key_named, without_policy
from reconciler.manifest.checks.references import alias_places, references_of
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind
from reconciler.model.identifiers import RUN_TARGET, KeyId, TargetName
from reconciler.workflow.converge.wishes import Batch, Wish

ALIAS_PREFIX: Final = "alias/"
STANDALONE: Final = frozenset({ManifestKind.TARGET, ManifestKind.KEY_POLICY})


@dataclass(slots=True)
class Sorted:
    """Objects of one lane, sorted by what is to be done with them."""

    batch: Batch | None = None
    members: tuple[Seen, ...] = ()
    """Those whose wishes are in the batch, in its order."""
    settled: dict[ObjectRef, State] = field(default_factory=dict)
    """Those of which everything is said."""
    postponed: tuple[Seen, ...] = ()
    """Those whose Target nobody has tried to open yet; they come again once somebody has."""
    lists: Mapping[TargetName, SharedLists] = field(default_factory=dict)
    """Of the batch's connections, by address. A Target may be opened anew meanwhile, and lead elsewhere."""
    opened: tuple[Open, ...] = ()
    """What the batch's connections are of."""

    def settled_of(self, members: Iterable[Seen]) -> Iterator[Seen]:
        """Those of `members` of which everything is said."""
        return (seen for seen in members if seen.ref in self.settled)


class Batches:
    """Makes batches out of what the cache knows."""

    def __init__(self, cache: Cache, connections: Connections, cluster: str) -> None:
        self._cache = cache
        self._connections = connections
        self._cluster = cluster

    def lane_of(self, ref: ObjectRef) -> tuple[str, str, bool, bool]:
        """Objects of one namespace and target that want the same done: to be as they say, to be gone, or to prune."""
        seen = self._cache.get(ref)
        document = seen.sound if seen else None
        if seen is None or document is None or document.kind in STANDALONE:
            return ref.namespace, "", False, False
        return ref.namespace, self._cache.target_of(document), seen.deleting, seen.asked.prune

    def stack_of(self, namespace: str) -> str:
        """The stack of a namespace's objects."""
        return f"{self._cluster}.{namespace}"

    def sort(self, members: Iterable[Seen]) -> Sorted:
        """The batch of `members`, which are of one lane, without those that cannot be part of one."""
        settled: dict[ObjectRef, State] = {}
        ready: list[Seen] = []
        context: dict[ObjectRef, Document] = {}
        targets: set[TargetName] = set()
        postponed: list[Seen] = []
        for seen in members:
            found = self._surroundings(seen)
            if isinstance(found, _Untried):
                postponed.append(seen)
            elif isinstance(found, _Surroundings):
                ready.append(self._informed(seen))
                context |= found.context
                targets |= found.targets
            else:
                settled[seen.ref] = found
        for seen in ready:
            context.pop(seen.ref, None)
        if not ready:
            return Sorted(settled=settled, postponed=tuple(postponed))
        opened = {name: one for name in targets if (one := self._connections.get(name)) is not None}
        batch = self._batch(tuple(ready), tuple(context.values()), opened)
        lists = {self._address(name): one.lists for name, one in opened.items()}
        return Sorted(batch, tuple(ready), settled, tuple(postponed), lists, tuple(opened.values()))

    def _informed(self, seen: Seen) -> Seen:
        """With what those that it refers to say of what it declares."""
        spec = seen.sound.spec if seen.sound else {}
        policy = self._referred(seen, spec.get("policyRef"), (ManifestKind.KEY_POLICY,))
        key = self._referred(seen, spec.get("keyRef"), KEY_KINDS)
        if policy is None and key is None:
            return seen
        return replace(
            seen,
            policy_generation=policy.generation if policy else None,
            on_key=key.status.get("keyId") if key else None,
        )

    def _referred(
        self, seen: Seen, reference: Mapping[str, str] | None, kinds: tuple[ManifestKind, ...]
    ) -> Seen | None:
        return self._cache.named(seen.ref.namespace, kinds, reference["name"]) if reference else None

    def _address(self, name: TargetName) -> TargetName:
        return RUN_TARGET if name == self._cache.default_target else name

    def _batch(
        self, members: tuple[Seen, ...], context: tuple[Document, ...], opened: Mapping[TargetName, Open]
    ) -> Batch:
        return Batch(
            stack=self.stack_of(members[0].ref.namespace),
            wishes=tuple(map(self._wish, members)),
            context=context,
            gone=members[0].deleting,
            prune=members[0].asked.prune,
            spared=frozenset(self._declared_aliases(members[0].ref.namespace))
            if members[0].asked.prune
            else frozenset(),
            targets={name: found.target for name, found in opened.items()},
            run_target=self._cache.default_target,
            connections={self._address(name): one.connection for name, one in opened.items()},
        )

    def _wish(self, seen: Seen) -> Wish:
        document = seen.sound
        assert document is not None  # noqa: S101  only sound objects are wished for
        report = document.spec.get("driftPolicy") == "Report" and seen.synced_before
        known = seen.status.get("keyId") if document.kind in KEY_KINDS else None
        return Wish(
            document,
            correct=seen.deleting or not report,
            allow=seen.asked.allow,
            known=KeyId(known) if known else None,
            attempted=seen.ref in self._cache.doubtful and not known,
        )

    def _declared_aliases(self, namespace: str) -> Iterator[tuple[TargetName, str]]:
        """Of a namespace: an alias that is on its way to another's key is not pruned off the one that gave it up.

        Another namespace can have it only once it is free.
        """
        for seen in self._cache.all():
            if seen.sound is not None and not seen.deleting and seen.ref.namespace == namespace:
                target = self._address(self._cache.target_of(seen.sound))
                yield from ((target, f"{ALIAS_PREFIX}{name}") for name, _ in alias_places(seen.sound))

    def key_of(self, seen: Seen, name: str) -> Seen | None:
        """The Key or ReplicaKey object that an object of its namespace means by `name`, unless that lacks a name."""
        key = self._cache.named(seen.ref.namespace, KEY_KINDS, name)
        return None if key is None or self._contested(key) else key

    def _contested(self, seen: Seen) -> bool:
        """Whether an older object has a name that `seen` wants: both in one batch would be a fault of either."""
        return seen.sound is not None and self._taken(seen, seen.sound) is not None

    def _surroundings(self, seen: Seen) -> _Surroundings | _Untried | State:
        """What else has to be known of an object; or why nothing can be done for it now."""
        if not isinstance(seen.document, Document):
            return Invalid(seen.document)
        found = _Surroundings()
        hindrance = self._add_targets(seen.document, seen, found)
        if isinstance(hindrance, Forbidden):
            return hindrance  # before it is told of others' names
        taken = None if seen.deleting else self._taken(seen, seen.document)
        if taken is not None:
            return taken
        todo = [seen.document]
        while todo:
            document = todo.pop()
            hindrance = self._add_targets(document, seen, found) or self._add_references(document, seen, found, todo)
            if hindrance:
                return hindrance
        if seen.deleting and seen.document.spec.get("multiRegion"):
            found.targets.update(self._usable(seen))
        if seen.kind in KEY_KINDS:
            found.context.update((alias.ref, alias.document) for alias in self._aliases_on(seen))
        if not seen.deleting:
            self._add_access(seen.document, seen, found)
        return found

    def _add_access(self, document: Document, seen: Seen, found: _Surroundings) -> None:
        """Tests of the keys that an object is, is on, or is about; with them, all the grants on those keys."""
        tested = document.kind is ManifestKind.ACCESS_TEST
        for key in self._cache.keys_of(document, seen.ref.namespace):
            tests = [test for test in self._cache.about_access(key, ManifestKind.ACCESS_TEST) if test.ref != seen.ref]
            for other in (*tests, *(self._cache.about_access(key, ManifestKind.GRANT) if tests or tested else ())):
                if other.ref != seen.ref:
                    self._add_beside(other, seen, found)

    def _add_beside(self, other: Seen, seen: Seen, found: _Surroundings) -> None:
        """`other` with all that it stands on; nothing where that is not sound, or not there."""
        assert other.sound is not None  # noqa: S101  only sound objects are asked for
        if other.ref in found.context:
            return
        beside = _Surroundings({other.ref: other.sound})
        todo = [other.sound]
        while todo:
            document = todo.pop()
            if self._add_targets(document, seen, beside) or self._add_references(document, seen, beside, todo):
                return
        found.context.update(beside.context)
        found.targets.update(beside.targets)

    def _taken(self, seen: Seen, document: Document) -> Forbidden | None:
        """Whether an older object has a name that `seen` claims. Where its Target does not serve, nobody has any."""
        target = self._cache.target(self._cache.target_of(document))

        def counts(other: ObjectRef) -> bool:
            served = target is not None and serves(target[1], other.namespace)
            return served or other.namespace == seen.ref.namespace

        rival = self._cache.claims.rival(seen.ref, counts)
        if rival is None:
            return None
        claim, other = rival
        return Forbidden(Reason.NAME_CONFLICT, f"{claim} belongs to {other}, which was there first; take another name")

    def _add_targets(self, document: Document, seen: Seen, found: _Surroundings) -> _Untried | State | None:
        for name in self._targets_of(document):
            hindrance = self._target(name, seen)
            if hindrance:
                return hindrance
            found.targets.add(name)
        return None

    def _add_references(
        self, document: Document, seen: Seen, found: _Surroundings, todo: list[Document]
    ) -> State | None:
        """What `document` refers to, and so on; Targets aside."""
        if "allKeys" in document.spec and document.name == seen.ref.name and seen.kind is document.kind:
            self._add_every_key(document, seen, found, todo)
        for kinds, name in references_of(document):
            if ManifestKind.TARGET in kinds:
                continue
            other = self._cache.named(seen.ref.namespace, kinds, name)
            beside = self._undeclared(document, name, seen) if other is None and seen.deleting else None
            if beside is not None:
                found.context[ObjectRef(beside.kind, seen.ref.namespace, name)] = beside
                found.targets.update(self._targets_of(beside))
                continue
            if other is None:
                return Waiting(Reason.REFERENCE_NOT_FOUND, f"{kinds[0]}/{name}")
            if other.sound is None or (self._contested(other) and not seen.deleting):
                return Waiting(Reason.REFERENCE_NOT_READY, f"{other.ref.kind}/{name}")
            if other.ref not in found.context and other.ref != seen.ref:
                referred = without_policy(other.sound) if seen.deleting else other.sound
                found.context[other.ref] = referred
                todo.append(referred)
        return None

    def _add_every_key(self, document: Document, seen: Seen, found: _Surroundings, todo: list[Document]) -> None:
        """The keys of a test of all keys, but those that are not sound or on their way out."""
        for ref in self._cache.keys_of(document, seen.ref.namespace):
            key = self._cache.get(ref)
            if key is not None and key.sound is not None and not key.deleting and not self._contested(key):
                found.context[ref] = key.sound
                todo.append(key.sound)

    def _targets_of(self, document: Document) -> Iterator[TargetName]:
        return iter(()) if document.kind in STANDALONE else self._cache.targets_of(document)

    def _target(self, name: TargetName, seen: Seen) -> _Untried | State | None:
        """Why `seen` cannot use a Target now."""
        found = self._cache.target(name)
        if found is None:
            return Waiting(Reason.TARGET_NOT_FOUND, f"Target/{name}")
        if not serves(found[1], seen.ref.namespace):
            why = f"Target/{name} is not open to namespace {seen.ref.namespace}: its allowedNamespaces do not name it"
            return Forbidden(Reason.NAMESPACE_NOT_ALLOWED, why)
        if found[0].deleting and not seen.finalized:
            return Waiting(Reason.TARGET_DELETING, f"Target/{name}")
        if self._connections.untried(name):
            return _Untried()
        opened = self._connections.get(name)
        if opened is None or opened.target != replace(found[1], position=None):
            return Waiting(Reason.TARGET_NOT_READY, f"Target/{name}")
        return None

    def _undeclared(self, document: Document, name: str, seen: Seen) -> Document | None:
        """The Key of which no object is there any more, for what is on it, or is a replica of it, and is to end."""
        if seen.kind in ON_KEYS:
            return key_named(name, document.target)
        place = (seen.status.get("accountId"), seen.status.get("primaryRegion"))
        for target in self._usable(seen) if seen.kind is ManifestKind.REPLICA_KEY else ():
            opened = self._connections.get(target)
            if opened is not None and place_of(opened.connection) == place:
                return key_named(name, target)
        return None

    def _usable(self, seen: Seen) -> Iterator[TargetName]:
        """Every Target that `seen` could use now: replicas of its key may be there that no object declares any more."""
        for target in self._cache.of_kind(ManifestKind.TARGET):
            name = TargetName(target.ref.name)
            if self._target(name, seen) is None:
                yield name

    def _aliases_on(self, seen: Seen) -> Iterator[_SoundAlias]:
        """Alias objects that point to a key: without them, what they declare would look undeclared."""
        for ref in self._cache.referrers(seen.ref):
            other = self._cache.get(ref)
            if other is None or other.kind is not ManifestKind.ALIAS or other.deleting or self._contested(other):
                continue
            if other.sound:
                yield _SoundAlias(ref, other.sound)


@dataclass(frozen=True, slots=True)
class _Untried:
    """A Target is not open, and whether it can be is not known."""


@dataclass(frozen=True, slots=True)
class _SoundAlias:
    ref: ObjectRef
    document: Document


@dataclass(frozen=True, slots=True)
class _Surroundings:
    context: dict[ObjectRef, Document] = field(default_factory=dict)
    targets: set[TargetName] = field(default_factory=set)
