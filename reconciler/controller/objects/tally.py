"""How many stand on what: users of a KeyPolicy, keys on a Target, and who keeps a Target from going."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator

from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.objects.seen import Seen
from reconciler.manifest.documents import KEY_KINDS, ManifestKind


class Standing(enum.Enum):
    """As what an object stands on another."""

    USER = enum.auto()
    """It shares a KeyPolicy."""
    KEY = enum.auto()
    """Its key is on a Target."""
    HOLDER = enum.auto()
    """It needs a Target for its own end: our finalizer is on it."""


_Place = tuple[ObjectRef, Standing]


class Tally:
    """Kept as objects come and go, so that a number costs nothing to look up, and says when it changes."""

    def __init__(self) -> None:
        self._members: defaultdict[_Place, set[ObjectRef]] = defaultdict(set)
        self._places: dict[ObjectRef, frozenset[_Place]] = {}

    def put(self, seen: Seen, refers: Iterable[ObjectRef]) -> frozenset[ObjectRef]:
        """Note as what `seen` stands on what it refers to; of what a number that is shown or heeded is another now."""
        return self._move(seen.ref, frozenset(_places(seen, refers)))

    def remove(self, ref: ObjectRef) -> frozenset[ObjectRef]:
        """Forget an object; as `put`."""
        return self._move(ref, frozenset())

    def members(self, ref: ObjectRef, standing: Standing) -> frozenset[ObjectRef]:
        """Who stands on `ref` so."""
        return frozenset(self._members.get((ref, standing), ()))

    def count(self, ref: ObjectRef, standing: Standing) -> int:
        """How many they are."""
        return len(self._members.get((ref, standing), ()))

    def _move(self, ref: ObjectRef, places: frozenset[_Place]) -> frozenset[ObjectRef]:
        before = self._places.pop(ref, frozenset())
        if places:
            self._places[ref] = places
        left, taken = before - places, places - before
        for place in left:
            self._members[place].discard(ref)
        changed = {place[0] for place in (*left, *taken) if self._matters(place)}
        for place in taken:
            self._members[place].add(ref)
        return frozenset(changed)

    def _matters(self, place: _Place) -> bool:
        """Of holders only the first and the last: whether there are any is what counts. Asked while it is not there."""
        return place[1] is not Standing.HOLDER or not self._members[place]


def _places(seen: Seen, refers: Iterable[ObjectRef]) -> Iterator[_Place]:
    has_key = seen.kind in KEY_KINDS and bool(seen.status.get("keyId"))
    for ref in refers:
        if ref.kind == ManifestKind.KEY_POLICY:
            yield ref, Standing.USER
        elif ref.kind == ManifestKind.TARGET:
            if has_key:
                yield ref, Standing.KEY
            if seen.finalized:
                yield ref, Standing.HOLDER
