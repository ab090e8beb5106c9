"""The record is in one order, whatever order it was written in, and is found again whichever way it is searched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.instants import MINUTE, SECOND
from reconciler.engine.store import segments as packing
from reconciler.engine.store.events import EventFilter, Events
from reconciler.engine.store.files import open_database
from reconciler.engine.store.segments import MOST, SPAN, Place, segments
from tests.engine.store.entries import BOB, entry

ANY = EventFilter()


@pytest.fixture
def database(tmp_path):
    opened = open_database(tmp_path, lambda _: None, lambda: 0.0)
    yield opened
    opened.close()


@pytest.fixture
def events(database):
    return Events(database.connection)


def every(page, wanted=ANY):
    """All events, by pages, in the order in which they come."""
    found, place = [], None
    while some := page(wanted, place):
        found += some
        place = some[-1][0]
    return found


def forward(events, wanted=ANY):
    return [event for _, event in every(events.oldest, wanted)]


def backward(events, wanted=ANY, size=3):
    return [event for _, event in every(lambda filter_, place: events.newest(filter_, place, size), wanted)]


times = st.lists(st.lists(st.integers(0, 4 * SPAN), min_size=1, max_size=6), min_size=1, max_size=6)


@settings(deadline=None)  # each example makes a store on the disk
@given(times, st.sampled_from([None, "arn:a", "arn:b"]))
def test_the_record_is_ordered_by_time_however_it_was_written(tmp_path_factory, batches, resource):
    database = open_database(tmp_path_factory.mktemp("record"), lambda _: None, lambda: 0.0)
    events = Events(database.connection)
    written = []
    for batch in batches:
        made = [entry(time, resources=("arn:a",) if time % 2 else ("arn:b", "arn:c")) for time in batch]
        events.insert(made)
        written += [one for one in made if resource is None or resource in one.resources]
    wanted = EventFilter(resource=resource)
    inorder = [event.time for event in forward(events, wanted)]
    assert inorder == sorted(one.time for one in written)
    assert [event.time for event in backward(events, wanted)] == inorder[::-1]
    database.close()


def test_equal_times_are_in_the_order_of_writing(events):
    for name in "abc":
        events.insert([entry(7, name=f"{name}{index}") for index in range(3)])
    names = [f"{name}{index}" for name in "abc" for index in range(3)]
    assert [event.name for event in forward(events)] == names
    assert [event.name for event in backward(events)] == names[::-1]


def test_a_long_record_has_no_gaps_and_nothing_twice_between_pages(events):
    for batch in range(4):
        events.insert([entry(batch + 10 * index) for index in range(700)])
    ids = [event.event_id for event in forward(events)]
    assert len(ids) == len(set(ids)) == 2_800


FILTERS = {
    "account": EventFilter(account="444455556666"),
    "region": EventFilter(region="eu-west-1"),
    "name": EventFilter(equal={"name": "Decrypt"}),
    "user": EventFilter(equal={"user": "bob"}),
    "read only": EventFilter(equal={"read_only": False}),
    "source": EventFilter(equal={"source": "sts.amazonaws.com"}),
    "since": EventFilter(since=3),
    "until": EventFilter(until=1),
    "resource": EventFilter(resource="arn:b"),
    "resource like": EventFilter(resource_like="*:b"),
    "access key": EventFilter(equal={"access_key": "AKIAEXAMPLE"}),
    "name, a part": EventFilter(equal={"name": "crypt"}),
    "an id of nobody": EventFilter(equal={"event_id": "none"}),
    "an id of nobody, in form": EventFilter(equal={"event_id": "00000000-0000-4000-8000-000000000000"}),
}
FOUND = {
    "account": [1, 2],
    "region": [1, 2],
    "name": [2],
    "user": [1, 2],
    "read only": [1],
    "source": [3],
    "since": [3, 4],
    "until": [0, 1],
    "resource": [2],
    "resource like": [2],
    "access key": [0, 3],
    "name, a part": [],
    "an id of nobody": [],
    "an id of nobody, in form": [],
}


@pytest.mark.parametrize("case", FILTERS)
def test_what_is_searched_for_is_found_in_both_directions(events, case):
    events.insert([entry(0), entry(1, "CreateKey", BOB, read_only=False), entry(2, "Decrypt", BOB, ("arn:b",))])
    events.insert([entry(3, "sts:GetCallerIdentity"), entry(4, "RotateKey", Place("777788889999", "us-east-1"))])
    assert [event.time for event in forward(events, FILTERS[case])] == FOUND[case]
    assert [event.time for event in backward(events, FILTERS[case])] == FOUND[case][::-1]


def test_an_event_is_found_by_its_id(events):
    events.insert([entry(time) for time in range(50)])
    ids = [event.event_id for event in forward(events)]
    assert [event.time for event in forward(events, EventFilter(equal={"event_id": ids[31]}))] == [31]


def test_what_the_engine_does_by_itself_has_no_caller(events):
    events.insert([entry(0, "DeleteKey", Place("111122223333", "us-east-1"))])
    (event,) = forward(events)
    assert (event.principal, event.user, event.account) == (None, "AWS Internal", "111122223333")


def test_a_view_may_be_kept_as_it_is_or_as_its_json(events):
    events.insert([entry(0, parameters={"a": ["é"]}), entry(1, parameters='{"a":["é"]}'.encode())])
    assert [event.parameters for event in forward(events)] == [{"a": ["é"]}] * 2


def test_the_request_id_is_the_one_that_the_caller_was_told(events):
    events.insert([entry(0, request_id="told"), entry(1)])
    first, second = forward(events)
    assert first.request_id == "told"
    assert len({second.request_id, second.event_id, first.event_id}) == 3


def test_the_last_use_of_a_key_names_its_event(events):
    usage = events.insert([entry(1, used=((7, "Encrypt"),)), entry(2, used=((7, "Decrypt"), (8, "ReEncrypt")))])
    events_by_time = {event.time: event for event in forward(events)}
    assert {key: (use.operation, use.time) for key, use in usage.items()} == {7: ("Decrypt", 2), 8: ("ReEncrypt", 2)}
    assert usage[7].event_id == events_by_time[2].event_id
    assert usage[7].request_id == events_by_time[2].request_id


def test_nothing_makes_no_segment():
    assert list(segments([])) == []


@given(st.lists(st.integers(0, 3 * SPAN), max_size=40))
def test_no_segment_spans_more_time_than_a_search_looks_aside(times):
    packed = list(segments([entry(time) for time in times]))
    assert all(segment.last - segment.first <= SPAN for segment, _ in packed)
    assert [one.time for _, entries in packed for one in entries] == times
    for segment, entries in packed:
        assert (segment.first, segment.last) == (min(e.time for e in entries), max(e.time for e in entries))


def test_no_segment_has_more_entries_than_can_be_numbered(monkeypatch):
    monkeypatch.setattr(packing, "MOST", 3)
    assert [len(entries) for _, entries in segments([entry(0)] * 8)] == [3, 3, 2]
    assert MOST < 2**16


def test_what_happened_long_before_it_was_written_is_where_it_belongs(events):
    hour = 60 * MINUTE
    events.insert([entry(hour), entry(0), entry(hour + SECOND)])
    events.insert([entry(SECOND)])
    assert [event.time for event in forward(events)] == [0, SECOND, hour, hour + SECOND]
