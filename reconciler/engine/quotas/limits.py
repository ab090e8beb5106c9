"""The quotas of an account in a Region: AWS's default values, and those that were raised since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from reconciler.engine.quotas.charges import pair_quota
from reconciler.kit.errors import KmsctlError
from reconciler.kit.quotas import Quota, QuotaData

REQUESTS: Final = "requests/s"
MOST: Final = 1_000_000_000
"""No quota is higher: whoever needs more needs none."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A quota of an account in a Region."""

    name: str
    unit: str
    """`requests/s`, or what is counted."""
    value: float
    default: float
    adjustable: bool


def limits(data: QuotaData, region: str, raised: Mapping[str, float]) -> list[Limit]:
    """All quotas, those of requests first, by name."""
    units = dict.fromkeys(request_quotas(data, region), REQUESTS)
    every = {**request_quotas(data, region), **data.resources}
    return [
        Limit(name, units.get(name, "at most"), raised.get(name, quota.value), quota.value, quota.adjustable)
        for name, quota in sorted(every.items(), key=lambda item: (item[0] not in units, item[0].lower()))
    ]


def request_quotas(data: QuotaData, region: str) -> dict[str, Quota]:
    """The quotas of requests by name: operations, pools, `GenerateDataKeyPair:SPEC`, and types of custom key stores."""
    return dict(_request_quotas(data, region))


def rate_of(data: QuotaData, region: str, name: str) -> float:
    """The default rate of one quota of requests; what is not listed has the lowest common one."""
    if name in data.pools:
        return data.pools[name].rate(region)
    store = data.custom_key_stores.get(name)
    if store is not None:
        return store.value
    kind, _, spec = name.partition(":")
    if kind == "GenerateDataKeyPair":
        return data.data_key_pairs.get(spec, data.otherwise)
    return data.operations.get(name, data.otherwise)


def _request_quotas(data: QuotaData, region: str) -> Iterator[tuple[str, Quota]]:
    for name, rate in data.operations.items():
        yield name, Quota(rate, adjustable=True)
    for name, pool in data.pools.items():
        yield name, Quota(pool.rate(region), adjustable=True)
    for spec, rate in data.data_key_pairs.items():
        yield pair_quota(spec), Quota(rate, adjustable=True)
    yield from data.custom_key_stores.items()


def check_limit(known: Sequence[Limit], name: str, value: float) -> None:
    """See that the quota `name` can be given `value`.

    Raises:
        KmsctlError: there is no such quota, AWS does not adjust it, or the value is none.
    """
    found = next((limit for limit in known if limit.name == name), None)
    if found is None:
        near = get_close_matches(name, [limit.name for limit in known], n=1)
        raise KmsctlError(
            f"there is no quota called {name!r:.100}",
            fix=f"did you mean {near[0]}?" if near else "see their names with `kmsctl local quota list`",
        )
    if not found.adjustable:
        raise KmsctlError(f"the quota {name} cannot be changed", why="AWS adjusts it for nobody")
    if not 0 < value <= MOST:
        raise KmsctlError(f"a quota cannot be {value:g}", fix=f"give a number above 0 and up to {MOST:,}")
    if found.unit != REQUESTS and value != int(value):
        raise KmsctlError(f"the quota {name} cannot be {value:g}", why="it counts whole things")
