"""An address in one of many networks: the answer is the operator's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.policy.evaluate.operators import RULES
from reconciler.policy.evaluate.text import Unreadable
from reconciler.policy.meaning.networks import within

FOUR = st.builds(
    lambda octets, bits: f"10.0.{octets[0]}.{octets[1]}/{bits}",
    st.tuples(st.integers(0, 3), st.integers(0, 255)),
    st.integers(20, 32),
)
SIX = st.builds(lambda part, bits: f"2001:db8::{part:x}/{bits}", st.integers(0, 255), st.integers(120, 128))
NETWORKS = st.lists(FOUR | SIX, min_size=1, max_size=12)
ASKED = FOUR | SIX | st.builds(lambda text: text.partition("/")[0], FOUR | SIX)


@given(NETWORKS, ASKED)
def test_it_is_in_one_of_them_as_the_operator_says(networks, asked):
    each = [RULES["IpAddress"].make(text, False).matches for text in networks]
    assert within(networks)(asked, {}) is any(one(asked, {}) for one in each)


def test_a_network_that_two_neighbours_have_together_is_in_neither():
    halves = within(["10.0.0.0/25", "10.0.0.128/25"])
    assert [halves(text, {}) for text in ("10.0.0.0/24", "10.0.0.128/26", "10.0.0.200")] == [False, True, True]


def test_what_is_no_address_cannot_be_read():
    with pytest.raises(Unreadable):
        within(["10.0.0.0/8"])("something", {})
