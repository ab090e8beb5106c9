"""What the watch shows becomes work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from reconciler.controller.cluster.refs import ObjectRef, ref_of
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import Seen
from reconciler.manifest.documents import KEY_KINDS, ManifestKind


class Intake:
    """Notes each object, and has looked at whoever it concerns.

    Args:
        cache: where objects are noted.
        ask: has an object looked at now.
        forget: has an object looked at no more.
        recount: has an object looked at soon, whose numbers are others now.
    """

    def __init__(
        self,
        cache: Cache,
        ask: Callable[[ObjectRef], None],
        forget: Callable[[ObjectRef], None],
        recount: Callable[[ObjectRef], None],
    ) -> None:
        self._cache = cache
        self._ask = ask
        self._forget = forget
        self._recount = recount

    def notice(self, body: Mapping[str, Any]) -> Seen | None:
        """An object is there, and as `body` says; None when it has ended since, and the watch is late."""
        if self._cache.has_ended(body):
            return None
        seen, before, contenders, recounted = self._cache.put(body)
        if before is None or seen.asks_anew(before):
            self._ask(seen.ref)
        for ref in contenders:
            self._ask(ref)
        self._count_again(recounted)
        if _concerns_others(seen, before):
            self.wake(seen.ref)
        return seen

    def answered(self, body: Mapping[str, Any]) -> Seen | None:
        """The API server took a write of ours, and the object is as `body` says; None when it is gone meanwhile.

        The watch may have shown its end before the answer came: what is not known any more does not come back so. And
        who lets go of an object last knows its end before the watch shows it.
        """
        metadata = body["metadata"]
        known = self._cache.get(ref_of(body))
        if known is None or known.uid != metadata["uid"]:
            return None
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers"):
            self.gone(body)
            return None
        return self.notice(body)

    def gone(self, body: Mapping[str, Any]) -> None:
        """An object is no more."""
        ref = ref_of(body)
        concerned, recounted = self._cache.remove(body)
        if self._cache.get(ref) is None:
            self._forget(ref)
        for other in concerned:
            self._ask(other)
        self._count_again(recounted)

    def wake(self, ref: ObjectRef) -> None:
        """Have looked at whoever refers to an object."""
        for other in self._cache.referrers(ref):
            if self._cache.get(other) is not None:
                self._ask(other)

    def _count_again(self, refs: Iterable[ObjectRef]) -> None:
        for ref in refs:
            if self._cache.get(ref) is not None:
                self._recount(ref)


def _concerns_others(seen: Seen, before: Seen | None) -> bool:
    """Whether those who refer to an object have to look again: at a key that has a successor, too.

    A Target's wait until it is open once more.
    """
    if seen.kind is ManifestKind.TARGET:
        return False
    if before is None:
        return True
    if (seen.uid, seen.generation, seen.is_ready) != (before.uid, before.generation, before.is_ready):
        return True
    return seen.kind in KEY_KINDS and before.status.get("keyId") not in (None, seen.status.get("keyId"))
