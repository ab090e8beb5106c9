"""The statements and grants that decide, in words, with where they are declared. Everything is printable."""

from __future__ import annotations

from typing import assert_never

from reconciler.kit.diagnostics import Position
from reconciler.kit.printable import printable
from reconciler.policy.evaluate import Outcome, Source, Trace
from reconciler.report.access.shown import GrantShown, KeyShown


def position_of(cause: Trace, key: KeyShown) -> Position | None:
    """Where a manifest declares the statement or grant."""
    match cause.source:
        case Source.KEY_POLICY:
            return key.statements.get(cause.index)
        case Source.GRANT:
            return key.grants.get(cause.name, GrantShown("")).position
        case Source.IDENTITY_POLICY | Source.BOUNDARY | Source.SESSION_POLICY:
            return None
        case Source.SERVICE_CONTROL | Source.RESOURCE_CONTROL:
            return None
        case _:
            assert_never(cause.source)


def described(cause: Trace, key: KeyShown) -> str:
    """`statement AllowUse (keys.yaml:12)`, `Grant/uploads (keys.yaml:30)`, `statement 1 of the identity policy x`."""
    if cause.outcome is Outcome.UNPARSABLE:
        return f"{named(cause, key)}: {printable(cause.detail)}"
    place = place_of(position_of(cause, key))
    return f"{named(cause, key)}{f' ({place})' if place else ''}"


def named(cause: Trace, key: KeyShown) -> str:
    """What the statement or grant is called; of a policy that cannot be read, what that is."""
    if cause.outcome is Outcome.UNPARSABLE:
        return f"the {cause.source.value} {printable(cause.name)}".rstrip()
    match cause.source:
        case Source.KEY_POLICY:
            return f"statement {statement(cause)}"
        case Source.GRANT:
            name = key.grants.get(cause.name, GrantShown("")).name
            return printable(name) if name else f"the grant {printable(cause.name)}"
        case Source.IDENTITY_POLICY | Source.BOUNDARY | Source.SESSION_POLICY:
            return _of_policy(cause)
        case Source.SERVICE_CONTROL | Source.RESOURCE_CONTROL:
            return _of_policy(cause)
        case _:
            assert_never(cause.source)


def _of_policy(cause: Trace) -> str:
    return f"statement {statement(cause)} of the {cause.source.value} {printable(cause.name)}".rstrip()


def statement(cause: Trace) -> str:
    """The Sid of a statement; without one its number, from 1."""
    return printable(cause.sid) if cause.sid else str(cause.index + 1)


def place_of(position: Position | None) -> str:
    """`keys.yaml:12`; empty when there is no place."""
    return f"{printable(position.file)}:{position.line}" if position else ""
