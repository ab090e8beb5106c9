"""The form in which the audit record rests: some calls in a row, packed together.

A row a call would cost a call of the hot path twice what all the rest of it does, and four times the space. So the
calls that waited together are one row: JSON of `[who called, calls]`, their ids, and what is needed to pass over it in
a search. Nothing secret comes here: what a call said is its view (`wire.view`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from reconciler.engine.caller import Caller, Session
from reconciler.engine.ids import uuid_of
from reconciler.engine.instants import MINUTE

MOST: Final = 4_096
"""Calls of a segment."""
SPAN: Final = MINUTE
"""Microseconds between the first and the last of them, at most: it bounds how far a search in time looks aside."""
_ID: Final = 16


class Place(NamedTuple):
    """Where the engine did something by itself."""

    account: str
    region: str


class Entry(NamedTuple):
    """One call, or one thing that the engine did by itself, on its way into the record.

    Some thousand wait in memory: there should be no dictionaries and lists in them for the garbage collector to walk.
    """

    time: int
    """Microseconds since the epoch."""
    who: Caller | Place
    name: str
    """The operation, by the port's name."""
    read_only: bool
    parameters: Any
    """The view of the request, None when there is nothing to show; or JSON of it, which is lighter while it waits."""
    response: Any
    """The view of the response, or JSON of it; mutations only."""
    resources: tuple[str, ...]
    """ARNs that it is about."""
    error: tuple[str, str] | None
    """Code and message."""
    request_id: str | None
    """None when nobody was told one."""
    used: tuple[tuple[int, str], ...]
    """Numbers of the keys that served it, and as what operation."""
    additional: Any = None
    """What CloudTrail calls additionalEventData, or JSON of it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Entries, packed."""

    first: int
    """The earliest time among them."""
    last: int
    """The latest."""
    names: str
    """The operations among them by the port's names, a line each and a line end before the first."""
    resources: frozenset[str]
    ids: bytes
    """Of each entry 16 random bytes for its event id and 16 for its request id."""
    body: bytes


def segments(entries: Sequence[Entry]) -> Iterator[tuple[Segment, Sequence[Entry]]]:
    """`entries` packed, in their order, into as few segments as their times allow; each with its entries."""
    start = 0
    first = last = entries[0].time if entries else 0
    for index, entry in enumerate(entries):
        time = entry[0]
        low, high = min(first, time), max(last, time)
        if high - low > SPAN or index - start == MOST:
            yield _pack(entries[start:index], first, last), entries[start:index]
            start, low, high = index, time, time
        first, last = low, high
    if entries:
        yield _pack(entries[start:], first, last), entries[start:]


def event_id(ids: bytes, index: int) -> str:
    """The id of the event at `index`."""
    return uuid_of(ids[2 * _ID * index : 2 * _ID * index + _ID])


def request_id(ids: bytes, index: int) -> str:
    """The id of its request, when the entry names none."""
    return uuid_of(ids[2 * _ID * index + _ID : 2 * _ID * (index + 1)])


def unpack(body: bytes) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Who called, and the entries: their fields in order, `who` a place in the first list.

    `used` is left out, and so is `additional` of an entry that has none.
    """
    people, rows = orjson.loads(body)
    return people, rows


def _pack(entries: Sequence[Entry], first: int, last: int) -> Segment:
    people: dict[Caller | Place, int] = {}
    places: dict[int, int] = {}
    rows = []
    for entry in entries:
        place = places.get(id(entry[1]))
        if place is None:
            place = places[id(entry[1])] = people.setdefault(entry.who, len(people))
        row = (entry[0], place, entry[2], entry[3], _json(entry[4]), _json(entry[5]), *entry[6:9])
        rows.append(row if entry[10] is None else (*row, _json(entry[10])))
    return Segment(
        first,
        last,
        "".join(f"\n{name}" for name in sorted({entry[2] for entry in entries})) + "\n",
        frozenset(arn for entry in entries for arn in entry[6]),
        os.urandom(2 * _ID * len(entries)),
        orjson.dumps(([_described(who) for who in people], rows)),
    )


def _json(view: Any) -> Any:
    return orjson.Fragment(view) if type(view) is bytes else view


def _described(who: Caller | Place) -> dict[str, Any]:
    """What the record keeps of who called; what is not known is left out."""
    if isinstance(who, Place):
        return {"account": who.account, "region": who.region}
    known = {
        "account": who.account,
        "region": who.region,
        "principal": who.principal,
        "source_ip": who.origin.source_ip,
        "user_agent": who.origin.user_agent,
        "access_key": who.access_key,
        "invoked_by": who.service.service if who.service else None,
        "session": _session(who.session) if who.session else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _session(session: Session) -> dict[str, Any]:
    known = {"issued": session.issued, "mfa": session.mfa is not None, "source_identity": session.source_identity}
    return {name: value for name, value in known.items() if value is not None}
