"""The audit record: appending to it, and searching it."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from reconciler.engine.caller import user_name
from reconciler.engine.store.records import Usage
from reconciler.engine.store.segments import SPAN, Entry, Segment, event_id, request_id, segments, unpack
from reconciler.engine.wire.model import event_source, split_name

_PAGE: Final = 2_000
_SEGMENTS: Final = 50
"""Segments that are read at once when the record is followed."""
_INDEX_BITS: Final = 16
"""Of an event's number; the rest is its segment's."""
_ID_TAIL: Final = 12
"""Hexadecimal digits at the end of a UUID that are its bytes as they were drawn."""

Place = tuple[int, int]
"""Time and number of an event: they order the record."""


@dataclass(frozen=True, slots=True)
class Event:
    """One call, or one thing that the engine did by itself."""

    time: int
    """Microseconds since the epoch."""
    account: str
    region: str
    event_id: str
    request_id: str
    source: str
    """CloudTrail's eventSource, e.g. `kms.amazonaws.com`."""
    name: str
    """The operation, e.g. `CreateKey`."""
    read_only: bool
    principal: str | None
    """The caller's ARN, None for what the engine did by itself."""
    user: str
    """CloudTrail's Username."""
    parameters: Any
    """What the request said, without secrets, by CloudTrail's names; None when nothing."""
    response: Any
    """What the response said, without secrets; mutations only."""
    resources: tuple[str, ...]
    """ARNs that it is about."""
    error_code: str | None = None
    error_message: str | None = None
    source_ip: str | None = None
    user_agent: str | None = None
    access_key: str | None = None
    """The id of the access key that signed."""
    invoked_by: str | None = None
    """The AWS service that made the call."""
    session: Mapping[str, Any] | None = None
    """Of temporary credentials: `issued`, `mfa` (whether the caller proved a second factor), `source_identity`."""
    additional: Mapping[str, str] | None = None
    """What the event says beyond the request and the response."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to look for; None means any. Times are inclusive microseconds."""

    account: str | None = None
    region: str | None = None
    since: int | None = None
    until: int | None = None
    equal: Mapping[str, Any] | None = None
    """Fields of `Event` and the values that they must have."""
    resource: str | None = None
    """An ARN that the event is about."""
    resource_like: str | None = None
    """A pattern with `*` for an ARN that the event is about."""


Packed = tuple[Segment, Mapping[int, Usage]]
"""Entries as they rest, and the last use that they made of keys, by the keys' numbers."""


def pack(entries: Sequence[Entry]) -> Iterator[Packed]:
    """`entries`, oldest first, as they rest."""
    for segment, packed in segments(entries):
        yield segment, _usage(segment.ids, packed)


class Events:
    """The tables `segments` and `segment_resources`. Call inside `reading()`, `writing()` or `appending()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def insert(self, entries: Sequence[Entry]) -> dict[int, Usage]:
        """Append `entries`, oldest first; the last use that they made of keys, by the keys' numbers."""
        return self.append(pack(entries))

    def append(self, packed: Iterable[Packed]) -> dict[int, Usage]:
        """Like `insert`, of entries that were packed before."""
        usage: dict[int, Usage] = {}
        for segment, used in packed:
            n = self._connection.execute(
                "INSERT INTO segments (first, last, names, ids, body) VALUES (?, ?, ?, ?, ?)",
                (segment.first, segment.last, segment.names, segment.ids, segment.body),
            ).lastrowid
            self._connection.executemany(
                "INSERT INTO segment_resources (resource, first, last, segment) VALUES (?, ?, ?, ?)",
                [(arn, segment.first, segment.last, n) for arn in segment.resources],
            )
            usage |= used
        return usage

    def newest(self, wanted: EventFilter, before: Place | None, limit: int) -> list[tuple[Place, Event]]:
        """Up to `limit` events that pass, newest first, before the place `before`; each with its place."""
        top = min(bound for bound in (wanted.until, before and before[0], 2**62) if bound is not None)
        conditions = [("{s}.last <= ?", top + SPAN), ("{s}.first <= ?", top), *_since("{s}.last >= ?", wanted.since)]
        rows = self._search(wanted, conditions, "last DESC")
        merged = _merged(((-last, events) for _, last, events in rows), sign=-1)
        return list(islice(((place, event) for place, event in merged if before is None or place < before), limit))

    def oldest(self, wanted: EventFilter, after: Place | None) -> list[tuple[Place, Event]]:
        """One page of the events that pass, oldest first, behind the place `after`; each with its place."""
        start = max((bound for bound in (wanted.since, after and after[0]) if bound is not None), default=None)
        conditions = [*_since("{s}.last >= ?", start), *_since("{s}.first >= ?", start, back=SPAN)]
        if wanted.until is not None:
            conditions.append(("{s}.first <= ?", wanted.until))
        rows = self._search(wanted, conditions, "first")
        merged = _merged(((first, events) for first, _, events in rows), sign=1)
        return list(islice(((place, event) for place, event in merged if after is None or place > after), _PAGE))

    def written(self, wanted: EventFilter, after: int) -> tuple[int, list[Event]]:
        """The events that pass of the next segments behind number `after`, as they were written, and the last number.

        The number is `after` when nothing was written since; it is less when the record was cleared meanwhile.
        """
        rows = self._connection.execute(
            "SELECT n, ids, body FROM segments WHERE n > ? ORDER BY n LIMIT ?", (after, _SEGMENTS)
        ).fetchall()
        if not rows:
            return min(after, self.last_segment()), []
        events = (event for n, ids, body in rows for _, event in _events(n, ids, body))
        return rows[-1][0], [event for event in events if _passes(event, wanted)]

    def last_segment(self) -> int:
        """The number of the segment that was written last, 0 before the first."""
        last: int = self._connection.execute("SELECT coalesce(max(n), 0) FROM segments").fetchone()[0]
        return last

    def _search(
        self, wanted: EventFilter, conditions: list[tuple[str, Any]], order: str
    ) -> Iterator[tuple[int, int, list[tuple[Place, Event]]]]:
        """Segments that may hold something: their first and last time, and the events of them that pass."""
        table, source = "s", "segments AS s"
        if wanted.resource is not None:
            table, source = "r", "segment_resources AS r CROSS JOIN segments AS s ON s.n = r.segment"
            conditions = [("r.resource = ?", wanted.resource), *conditions]
        conditions = conditions + list(_summaries(wanted))
        where = " AND ".join(condition.format(s=table) for condition, _ in conditions) or "1"
        rows = self._connection.execute(
            f"SELECT s.first, s.last, s.n, s.ids, s.body FROM {source} WHERE {where} ORDER BY {table}.{order}",  # noqa: S608  all ours
            [value for _, value in conditions],
        )
        for first, last, n, ids, body in rows:
            passing = [(place, event) for place, event in _events(n, ids, body) if _passes(event, wanted)]
            yield first, last, passing


def _since(condition: str, time: int | None, *, back: int = 0) -> list[tuple[str, Any]]:
    return [] if time is None else [(condition, time - back)]


def _summaries(wanted: EventFilter) -> Iterator[tuple[str, Any]]:
    """Conditions that a segment must meet to hold an event of that name or id."""
    equal = wanted.equal or {}
    if "name" in equal:
        yield "instr(s.names, ?)", f"{equal['name']}\n"
    if "event_id" in equal:
        tail = str(equal["event_id"])[-_ID_TAIL:]
        yield "instr(s.ids, ?)", bytes.fromhex(tail) if len(tail) == _ID_TAIL and _is_hex(tail) else b"\0" * 64


def _is_hex(text: str) -> bool:
    return not text.strip("0123456789abcdef")


def _merged(rows: Iterable[tuple[int, list[tuple[Place, Event]]]], *, sign: int) -> Iterator[tuple[Place, Event]]:
    """The events of segments that overlap, in one order.

    Args:
        rows: segments in the order of their beginnings, each with its beginning: no later one begins before.
        sign: 1 for the oldest first, -1 for the newest.
    """
    heap: list[tuple[int, int, Event]] = []
    for begins, events in rows:
        while heap and heap[0][0] < begins:
            yield _placed(heapq.heappop(heap), sign)
        for (time, number), event in events:
            heapq.heappush(heap, (sign * time, sign * number, event))
    while heap:
        yield _placed(heapq.heappop(heap), sign)


def _placed(item: tuple[int, int, Event], sign: int) -> tuple[Place, Event]:
    return (sign * item[0], sign * item[1]), item[2]


def _passes(event: Event, wanted: EventFilter) -> bool:
    return (
        (wanted.account is None or event.account == wanted.account)
        and (wanted.region is None or event.region == wanted.region)
        and (wanted.since is None or event.time >= wanted.since)
        and (wanted.until is None or event.time <= wanted.until)
        and all(attrgetter(name)(event) == value for name, value in (wanted.equal or {}).items())
        and (wanted.resource is None or wanted.resource in event.resources)
        and (wanted.resource_like is None or any(fnmatchcase(arn, wanted.resource_like) for arn in event.resources))
    )


def _events(n: int, ids: bytes, body: bytes) -> Iterator[tuple[Place, Event]]:
    people, rows = unpack(body)
    people = [{**who, "principal": who.get("principal")} for who in people]
    for index, (time, place, port_name, read_only, parameters, response, resources, error, *rest) in enumerate(rows):
        who, (request, *additional) = people[place], rest
        prefix, name = split_name(port_name)
        event = Event(
            time=time,
            event_id=event_id(ids, index),
            request_id=request or request_id(ids, index),
            source=event_source(prefix),
            name=name,
            read_only=read_only,
            user=user_name(who["principal"]),
            parameters=parameters,
            response=response,
            resources=tuple(resources),
            error_code=error and error[0],
            error_message=error and error[1],
            additional=additional[0] if additional else None,
            **who,
        )
        yield (time, n << _INDEX_BITS | index), event


def _usage(ids: bytes, entries: Sequence[Entry]) -> dict[int, Usage]:
    last: dict[int, tuple[int, str]] = {}
    for index, entry in enumerate(entries):
        for key, operation in entry[9]:
            last[key] = index, operation
    return {
        key: Usage(
            operation, entries[index].time, event_id(ids, index), entries[index].request_id or request_id(ids, index)
        )
        for key, (index, operation) in last.items()
    }
