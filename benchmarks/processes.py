"""Real processes, measured by the kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
"""Where kmsctl and its neighbours are installed."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, children that it waited for included."""
    peak: float
    """MiB of resident memory at most."""


def measure(command: Sequence[str], *, environment: Mapping[str, str] | None = None, wanted: int = 0) -> Usage:
    """Run `command` to its end.

    Raises:
        RuntimeError: it ended with another exit code than `wanted`; with what it printed.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}, text=True
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != wanted:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{printed[-2000:]}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def best_of(times: int, command: Sequence[str]) -> float:
    """The least wall seconds of `times` runs: what the machine can do when nothing disturbs it."""
    return min(measure(command).wall for _ in range(times))
