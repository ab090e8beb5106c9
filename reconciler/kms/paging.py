"""Lists that come in pages, whichever way their service numbers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kit.errors import KmsctlError
from reconciler.kms.port import Kms

_TOKENS = {
    "": ("Marker", "NextMarker"),
    "tagging": ("PaginationToken", "PaginationToken"),
    "cloudtrail": ("NextToken", "NextToken"),
}
"""By service: what the request calls the place to go on from, and what the answer calls it."""


def pages(kms: Kms, operation: str, parameters: Mapping[str, Any], items: str) -> Iterator[list[dict[str, Any]]]:
    """The entries under `items` of each page, one call a page, made when the page is asked for.

    Raises:
        KmsctlError: the answers break off or go round in circles; half a list is not taken for a whole one.
    """
    asked, answered = _TOKENS[operation.rpartition(":")[0]]
    token, seen = "", set[str]()
    while True:
        answer = kms(operation, {**parameters, asked: token} if token else parameters)
        yield answer.get(items) or []
        following = answer.get(answered) or ""
        if following in seen:
            raise _broken(operation, "two pages name the same next page")
        if answer.get("Truncated") and not following:
            raise _broken(operation, "it says that there are more entries, but not where")
        if not following:
            return
        seen.add(following)
        token = following


def entries(kms: Kms, operation: str, parameters: Mapping[str, Any], items: str) -> Iterator[dict[str, Any]]:
    """Every entry of every page."""
    for page in pages(kms, operation, parameters, items):
        yield from page


def _broken(operation: str, why: str) -> KmsctlError:
    return KmsctlError(
        f"the list that {operation} answers is incomplete",
        why=why,
        fix="try again; if it stays, the endpoint is not a complete KMS",
    )
