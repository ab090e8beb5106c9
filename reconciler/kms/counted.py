"""Count calls: the number that tells a good plan from a slow one."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from reconciler.kms.port import Kms


class Counted:
    """A `Kms` that counts the calls it passes on, by operation, failed ones too. Threads may share it."""

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See `reconciler.kms.port.Kms`."""
        with self._lock:
            self._calls[operation] += 1
        return self._kms(operation, parameters)

    def calls(self) -> dict[str, int]:
        """How many of each operation until now, sorted by operation."""
        with self._lock:
            return dict(sorted(self._calls.items()))

    @property
    def total(self) -> int:
        """How many calls until now."""
        return sum(self.calls().values())
