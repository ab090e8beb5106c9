"""Pages of lists: Limit, Marker, NextMarker and Truncated.

A marker is opaque to callers. It carries the operation that gave it and the last item's place, so that a page costs the
same however far in it is, and a list that changes meanwhile skips and repeats nothing that stayed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from reconciler.engine.call import Call
from reconciler.engine.errors import invalid
from reconciler.engine.wire.text import is_unicode
from reconciler.kit.errors import KmsError

Place = str | int
T = TypeVar("T")


def paged(
    call: Call,
    fetch: Callable[[Any, int], Sequence[T]],
    place_of: Callable[[T], Place],
    *,
    start: Place,
    default: int = 50,
    most: int = 100,
) -> tuple[list[T], dict[str, Any]]:
    """One page of a list.

    Args:
        call: whose `Limit` and `Marker` say which page.
        fetch: gives up to so many items behind a place, in order.
        place_of: the place of an item.
        start: the place before the first item; markers hold places of its type.
        default: the page size without a Limit.
        most: the largest Limit.

    Returns:
        The items, and the members `Truncated` and `NextMarker` of the response.

    Raises:
        KmsError: InvalidMarkerException; ValidationException for a Limit over `most`.
    """
    limit = call.get("Limit", default)
    if limit > most:
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value less than or equal to {most}"
        )
    marker = call.get("Marker")
    after = start if marker is None else read_marker(call.name, marker, type(start))
    found = list(fetch(after, limit + 1))
    if len(found) <= limit:
        return found, {"Truncated": False}
    return found[:limit], {"NextMarker": make_marker(call.name, place_of(found[limit - 1])), "Truncated": True}


def make_marker(operation: str, place: Place | Sequence[int]) -> str:
    """The opaque text for a place in the operation's list."""
    return base64.urlsafe_b64encode(json.dumps([operation, place]).encode()).decode("ascii")


def read_marker(operation: str, marker: str, kind: type[Any], *, code: str = "InvalidMarkerException") -> Any:
    """The place that `marker` names.

    Raises:
        KmsError: with `code`, when the marker is not one that `operation` gave.
    """
    try:
        content = json.loads(base64.urlsafe_b64decode(marker.encode("ascii")))
    except (ValueError, RecursionError):
        content = None
    match content:
        case [name, place] if name == operation and type(place) is kind and _is_place(place):
            return place
        case _:
            raise KmsError(code, "The marker that you supplied is not valid.")


def _is_place(place: Any) -> bool:
    """Whether the store can look for `place`: text, a number of its own, or a time and a number."""
    match place:
        case str():
            return is_unicode(place)
        case int():
            return 0 <= place < 2**63
        case [int(), int()]:
            return all(map(_is_place, place))
        case _:
            return False
