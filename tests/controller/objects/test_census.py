"""How many objects are how."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.census import Sort
from reconciler.model.identifiers import TargetName
from tests.controller.support.objects import body

CONDITIONS = st.dictionaries(
    st.sampled_from(["Ready", "Drifted", "PolicySafe", "Stalled"]), st.sampled_from(["True", "False", "Unknown"])
)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["Key", "Grant", "ReplicaKey"]),
        st.sampled_from("abc"),
        st.one_of(st.none(), st.tuples(CONDITIONS, st.sampled_from(["", "Enabled", "Disabled"]))),
    ),
    max_size=20,
)


def shown(kind, conditions, state):
    return Sort(
        kind,
        conditions.get("Ready", "Unknown"),
        conditions.get("Drifted") == "True",
        conditions.get("PolicySafe") == "False",
        state if kind != "Grant" else "",
    )


@given(EVENTS)
def test_what_is_counted_as_it_changes_is_what_there_is(events):
    cache, there = Cache(TargetName("default")), {}
    for version, (kind, name, what) in enumerate(events, 1):
        if what is None:
            cache.remove(body(kind, name, resourceVersion=str(version)))
            there.pop((kind, name), None)
            continue
        conditions, state = what
        told = [{"type": which, "status": status} for which, status in conditions.items()]
        cache.put(body(kind, name, resourceVersion=str(version), status={"conditions": told, "state": state}))
        there[kind, name] = shown(kind, conditions, state)
    assert dict(cache.census) == Counter(there.values())
