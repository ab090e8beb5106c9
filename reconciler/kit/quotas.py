"""AWS's default quotas for KMS, as data: what clients stay under, and what the bundled KMS can enforce.

The profiles are files in `data/`, each with its source and date. Rates are requests per second for an account in a
Region; 0.5 is one request in two seconds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

Profile = Literal["2026", "2021"]
CURRENT: Final[Profile] = "2026"
PROFILES: Final[tuple[Profile, ...]] = ("2026", "2021")


@dataclass(frozen=True, slots=True)
class Pool:
    """A quota that cryptographic operations with keys of one type share."""

    rates: Mapping[str, float]
    """By Region; `otherwise` is for the rest."""
    operations: frozenset[str]

    def rate(self, region: str) -> float:
        """Requests per second in `region`."""
        return self.rates.get(region, self.rates["otherwise"])


@dataclass(frozen=True, slots=True)
class Quota:
    """A value, and whether AWS raises it on request."""

    value: float
    adjustable: bool


@dataclass(frozen=True, slots=True)
class QuotaData:
    """One profile."""

    date: str
    source: str
    operations: Mapping[str, float]
    """Rates of operations that share no pool, by the port's names."""
    otherwise: float
    """The lowest common rate, for operations that are not listed."""
    guesses: Mapping[str, float]
    """Rates that no page of AWS's gives."""
    pools: Mapping[str, Pool]
    cryptographic: frozenset[str]
    """The operations that count against pools."""
    data_key_pairs: Mapping[str, float]
    """Rates of GenerateDataKeyPair and its variant, by the spec of the pair."""
    custom_key_stores: Mapping[str, Quota]
    """Rates of one store, by its type."""
    weights: Mapping[str, int]
    """What a request takes of the quota of a custom key store, when it is not 1."""
    resources: Mapping[str, Quota]
    """How many there may be."""


@cache
def load(profile: Profile = CURRENT) -> QuotaData:
    """The profile, read once."""
    data: Any = json.loads(files("reconciler.kit").joinpath(f"data/quotas-{profile}.json").read_text("utf-8"))
    stores = dict(data["customKeyStores"])
    weights = stores.pop("weights")
    pools = {name: Pool(pool["rates"], frozenset(pool["operations"])) for name, pool in data["pools"].items()}
    return QuotaData(
        date=data["date"],
        source=data["source"],
        operations=MappingProxyType(data["operations"]),
        otherwise=data["otherwise"],
        guesses=MappingProxyType(data["guesses"]),
        pools=pools,
        cryptographic=frozenset(operation for pool in pools.values() for operation in pool.operations),
        data_key_pairs=MappingProxyType(data["dataKeyPairs"]),
        custom_key_stores=_quotas(stores),
        weights=MappingProxyType(weights),
        resources=_quotas(data["resources"]),
    )


def _quotas(data: Mapping[str, Any]) -> Mapping[str, Quota]:
    return {name: Quota(quota["value"], quota["adjustable"]) for name, quota in data.items()}
