"""How many objects are how, counted as they change: whoever asks for the numbers pays for no object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.health.safety import POLICY_SAFE
from reconciler.controller.objects.seen import Seen
from reconciler.manifest.documents import KEY_KINDS


@dataclass(frozen=True, slots=True)
class Sort:
    """All that matters of an object for the numbers."""

    kind: str
    ready: str
    """The status of `Ready`: `True`, `False`, or `Unknown`."""
    drifted: bool
    unsafe: bool
    key_state: str
    """KMS's, of a key; empty where it is not known."""


class Census:
    """Of objects, each of one sort at a time."""

    def __init__(self) -> None:
        self._sorts: dict[ObjectRef, Sort] = {}
        self._counts: Counter[Sort] = Counter()

    def __iter__(self) -> Iterator[tuple[Sort, int]]:
        return iter(tuple(self._counts.items()))

    def put(self, seen: Seen) -> None:
        """Note an object as it is now."""
        sort = _sort_of(seen)
        if self._sorts.get(seen.ref) != sort:
            self.remove(seen.ref)
            self._sorts[seen.ref] = sort
            self._counts[sort] += 1

    def remove(self, ref: ObjectRef) -> None:
        """Forget an object, if it was noted."""
        sort = self._sorts.pop(ref, None)
        if sort is not None:
            self._counts[sort] -= 1
            if not self._counts[sort]:
                del self._counts[sort]


def _sort_of(seen: Seen) -> Sort:
    says = {condition.get("type"): str(condition.get("status")) for condition in reversed(seen.conditions)}
    state = seen.status.get("state") if seen.kind in KEY_KINDS else None
    return Sort(
        kind=seen.ref.kind,
        ready=says.get("Ready", "Unknown"),
        drifted=says.get("Drifted") == "True",
        unsafe=says.get(POLICY_SAFE) == "False",
        key_state=state or "",
    )
