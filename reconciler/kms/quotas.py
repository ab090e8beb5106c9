"""The request quotas of an account and Region, from `data/quotas.json`.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html. Quotas can be raised by
support, so every rate can be overridden; the crypto pools also exist in the smaller sizes of 2021. The rates of the
tagging service and of STS are cautious guesses, not figures of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Literal

Profile = Literal["2026", "2021"]


@dataclass(frozen=True, slots=True)
class Quotas:
    """Requests per second, by bucket; operations that share a quota share a bucket."""

    rates: Mapping[str, float]
    otherwise: float
    """For operations that the data does not list: the lowest common quota."""
    pools: Mapping[str, str] = field(default_factory=dict)
    """Operation to the name of its shared bucket."""

    def bucket(self, operation: str) -> str:
        """The name of the bucket that `operation` draws from."""
        return self.pools.get(operation, operation)

    def rate(self, bucket: str) -> float:
        """Requests per second of `bucket`."""
        return self.rates.get(bucket, self.otherwise)

    def overridden(self, rates: Mapping[str, float]) -> Quotas:
        """With other rates for some buckets or operations.

        Raises:
            ValueError: a rate is not above zero.
        """
        if any(rate <= 0 for rate in rates.values()):
            raise ValueError("a request rate must be above zero")
        return replace(self, rates={**self.rates, **rates})


def load_quotas(region: str, profile: Profile | None = None) -> Quotas:
    """AWS's default quotas in `region`; None is the current profile."""
    data = json.loads(files("reconciler.kms").joinpath("data/quotas.json").read_text("utf-8"))
    sizes = data["profiles"][profile or data["current"]]
    symmetric = sizes["symmetric"]
    shared = {"symmetric": symmetric.get(region, symmetric["otherwise"]), "asymmetric": sizes["asymmetric"]}
    pools = {operation: pool for pool, operations in data["pools"].items() for operation in operations}
    return Quotas({**data["operations"], **shared}, data["otherwise"], pools)
