"""The operator on a real API server, with the bundled KMS behind its network server.

Everything is on this machine: etcd, the API server, the KMS, the operator and the clients share its cores.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.servers import bundled
from benchmarks.tables import table
from reconciler.controller.cluster.refs import API_VERSION, RESOURCES, path_of
from reconciler.kit.clock import SystemClock
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.controller import rights
from tests.e2e.controller.processes import OperatorProcess

OPERATOR_NAMESPACE = "kmsctl-system"
NAMESPACE = "payments"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "111122223333", "AWS_SECRET_ACCESS_KEY": "x"}
INTERVAL = 60
"""Seconds between checks for drift, where one is measured."""
_CRDS = Path(__file__).parent.parent / "operator" / "crds"
_CLOCK = SystemClock()
_CHANGES = 20
"""Changes of a spec whose time until they are acted on is measured."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A cluster with the operator's rights, and a KMS that it may use."""

    cluster: Cluster
    folder: Path

    def operator(self, **settings: str) -> OperatorProcess:
        """A replica that is not started yet."""
        return OperatorProcess(
            self.cluster,
            OPERATOR_NAMESPACE,
            self.folder,
            settings={**CREDENTIALS, "KMSCTL_LOG_LEVEL": "warning", "KMSCTL_DRIFT_INTERVAL": "1h", **settings},
        )

    def create(self, numbers: range) -> None:
        """Make Key objects, a few at once."""
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda number: self._call("POST", path_of(API_VERSION, "keys", NAMESPACE), key(number)), numbers
                )
            )

    def change(self, number: int, description: str) -> None:
        """Change what one Key is to be."""
        path = path_of(API_VERSION, "keys", NAMESPACE, f"key-{number:05d}")
        self._call("PATCH", path, {"spec": {"description": description}}, "application/merge-patch+json")

    def status(self, number: int) -> Mapping[str, Any]:
        """The status of one Key."""
        found: Mapping[str, Any] = self._call("GET", path_of(API_VERSION, "keys", NAMESPACE, f"key-{number:05d}"))
        return {**found.get("status", {}), "generation": found["metadata"]["generation"]}

    def _call(self, method: str, path: str, body: Any = None, media_type: str = "application/json") -> Any:
        answer = self.cluster.api.call(method, path, body, media_type=media_type)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body}")
        return answer.body


def key(number: int) -> dict[str, Any]:
    """A Key with an alias, a rotation, a policy of roles and a tag."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Key",
        "metadata": {"name": f"key-{number:05d}"},
        "spec": {
            "description": f"key {number}",
            "aliases": [f"alias/bench-{number:05d}"],
            "policy": {"users": ["arn:aws:iam::111122223333:role/app"]},
            "rotation": {"automatic": {"periodDays": 180}},
            "tags": {"team": "payments"},
        },
    }


@contextmanager
def started(*options: str) -> Iterator[Bench]:
    """The cluster and the KMS, with `options` of `kmsctl local serve`."""
    with ExitStack() as ending:
        folder = Path(ending.enter_context(tempfile.TemporaryDirectory()))
        cluster = ending.enter_context(Cluster.start(controllers=False))
        served = ending.enter_context(bundled(folder / "kms", "--auth", "none", *options))
        files = [word for resource in RESOURCES.values() for word in ("-f", str(_CRDS / f"{resource.plural}.yaml"))]
        cluster.kubectl("apply", "--server-side", *files)
        cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        for name in (OPERATOR_NAMESPACE, NAMESPACE):
            cluster.kubectl("create", "namespace", name)
        rights.grant(cluster, OPERATOR_NAMESPACE)
        spec = {"backend": "aws", "region": "us-east-1", "endpointUrl": served.url, "allowedNamespaces": ["*"]}
        cluster.apply({"apiVersion": API_VERSION, "kind": "Target", "metadata": {"name": "default"}, "spec": spec})
        yield Bench(cluster, folder)


def seconds_until_ready(operator: OperatorProcess, count: int, begun: float, limit: float = 1200) -> float:
    """Seconds from `begun` until so many Keys are ready, as the operator's own metrics say."""
    while metric(operator, "kmsctl_objects", kind="Key", ready="True") < count:
        operator.child.check()
        if _CLOCK.monotonic() - begun > limit:
            raise RuntimeError(f"not ready after {limit} s")
        _CLOCK.sleep(0.5)  # a scrape counts every object, which is work for the operator
    return _CLOCK.monotonic() - begun


def metric(operator: OperatorProcess, name: str, **labels: str) -> float:
    """The sum of a metric over all label sets that have `labels`."""
    with urllib.request.urlopen(f"{operator.url}/metrics") as answer:
        text = answer.read().decode()
    total = 0.0
    for line in text.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found[1] == name:
            have = dict(re.findall(r'(\w+)="([^"]*)"', found[2] or ""))
            if labels.items() <= have.items():
                total += float(found[3])
    return total


def resident(operator: OperatorProcess) -> float:
    """Megabytes of memory that the operator holds."""
    status = Path(f"/proc/{operator.child.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def cpu(operator: OperatorProcess) -> float:
    """Seconds of CPU that the operator has taken."""
    fields = Path(f"/proc/{operator.child.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def creation(bench: Bench, count: int) -> list[tuple[str, str]]:
    """`count` Keys from nothing to ready."""
    operator = bench.operator()
    operator.start()
    begun = _CLOCK.monotonic()
    bench.create(range(count))
    made = _CLOCK.monotonic() - begun
    took = seconds_until_ready(operator, count, begun)
    calls = metric(operator, "kmsctl_kms_calls_total")
    used = cpu(operator)
    rows = [
        (f"{count:,} Keys from nothing to ready", f"{took:.1f} s (to create the objects alone: {made:.1f} s)"),
        ("… CPU of the operator, and calls of KMS, a Key", f"{used / count * 1000:.0f} ms, {calls / count:.1f}"),
    ]
    _CLOCK.sleep(5)  # the numbers in statuses follow within three seconds
    operator.stop()
    return rows


def steady(bench: Bench, count: int) -> list[tuple[str, str]]:
    """`count` unchanged Keys: what a check for drift costs, what waiting costs, and how soon a change is acted on."""
    operator = bench.operator(KMSCTL_DRIFT_INTERVAL=f"{INTERVAL}s")
    writes = len([request for request in bench.cluster.requests(operator.user) if request.writes])
    begun = _CLOCK.monotonic()
    operator.start()
    looked = _verified(operator, count, begun)
    restarted = metric(operator, "kmsctl_kms_calls_total")
    idle_from, cpu_from = _CLOCK.monotonic(), cpu(operator)
    _CLOCK.sleep(max(5.0, begun + INTERVAL - 10 - _CLOCK.monotonic()))
    idle = (cpu(operator) - cpu_from) / (_CLOCK.monotonic() - idle_from)
    before = metric(operator, "kmsctl_kms_calls_total")
    reconciled = metric(operator, "kmsctl_reconcile_total", kind="Key")
    while metric(operator, "kmsctl_reconcile_total", kind="Key") < reconciled + count:
        _CLOCK.sleep(0.5)
    checked = metric(operator, "kmsctl_kms_calls_total") - before
    wrote = len([request for request in bench.cluster.requests(operator.user) if request.writes]) - writes
    delays = sorted(_changed(bench, number) for number in range(min(_CHANGES, count)))
    p95 = statistics.quantiles(delays, n=20)[-1]
    rows = [
        (
            f"Restart with {count:,} unchanged Keys: all looked at",
            f"{looked:.1f} s, {restarted / count:.2f} calls a Key",
        ),
        ("A check for drift, calls of KMS a Key", f"{checked / count:.2f}"),
        ("Writes to the API server meanwhile", f"{wrote}"),
        ("CPU between checks", f"{idle * 100:.1f} % of a core"),
        (
            "A changed spec until it is in the KMS and the status, p50 and p95",
            f"{delays[len(delays) // 2]:.2f} s, {p95:.2f} s",
        ),
    ]
    operator.stop()
    return rows


def _verified(operator: OperatorProcess, count: int, begun: float) -> float:
    while metric(operator, "kmsctl_reconcile_total", kind="Key") < count:
        operator.child.check()
        _CLOCK.sleep(0.1)
    return _CLOCK.monotonic() - begun


def _changed(bench: Bench, number: int) -> float:
    before = bench.status(number)
    begun = _CLOCK.monotonic()
    bench.change(number, f"changed at {begun}")
    while True:
        status = bench.status(number)
        if status["generation"] > before["generation"] and status.get("syncedGeneration") == status["generation"]:
            return _CLOCK.monotonic() - begun
        _CLOCK.sleep(0.02)


def restart(bench: Bench, count: int) -> list[tuple[str, str]]:
    """A replica that starts with `count` unchanged Keys."""
    operator = bench.operator()
    begun = _CLOCK.monotonic()
    operator.start()
    serving = _CLOCK.monotonic() - begun
    seconds_until_ready(operator, count, begun)
    known = _CLOCK.monotonic() - begun
    looked = _verified(operator, count, begun)
    mutations = sum(
        metric(operator, "kmsctl_kms_calls_total", operation=name)
        for name in ("CreateKey", "CreateAlias", "TagResource", "PutKeyPolicy", "UpdateKeyDescription")
    )
    rows = [
        (f"Restart with {count:,} Keys: leading, all objects known, all looked at",
         f"{serving:.1f} s, {known:.1f} s, {looked:.1f} s"),
        ("… calls that change the KMS", f"{mutations:.0f}"),
        (f"Memory with {count:,} Keys", f"{resident(operator):.0f} MB"),
    ]  # fmt: skip
    operator.stop()
    return rows


def run(few: int = 1_000, some: int = 3_000, many: int = 5_000, *, quotas: bool = True) -> str:
    """The table; it takes a quarter of an hour and more, so each part is told as it comes."""
    rows: list[tuple[str, str]] = []
    with started() as bench:
        _add(rows, creation(bench, few))
        _add(rows, steady(bench, few))
        for have, count in ((few, some), (some, many)):
            operator = bench.operator()
            operator.start()
            bench.create(range(have, count))
            seconds_until_ready(operator, count, _CLOCK.monotonic())
            operator.stop()
            _add(rows, restart(bench, count))
    if quotas:
        with started("--quotas", "2026") as bench:
            _add(rows, [(f"with AWS's quotas: {what}", found) for what, found in creation(bench, few)[:1]])
    return table("The operator on a real API server", ("", ""), rows)


def _add(rows: list[tuple[str, str]], more: list[tuple[str, str]]) -> None:
    rows += more
    for what, found in more:
        print(f"{what}: {found}", file=sys.stderr, flush=True)
