"""What a stack says of its resources: the answers of DescribeStackResources and ListStackResources, as JSON or YAML.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from reconciler.convert.drafts import Place
from reconciler.convert.places import Node

LISTS: Final = ("StackResources", "StackResourceSummaries")
_GONE: Final = frozenset({"DELETE_COMPLETE", "DELETE_SKIPPED"})


@dataclass(frozen=True, slots=True)
class Stack:
    """The resources of one stack."""

    physical: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Logical id to the type and the physical id."""
    name: str = ""
    place: Place = field(default_factory=Place)


def stack_of(documents: Iterable[Node], template: Node) -> Stack:
    """The stack among `documents` that has most of the resources of `template`, type by type; an empty one for none."""
    types = {name: resource.text("Type") for name, resource in template.get("Resources").children()}
    best = Stack()
    for document in documents:
        stack = _stack(document)
        if _shared(stack, types) > _shared(best, types):
            best = stack
    return best


def _shared(stack: Stack, types: Mapping[str, str]) -> int:
    return sum(types.get(name) == kind for name, (kind, _) in stack.physical.items())


def _stack(document: Node) -> Stack:
    physical = {}
    name, place = "", Place()
    for one in (item for each in LISTS for item in document.get(each).items()):
        if one.text("ResourceStatus") not in _GONE and one.text("PhysicalResourceId"):
            physical[one.text("LogicalResourceId")] = (one.text("ResourceType"), one.text("PhysicalResourceId"))
        name = one.text("StackName") or name
        place = Place.of(one.text("StackId")) if one.text("StackId") else place
    return Stack(physical, name, place)
