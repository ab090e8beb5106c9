"""Stay under the account's request quotas, and give way when somebody else uses them up."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsError
from reconciler.kms import codes
from reconciler.kms.port import Kms
from reconciler.kms.quotas import Quotas

DEFAULT_FACTOR = 0.8
"""The share of a quota that one run takes: the account has other callers."""
_RECOVERY = 0.05
"""The share of its full rate that a bucket regains per second after it was halved."""
_LOWEST = 1 / 32
"""The share of its full rate below which a bucket is not halved again."""


class TokenBucket:
    """One quota: `full` requests per second on average and at most `burst` at once. Threads may share it.

    The rate falls by half when a request is throttled and rises again steadily. Requests that were already under way
    at the last halving do not halve it once more: they tell of the same surge.

    Args:
        full: requests per second.
        burst: requests at once.
        clock: time.
        known: whether the quota is known to be there; otherwise it begins with the first request that is throttled.
    """

    def __init__(self, full: float, burst: float, clock: Clock, *, known: bool = True) -> None:
        self._known = known
        self._full = full
        self._burst = burst
        self._clock = clock
        self._rate = full
        self._tokens = burst
        self._at = self._halved_at = clock.monotonic()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Requests per second at this moment."""
        with self._lock:
            self._refill()
            return self._rate

    def take(self) -> float:
        """Wait for one's turn; the instant of it, on the monotonic clock."""
        with self._lock:
            if not self._known:
                return self._clock.monotonic()
            self._refill()
            self._tokens -= 1
            wait = max(0.0, -self._tokens / self._rate)
        if wait:
            self._clock.sleep(wait)
        return self._clock.monotonic()

    def throttled(self, taken_at: float) -> None:
        """The request whose turn was at `taken_at` was refused for its rate."""
        with self._lock:
            self._refill()
            if not self._known:
                self._known = True
                self._tokens = -self._rate  # a second, in which what was too much is forgotten
                self._halved_at = self._at
            elif taken_at >= self._halved_at:
                self._rate = max(self._rate / 2, self._full * _LOWEST)
                self._tokens = min(self._tokens, 0.0)
                self._halved_at = self._at

    def _refill(self) -> None:
        now = self._clock.monotonic()
        elapsed, self._at = now - self._at, now
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._rate = min(self._full, self._rate + elapsed * self._full * _RECOVERY)


class Throttled:
    """A `Kms` that waits before each call until the quota of its operation allows it.

    Args:
        kms: what to call.
        quotas: the account's, see `reconciler.kms.quotas.load_quotas`.
        clock: time, for the waiting.
        factor: the share of each quota to use. A second of full burst and the rate together stay under the quota.
        known: whether these quotas are known to hold there. What only speaks AWS's protocols may have none: then
            nothing waits before the first refusal.
    """

    def __init__(
        self, kms: Kms, quotas: Quotas, *, clock: Clock, factor: float = DEFAULT_FACTOR, known: bool = True
    ) -> None:
        if not 0 < factor <= 1:
            raise ValueError("the factor must be above 0 and at most 1")
        self._kms = kms
        self._quotas = quotas
        self._clock = clock
        self._factor = factor
        self._known = known
        self._buckets: dict[str, TokenBucket] = {}
        self._lock = threading.Lock()

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See `reconciler.kms.port.Kms`."""
        bucket = self.bucket(operation)
        taken_at = bucket.take()
        try:
            return self._kms(operation, parameters)
        except KmsError as error:
            if error.code in codes.THROTTLED:
                bucket.throttled(taken_at)
            raise

    def bucket(self, operation: str) -> TokenBucket:
        """The bucket that `operation` draws from."""
        name = self._quotas.bucket(operation)
        with self._lock:
            if name not in self._buckets:
                quota = self._quotas.rate(name)
                burst = max(1.0, quota * (1 - self._factor))
                self._buckets[name] = TokenBucket(quota * self._factor, burst, self._clock, known=self._known)
            return self._buckets[name]
