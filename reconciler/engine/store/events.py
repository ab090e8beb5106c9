"""The audit record's rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any, Final

_FIELDS: Final = (
    "time, account, region, event_id, request_id, source, name, read_only, principal, user, parameters, response, "
    "resource, related, error_code, error_message"
)
_INSERT: Final = f"INSERT INTO events ({_FIELDS}) VALUES ({', '.join('?' * 16)})"  # noqa: S608  the columns are ours
_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Event:
    """One call, or one thing that the engine did by itself. Texts in JSON are made before they come here."""

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
    parameters: str | None
    """JSON text of the request, without secrets."""
    response: str | None
    """JSON text of the response, without secrets; mutations only."""
    resource: str | None
    """ARN of the first resource."""
    related: str | None
    """ARN of the second resource."""
    error_code: str | None
    error_message: str | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What to look for; None means any. Times are inclusive microseconds."""

    account: str | None = None
    region: str | None = None
    since: int | None = None
    until: int | None = None
    equal: Mapping[str, Any] | None = None
    """Columns and the values that they must have."""
    resource: str | None = None
    """An ARN that the event is about."""
    resource_like: str | None = None
    """A GLOB pattern for an ARN that the event is about."""


_ROW: Final = attrgetter(*_FIELDS.split(", "))


class Events:
    """The table `events`. Call inside the database's `reading()` or `writing()`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def insert(self, events: Sequence[Event]) -> None:
        """Append `events`, oldest first."""
        self._connection.executemany(_INSERT, map(_ROW, events))

    def newest(
        self, wanted: EventFilter, before: tuple[int, int] | None, limit: int
    ) -> list[tuple[tuple[int, int], Event]]:
        """Up to `limit` events that pass, newest first, before the place `before`; each with its place."""
        return self._select(wanted, before, limit, comparison="<", direction="DESC")

    def oldest(self, wanted: EventFilter, after: tuple[int, int] | None) -> list[tuple[tuple[int, int], Event]]:
        """One page of the events that pass, oldest first, behind the place `after`; each with its place."""
        return self._select(wanted, after, _PAGE, comparison=">", direction="ASC")

    def _select(
        self, wanted: EventFilter, place: tuple[int, int] | None, limit: int, *, comparison: str, direction: str
    ) -> list[tuple[tuple[int, int], Event]]:
        conditions, arguments = ["1"], list[Any]()
        for condition, values in _conditions(wanted):
            conditions.append(condition)
            arguments += values
        if place is not None:
            conditions.append(f"(time, n) {comparison} (?, ?)")
            arguments += place
        rows = self._connection.execute(
            f"SELECT n, {_FIELDS} FROM events WHERE {' AND '.join(conditions)}"  # noqa: S608  the columns are ours
            f" ORDER BY time {direction}, n {direction} LIMIT ?",
            (*arguments, limit),
        )
        return [((row[1], row[0]), _event(row[1:])) for row in rows]


def _conditions(wanted: EventFilter) -> Iterator[tuple[str, list[Any]]]:
    for column, comparison, value in (
        ("account", "=", wanted.account),
        ("region", "=", wanted.region),
        ("time", ">=", wanted.since),
        ("time", "<=", wanted.until),
    ):
        if value is not None:
            yield f"{column} {comparison} ?", [value]
    for column, value in (wanted.equal or {}).items():
        yield f"{column} = ?", [value]
    if wanted.resource is not None:
        yield "(resource = ? OR related = ?)", [wanted.resource, wanted.resource]
    if wanted.resource_like is not None:
        yield "(resource GLOB ? OR related GLOB ?)", [wanted.resource_like, wanted.resource_like]


def _event(row: tuple[Any, ...]) -> Event:
    return replace(Event(*row), read_only=bool(row[7]))
