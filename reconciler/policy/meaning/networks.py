"""Whether an address is in one of many networks, without asking each: policies list hundreds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from reconciler.policy.evaluate import Facts
from reconciler.policy.evaluate.operators import RULES
from reconciler.policy.evaluate.text import Matcher
from reconciler.policy.evaluate.values import network

_OPERATOR = "IpAddress"


def within(texts: Iterable[str]) -> Matcher:
    """The operator's own answer for a request's value and networks in CIDR form, all of which can be read.

    Raises, when it is asked:
        Unreadable: the value is no address.
    """
    values = tuple(texts)
    spans = {version: _Spans(values, version) for version in (4, 6)}
    each = [RULES[_OPERATOR].make(value, False).matches for value in values]  # noqa: FBT003  the shape of Make

    def matches(given: str, facts: Facts) -> bool:
        asked = network(given)
        if asked.num_addresses > 1:  # a network may be within two neighbours, and in neither
            return any(one(given, facts) for one in each)
        return spans[asked.version].has(int(asked.network_address))

    return matches


class _Spans:
    """Networks of one version, joined where they overlap."""

    def __init__(self, texts: Iterable[str], version: int) -> None:
        networks = (network(text) for text in texts)
        spans = sorted(
            (int(one.network_address), int(one.broadcast_address)) for one in networks if one.version == version
        )
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in spans:
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def has(self, address: int) -> bool:
        at = bisect_right(self._starts, address) - 1
        return at >= 0 and address <= self._ends[at]
