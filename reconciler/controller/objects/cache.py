"""Every object of ours in the cluster, by what others call it, and who refers to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from reconciler.controller.cluster.refs import ObjectRef, ref_of
from reconciler.controller.objects.census import Census
from reconciler.controller.objects.claims import Claims
from reconciler.controller.objects.seen import Seen, seen_of
from reconciler.controller.objects.tally import Standing, Tally
from reconciler.manifest.checks.references import references_of
from reconciler.manifest.checks.targets import target_of
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target

_ENDS: Final = 10_000
"""Ends of objects that are remembered: the watch is late by seconds, and not by thousands of objects."""


class Noted(NamedTuple):
    """What the note of an object tells."""

    seen: Seen
    """The object as it is known now."""
    before: Seen | None = None
    """As it was known before; None of a new one."""
    contenders: frozenset[ObjectRef] = frozenset()
    """Who contends with it for a name that it took or gave up."""
    recounted: frozenset[ObjectRef] = frozenset()
    """What it stands on, or stood on, in another number now; see `Tally`."""


class Gone(NamedTuple):
    """Who had to do with an object that is no more."""

    concerned: frozenset[ObjectRef] = frozenset()
    """Who refers to it, who may have its names now, and who is on its way out and may have waited for it."""
    recounted: frozenset[ObjectRef] = frozenset()
    """What it stood on."""


class Cache:
    """Kept by the watch, read by whoever reconciles. It belongs to one event loop."""

    def __init__(self, default_target: TargetName) -> None:
        self.default_target = default_target
        """The Target of what names none."""
        self.doubtful: set[ObjectRef] = set()
        """Keys that a replica before this one may have made and could not note."""
        self._seen: dict[ObjectRef, Seen] = {}
        self._referrers: defaultdict[ObjectRef, set[ObjectRef]] = defaultdict(set)
        self._refers: dict[ObjectRef, frozenset[ObjectRef]] = {}
        self.claims = Claims(default_target)
        self.tally = Tally()
        self.census = Census()
        self._ended: dict[str, int] = {}
        """The resource versions at which objects ended, by uid; the oldest are forgotten."""

    def __len__(self) -> int:
        return len(self._seen)

    def get(self, ref: ObjectRef) -> Seen | None:
        """The object, if it is there."""
        return self._seen.get(ref)

    def all(self) -> Iterator[Seen]:
        """Every object."""
        yield from tuple(self._seen.values())

    def of_kind(self, kind: ManifestKind) -> Iterator[Seen]:
        """Every object of a kind."""
        return (seen for seen in self.all() if seen.kind is kind)

    def put(self, body: Mapping[str, Any]) -> Noted:
        """Note an object as it is now.

        What is older than what is known is left out: the answers to our own writes may overtake the watch.
        """
        ref = ref_of(body)
        before = self._seen.get(ref)
        seen = seen_of(body, before=before)
        if before is not None and _is_older(seen, before):
            return Noted(before, before)
        self._seen[ref] = seen
        self.census.put(seen)
        self._refer(seen)
        return Noted(seen, before, self.claims.put(seen), self.tally.put(seen, self._refers[seen.ref]))

    def has_ended(self, body: Mapping[str, Any]) -> bool:
        """Whether `body` shows an object as it was before its end, of which something else than the watch told."""
        metadata = body["metadata"]
        ended = self._ended.get(metadata["uid"])
        return ended is not None and _version(metadata.get("resourceVersion")) <= ended

    def remove(self, body: Mapping[str, Any]) -> Gone:
        """Forget an object that is gone."""
        ref = ref_of(body)
        known = self._seen.get(ref)
        self._note_end(body["metadata"])
        if known is None or known.uid != body["metadata"]["uid"]:
            return Gone()
        del self._seen[ref]
        self.census.remove(ref)
        referred = self._refers.pop(ref, frozenset())
        for other in referred:
            self._referrers[other].discard(ref)
        return Gone(
            self.claims.remove(ref) | self.referrers(ref) | frozenset(filter(self._leaves, referred)),
            self.tally.remove(ref),
        )

    def referrers(self, ref: ObjectRef) -> frozenset[ObjectRef]:
        """The objects that refer to `ref`, whether it is there or not; of a Target, those without a targetRef too."""
        return frozenset(self._referrers.get(ref, ()))

    def keys_of(self, document: Document, namespace: str) -> tuple[ObjectRef, ...]:
        """The keys in `namespace` that an object is about, or is itself, whether they are there or not.

        Of a test of all keys, those that are there.
        """
        if document.kind in KEY_KINDS:
            return (_named(namespace, document.kind, document.name),)
        if "allKeys" in document.spec:
            return tuple(
                ref for ref in self._seen if ref.namespace == namespace and ManifestKind(ref.kind) in KEY_KINDS
            )
        names = dict.fromkeys(name for kinds, name in references_of(document) if kinds == KEY_KINDS)
        found = (self.named(namespace, KEY_KINDS, name) for name in names)
        return tuple(seen.ref for seen in found if seen is not None)

    def about_access(self, key: ObjectRef, kind: ManifestKind) -> Iterator[Seen]:
        """The sound AccessTests of a key, or the Grants on it, by `kind`, in the order of their names."""
        every = self.referrers(_every_key(key.namespace)) if kind is ManifestKind.ACCESS_TEST else frozenset()
        for ref in sorted(self.referrers(key) | every):
            seen = self._seen.get(ref)
            if seen is not None and seen.kind is kind and seen.sound is not None and not seen.deleting:
                yield seen

    def named(self, namespace: str, kinds: tuple[ManifestKind, ...], name: str) -> Seen | None:
        """What a reference from `namespace` means."""
        for kind in kinds:
            found = self._seen.get(_named(namespace, kind, name))
            if found is not None:
                return found
        return None

    def is_used(self, name: TargetName) -> bool:
        """Whether any object is on a target."""
        return bool(self._referrers.get(_named("", ManifestKind.TARGET, name)))

    def holders(self, target: Seen) -> list[Seen]:
        """The objects that need a Target for their own end."""
        refs = self.tally.members(target.ref, Standing.HOLDER)
        return [seen for ref in refs if (seen := self._seen.get(ref)) is not None]

    def target_of(self, document: Document) -> TargetName:
        """The name of the Target that an object is on."""
        return self.default_target if document.target == RUN_TARGET else document.target

    def targets_of(self, document: Document) -> Iterator[TargetName]:
        """Every Target that an object uses: the one that it is on, and that of a primary which nobody declares.

        An AccessTest is where its keys are.
        """
        if document.kind is ManifestKind.ACCESS_TEST:
            return
        yield self.target_of(document)
        primary = document.spec.get("primary")
        if primary is not None:
            yield TargetName(primary.get("targetRef", {}).get("name", self.default_target))

    def target(self, name: TargetName) -> tuple[Seen, Target] | None:
        """The Target of that name, if it is there and sound."""
        seen = self._seen.get(_named("", ManifestKind.TARGET, name))
        target = target_of(seen.sound) if seen and seen.sound else None
        return (seen, target) if seen and target else None

    def _needed(self, seen: Seen) -> Iterable[str]:
        """The Targets that an object with errors needs for its end: what it stands for may have been made before."""
        return seen.unread_targets or (self.default_target,) if seen.finalized else ()

    def _leaves(self, ref: ObjectRef) -> bool:
        """Whether an object is on its way out, and may wait for who refers to it; Targets do by their number."""
        seen = self._seen.get(ref)
        return seen is not None and seen.deleting and seen.kind is not ManifestKind.TARGET

    def _note_end(self, metadata: Mapping[str, Any]) -> None:
        version = _version(metadata.get("resourceVersion"))
        if version:
            self._ended[metadata["uid"]] = version
            if len(self._ended) > _ENDS:
                del self._ended[next(iter(self._ended))]

    def _refer(self, seen: Seen) -> None:
        refers = frozenset(self._references(seen))
        for gone in self._refers.get(seen.ref, frozenset()) - refers:
            self._referrers[gone].discard(seen.ref)
        for ref in refers:
            self._referrers[ref].add(seen.ref)
        self._refers[seen.ref] = refers

    def _references(self, seen: Seen) -> Iterator[ObjectRef]:
        document = seen.sound
        if seen.kind is ManifestKind.TARGET:
            return
        if document is None:
            yield from (_named("", ManifestKind.TARGET, name) for name in self._needed(seen))
            return
        if document.kind is not ManifestKind.KEY_POLICY:
            yield from (_named("", ManifestKind.TARGET, name) for name in self.targets_of(document))
        if "allKeys" in document.spec:
            yield _every_key(seen.ref.namespace)
        for kinds, name in references_of(document):
            for kind in kinds:
                yield _named(seen.ref.namespace, kind, name)


def _every_key(namespace: str) -> ObjectRef:
    """What tests of all keys refer to; no object has such a name."""
    return ObjectRef(ManifestKind.KEY, namespace, "*")


def _named(namespace: str, kind: ManifestKind, name: str) -> ObjectRef:
    return ObjectRef(kind, "" if kind is ManifestKind.TARGET else namespace, name)


def _version(text: Any) -> int:
    """A resource version as a number; 0 for what is none."""
    return int(text) if isinstance(text, str) and text.isdecimal() else 0


def _is_older(one: Seen, other: Seen) -> bool:
    """By resource versions: the API server's are integers that rise, and are comparable since Kubernetes 1.35.

    Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
    """
    if one.resource_version.isdecimal() and other.resource_version.isdecimal():
        return int(one.resource_version) < int(other.resource_version)
    return False
