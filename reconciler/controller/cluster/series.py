"""Which events are the same one again, and how many an object may have. Knows no API; bounded in memory.

The limits are client-go's, which the API server and its clients expect: similar events within some minutes become one
with a count, and an object that has used up a burst may have one every few minutes.

Source: https://pkg.go.dev/k8s.io/client-go/tools/events
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

from reconciler.controller.cluster.refs import ObjectRef

WINDOW: Final = 600.0
"""Seconds since the last similar event after which one starts a new series."""
_BURST: Final = 20.0
_REFILL_SECONDS: Final = 60.0
"""Between events of one object that has used up its burst."""
_REMEMBERED: Final = 4_096
"""Series and objects; the ones that were longest quiet are forgotten first."""

_K = TypeVar("_K")
_V = TypeVar("_V")


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two events of one series have in common."""

    ref: ObjectRef
    uid: str
    type: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Series:
    """An event that was told, and how often."""

    path: str
    """Of the Event object."""
    count: int
    last: float
    """Monotonic seconds."""


class Memory:
    """What was told lately."""

    def __init__(self) -> None:
        self._series = _Recent[Likeness, Series]()
        self._allowance = _Recent[tuple[ObjectRef, str], tuple[float, float]]()

    def again(self, likeness: Likeness, now: float) -> Series | None:
        """The series that an event belongs to, counted once more; None when it is the first of one."""
        series = self._series.get(likeness)
        if series is None or now - series.last > WINDOW:
            return None
        counted = replace(series, count=series.count + 1, last=now)
        self._series.put(likeness, counted)
        return counted

    def begin(self, likeness: Likeness, path: str, now: float) -> None:
        """A series starts with the event at `path`."""
        self._series.put(likeness, Series(path, 1, now))

    def forget(self, likeness: Likeness) -> None:
        """The Event is not there, or never was."""
        self._series.remove(likeness)

    def allowed(self, ref: ObjectRef, uid: str, now: float) -> bool:
        """Whether the object may have one more event now; uses it up."""
        tokens, since = self._allowance.get((ref, uid)) or (_BURST, now)
        tokens = min(_BURST, tokens + (now - since) / _REFILL_SECONDS)
        self._allowance.put((ref, uid), (tokens - 1 if tokens >= 1 else tokens, now))
        return tokens >= 1


class _Recent(Generic[_K, _V]):
    """A dictionary that forgets what was not written for longest."""

    def __init__(self) -> None:
        self._values: OrderedDict[_K, _V] = OrderedDict()

    def get(self, key: _K) -> _V | None:
        return self._values.get(key)

    def put(self, key: _K, value: _V) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > _REMEMBERED:
            self._values.popitem(last=False)

    def remove(self, key: _K) -> None:
        self._values.pop(key, None)
