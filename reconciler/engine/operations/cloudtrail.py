"""cloudtrail:LookupEvents, over the engine's own audit record: the caller's account and Region, newest first.

Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from reconciler.engine.audit.cloudtrail import lookup_entry
from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.instants import to_microseconds
from reconciler.engine.paging import make_marker, read_marker
from reconciler.engine.store.events import EventFilter
from reconciler.kit.arn import alias_arn, key_arn
from reconciler.kit.errors import KmsError

_PAGE: Final = 50
_COLUMNS: Final = {"EventId": "event_id", "EventName": "name", "EventSource": "source", "Username": "user"}


def _lookup_events(call: Call) -> dict[str, Any]:
    wanted = _wanted(call)
    size = call.get("MaxResults", _PAGE)
    token = call.get("NextToken")
    place = read_marker(call.name, token, list, code="InvalidNextTokenException") if token else None
    found = call.store.events.newest(wanted, tuple(place) if place else None, size + 1)
    result: dict[str, Any] = {"Events": [lookup_entry(event) for _, event in found[:size]]}
    if len(found) > size:
        result["NextToken"] = make_marker(call.name, found[size - 1][0])
    return result


def _wanted(call: Call) -> EventFilter:
    attributes = call.get("LookupAttributes", [])
    if len(attributes) > 1:
        raise KmsError("InvalidLookupAttributesException", "You can use only one lookup attribute.")
    start, end = call.get("StartTime"), call.get("EndTime")
    if start and end and start > end:
        raise KmsError("InvalidTimeRangeException", "The start time is after the end time.")
    wanted = EventFilter(
        account=call.caller.account,
        region=call.caller.region,
        since=to_microseconds(start) if start else None,
        until=to_microseconds(end) if end else None,
    )
    for attribute in attributes:
        wanted = _narrowed(call, wanted, attribute["AttributeKey"], attribute["AttributeValue"])
    return wanted


def _narrowed(call: Call, wanted: EventFilter, attribute: str, value: str) -> EventFilter:
    match attribute:
        case "ReadOnly":
            return replace(wanted, equal={"read_only": value.lower() == "true"})
        case "ResourceName":
            return replace(wanted, resource=_arn(call, value))
        case "ResourceType":
            return replace(wanted, resource_like=f"*:{value.removeprefix('AWS::KMS::').lower()}/*")
        case "AccessKeyId":
            return replace(wanted, equal={"access_key": value})
        case _:
            return replace(wanted, equal={_COLUMNS[attribute]: value})


def _arn(call: Call, name: str) -> str:
    """The ARN that a resource name, which may be one, means in the caller's account and Region."""
    caller = call.caller
    if name.startswith("arn:"):
        return name
    make = alias_arn if name.startswith("alias/") else key_arn
    return make(caller.region, caller.account, name, caller.partition)


def _flush(call: Call) -> None:
    call.store.flush()


OPERATIONS = (Operation("cloudtrail:LookupEvents", _lookup_events, Access.READ, keys=(), prepare=_flush),)
