"""Elements whose value is one string or a list of strings: the same thing written in two ways."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.policy.faults import FaultList, Location, json_type


def read_items(value: object, location: Location, faults: FaultList) -> Iterator[tuple[Location, object]]:
    """The items of `value`, a scalar or a list, each with its place; an empty list is a fault.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html (arrays take one or more
    values, and brackets around one value are optional).
    """
    if not isinstance(value, list | tuple):
        yield location, value
        return
    if not value:
        faults.add(location, "the list is empty", "name at least one value, or leave the element out")
    for index, item in enumerate(value):
        yield (*location, index), item


def read_strings(value: object, location: Location, faults: FaultList) -> Iterator[tuple[Location, str]]:
    """The strings of `value`, a string or a list of strings, each with its place; others and empty ones are faults."""
    for position, item in read_items(value, location, faults):
        if isinstance(item, str) and item:
            yield position, item
        else:
            found = "an empty string" if isinstance(item, str) else json_type(item)
            faults.add(position, f"expected a string, found {found}", "write a string, or a list of strings")
