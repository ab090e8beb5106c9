"""The request quotas of an account and Region, as a client sees them, from `reconciler.kit.quotas`.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html. A client does not know the
types of the keys that it uses, so that all asymmetric operations count against the smallest of their quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kit.quotas import CURRENT, Profile, load


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


def load_quotas(region: str, profile: Profile | None = None) -> Quotas:
    """AWS's default quotas in `region`; None is the current profile."""
    data = load(profile or CURRENT)
    symmetric = data.pools["symmetric"]
    others = [pool for pool in data.pools.values() if pool is not symmetric]
    shared = {"symmetric": symmetric.rate(region), "asymmetric": min(pool.rate(region) for pool in others)}
    pools = {operation: "asymmetric" for pool in others for operation in pool.operations}
    pools |= dict.fromkeys(symmetric.operations, "symmetric")
    return Quotas({**data.operations, **data.guesses, **shared}, data.otherwise, pools)
