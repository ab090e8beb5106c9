"""Objects that are new."""

from __future__ import annotations

from tests.e2e.controller.place import FINALIZER, key


def test_a_key_is_created_with_its_alias_and_shows_what_it_is(place):
    place.apply(key(aliases=["orders"], rotation={"automatic": {"periodDays": 180}}, tags={"team": "shop"}))
    body = place.ready("Key", "orders")
    status = body["status"]
    (key_id,) = place.account.key_ids()
    assert FINALIZER in body["metadata"]["finalizers"]
    assert status["keyId"] == key_id
    assert status["aliases"] == ["alias/orders"]
