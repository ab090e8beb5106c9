"""Condition keys about tags: those of the key, and those of the request.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourcetag
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from reconciler.engine.authz.request import Request, Values, folded


def _of_resource(request: Request) -> Mapping[str, Values]:
    """Tag keys do not count their case in condition keys; two tags that differ by it alone are two values.

    Those of a new key count late, where the KMS is to be as inconsistent as AWS's.
    """
    key, call = request.key, request.call
    delay = call.authority.consistency_delay
    if key is None or (delay and call.now - key.created < delay):  # keys made in one instant are dated one by one
        return {}
    return folded(call.store.tags.all_of(key.n).items())


def _of_request(request: Request) -> Mapping[str, Values]:
    return folded(map(_pair, request.call.get("Tags") or ()))


def _keys(request: Request) -> Values:
    """Of the tags to be put, or of those to be taken away."""
    tags = request.call.get("Tags")
    if tags is not None:
        return tuple(_pair(tag)[0] for tag in tags)
    return tuple(request.call.get("TagKeys") or ())


def _pair(tag: Mapping[str, str]) -> tuple[str, str]:
    """Key and value of a tag, as KMS names them or as STS does."""
    return (tag["TagKey"], tag["TagValue"]) if "TagKey" in tag else (tag["Key"], tag["Value"])


FACTS: Final[Mapping[str, Callable[[Request], Values]]] = {"aws:tagkeys": _keys}
FAMILIES: Final[Mapping[str, Callable[[Request], Mapping[str, Values]]]] = {
    "aws:resourcetag/": _of_resource,
    "aws:requesttag/": _of_request,
}
