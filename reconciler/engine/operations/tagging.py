"""tagging:GetResources: keys by their tags.

Source: https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.paging import make_marker, read_marker
from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsError

_KEY_TYPES: Final = frozenset({"kms", "kms:key"})
_PAGE: Final = 100
"""Resources on a page, and the most that a page can have."""


def _get_resources(call: Call) -> dict[str, Any]:
    arns = call.get("ResourceARNList")
    if arns is not None:
        return _named(call, arns)
    types = call.get("ResourceTypeFilters", [])
    if types and not _KEY_TYPES.intersection(types):
        return {"PaginationToken": "", "ResourceTagMappingList": []}
    size = call.get("ResourcesPerPage", _PAGE)
    if not 1 <= size <= _PAGE:
        raise _invalid(f"ResourcesPerPage must be between 1 and {_PAGE}.")
    token = call.get("PaginationToken")
    after = read_marker(call.name, token, int, code="PaginationTokenExpiredException") if token else 0
    place = (call.caller.account, call.caller.region)
    numbers = call.store.tags.keys_with(place, _filters(call), after, size + 1)
    more = len(numbers) > size
    return {
        "PaginationToken": make_marker(call.name, numbers[size - 1]) if more else "",
        "ResourceTagMappingList": [_mapping(call, n) for n in numbers[:size]],
    }


def _named(call: Call, arns: Sequence[str]) -> dict[str, Any]:
    if any(call.get(name) for name in ("TagFilters", "ResourceTypeFilters", "ResourcesPerPage", "PaginationToken")):
        raise _invalid("ResourceARNList cannot be combined with other filters or with pagination.")
    found = []
    for text in dict.fromkeys(arns):
        arn = Arn.parse(text)
        if arn is None:
            raise _invalid(f"{text} is not a valid ARN.")
        if (arn.service, arn.region, arn.account) == ("kms", call.caller.region, call.caller.account):
            key = call.store.keys.find(arn.account, arn.region, arn.resource.removeprefix("key/"))
            mapping = _mapping(call, key.n) if key else None
            if mapping and mapping["Tags"]:
                found.append(mapping)
    return {"PaginationToken": "", "ResourceTagMappingList": found}


def _filters(call: Call) -> list[tuple[str, Sequence[str]]]:
    filters = []
    for chosen in call.get("TagFilters", ()):
        if "Key" not in chosen:
            raise _invalid("A tag filter needs a Key.")
        filters.append((chosen["Key"], chosen.get("Values", ())))
    return filters


def _mapping(call: Call, n: int) -> dict[str, Any]:
    key = call.store.keys.by_number(n)
    tags = call.store.tags.all_of(n)
    return {"ResourceARN": key.arn, "Tags": [{"Key": name, "Value": value} for name, value in tags.items()]}


def _invalid(message: str) -> KmsError:
    return KmsError("InvalidParameterException", message)


OPERATIONS = (Operation("tagging:GetResources", _get_resources, Access.READ, keys=()),)
