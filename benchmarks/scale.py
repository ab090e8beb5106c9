"""Planning and applying many keys on the bundled KMS, through the real command."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import manifests
from benchmarks.calls import count_calls
from benchmarks.processes import BIN, Usage, measure
from benchmarks.tables import table

_KMSCTL = str(BIN / "kmsctl")


def run(sizes: tuple[int, ...] = (1_000, 10_000)) -> str:
    """Apply to an empty KMS, then plan without changes."""
    applied, planned, calls = [], [], []
    for keys in sizes:
        with tempfile.TemporaryDirectory() as folder:
            source = manifests.write(Path(folder) / "manifests", keys)
            home = Path(folder) / "home"
            environment = {"KMSCTL_HOME": str(home)}
            applied.append(measure([_KMSCTL, "apply", "-y", "-f", str(source)], environment=environment))
            plan = [_KMSCTL, "plan", "--detailed-exitcode", "-f", str(source)]
            planned.append(measure(plan, environment=environment))
            calls.append(count_calls(source, home))
    return "\n".join((_apply_table(sizes, applied), _plan_table(sizes, planned, calls)))


def _apply_table(sizes: tuple[int, ...], usages: list[Usage]) -> str:
    rows = [(f"{keys:,}", u.wall, u.cpu, u.peak, u.wall / keys * 1000) for keys, u in zip(sizes, usages, strict=True)]
    return table("Apply of new keys", ("keys", "wall s", "CPU s", "peak MiB", "ms a key"), rows)


def _plan_table(sizes: tuple[int, ...], usages: list[Usage], calls: list[int]) -> str:
    rows = [
        (f"{keys:,}", u.wall, u.cpu, u.peak, count / keys, u.wall / usages[0].wall)
        for keys, u, count in zip(sizes, usages, calls, strict=True)
    ]
    head = ("keys", "wall s", "CPU s", "peak MiB", "calls a key", "wall, to the first row")
    return table("Plan without changes", head, rows)
