"""How much a law is tried: the same little in every run of the tests, and much in `make soak`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

SOAK = int(os.environ.get("KMSCTL_SOAK", "0"))
"""How many times as much as usual, with other examples in every run; 0 for the usual."""
SEED = int(os.environ.get("KMSCTL_SOAK_SEED", "0"))
"""What the examples depend on that Hypothesis does not choose."""


def effort(examples, **more):
    """Settings of Hypothesis for so many examples."""
    return settings(
        max_examples=examples * (SOAK or 1),
        derandomize=not SOAK,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        **more,
    )
