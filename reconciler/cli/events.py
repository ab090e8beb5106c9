"""Events of the audit record, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.engine.operations import OPERATIONS
from reconciler.kit.printable import printable

_NAME = max(len(name) for name in OPERATIONS)
_OUTCOME = len("KMSInvalidStateException")
"""Widths of two columns; that of outcomes grows when there is a longer one."""


def event_lines(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for every event: when, what, how it ended, who, and about what."""
    width = _OUTCOME
    for event in events:
        outcome = event.get("errorCode", "ok")
        width = max(width, len(outcome))
        identity = event["userIdentity"]
        caller = identity.get("arn") or identity.get("invokedBy") or identity["accountId"]
        resources = ", ".join(resource["ARN"] for resource in event.get("resources") or ())
        cells = (event["eventTime"], f"{event['eventName']:<{_NAME}}", f"{outcome:<{width}}", caller, resources)
        yield "  ".join(map(printable, cells)).rstrip() + "\n"
