"""Events of the audit record, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.kit.printable import printable


def event_lines(events: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A line for every event: when, what, how it ended, who, and about what."""
    for event in events:
        outcome = event.get("errorCode", "ok")
        identity = event["userIdentity"]
        caller = identity.get("arn") or identity.get("invokedBy", "")
        resources = ", ".join(resource["ARN"] for resource in event.get("resources") or ())
        cells = (event["eventTime"], f"{event['eventName']:<28}", f"{outcome:<24}", caller, resources)
        yield "  ".join(map(printable, cells)).rstrip() + "\n"
