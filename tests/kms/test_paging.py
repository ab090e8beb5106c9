"""Lists in pages, and lists that break off."""

from __future__ import annotations

from typing import Any

import pytest

from reconciler.kit.errors import KmsctlError
from reconciler.kms.paging import entries, pages
from tests.support.faulty import Scripted


def test_pages_are_followed_in_the_words_of_each_service() -> None:
    kms_pages = {None: {"Keys": [1], "NextMarker": "m", "Truncated": True}, "m": {"Keys": [2], "Truncated": False}}
    tag_pages = {None: {"R": [1], "PaginationToken": "t"}, "t": {"R": [], "PaginationToken": ""}}
    event_pages = {None: {"Events": [1], "NextToken": "n"}, "n": {"Events": [2, 3]}}
    kms = Scripted(
        ListKeys=lambda p: kms_pages[p.get("Marker")],
        tagging__GetResources=lambda p: tag_pages[p.get("PaginationToken")],
        cloudtrail__LookupEvents=lambda p: event_pages[p.get("NextToken")],
    )
    assert list(entries(kms, "ListKeys", {"Limit": 1}, "Keys")) == [1, 2]
    assert list(entries(kms, "tagging:GetResources", {}, "R")) == [1]
    assert list(entries(kms, "cloudtrail:LookupEvents", {}, "Events")) == [1, 2, 3]
    assert kms.calls[1] == ("ListKeys", {"Limit": 1, "Marker": "m"})


def test_a_page_is_asked_for_when_it_is_needed() -> None:
    kms = Scripted(ListKeys=lambda p: {"Keys": [1], "NextMarker": p.get("Marker", "") + "m", "Truncated": True})
    assert next(pages(kms, "ListKeys", {}, "Keys")) == [1]
    assert len(kms.calls) == 1


def test_a_list_without_its_entries_is_empty() -> None:
    assert list(entries(Scripted(ListKeys=lambda _: {}), "ListKeys", {}, "Keys")) == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (lambda _: {"Keys": [], "Truncated": True}, "not where"),
        (lambda _: {"Keys": [], "NextMarker": "m"}, "same next page"),
        (lambda p: {"Keys": [], "NextMarker": {"a": "b", "b": "c", "c": "a"}.get(p.get("Marker"), "a")}, "same next"),
    ],
    ids=["no marker", "the same marker again", "markers in a circle"],
)
def test_half_a_list_is_not_taken_for_a_whole_one(answer: Any, why: str) -> None:
    with pytest.raises(KmsctlError, match="incomplete") as caught:
        list(entries(Scripted(ListKeys=answer), "ListKeys", {}, "Keys"))
    assert why in caught.value.why
