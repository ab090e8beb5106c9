"""TagResource, UntagResource, ListResourceTags."""

from __future__ import annotations

from typing import Any

from reconciler.engine.call import Access, Call, Operation
from reconciler.engine.keys.tag_rules import MOST_TAGS, checked_tags, refuse_reserved, tag_error
from reconciler.engine.paging import paged


def _tag_resource(call: Call) -> dict[str, Any]:
    tags = checked_tags(call.get("Tags"))
    if len(call.store.tags.all_of(call.key.n).keys() | tags.keys()) > MOST_TAGS:
        raise tag_error("Too many tags")
    call.store.tags.put(call.key, tags)
    return {}


def _untag_resource(call: Call) -> dict[str, Any]:
    for name in call.get("TagKeys"):
        refuse_reserved(name)
    call.store.tags.remove(call.key, call.get("TagKeys"))
    return {}


def _list_resource_tags(call: Call) -> dict[str, Any]:
    found, page = paged(
        call,
        lambda after, limit: call.store.tags.page(call.key, after, limit),
        lambda tag: tag[0],
        start="",
        most=50,
    )
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in found], **page}


OPERATIONS = (
    Operation("TagResource", _tag_resource, Access.WRITE),
    Operation("UntagResource", _untag_resource, Access.WRITE),
    Operation("ListResourceTags", _list_resource_tags, Access.READ),
)
