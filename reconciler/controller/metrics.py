"""What Prometheus is told. One registry of our own; no object's name in any label.

What happens is counted where it happens. What there is (objects, keys, the queue) is asked for when Prometheus asks,
so that it is never old; objects are counted as they change (`objects.census`), so that asking costs nothing.
"""

from __future__ import annotations

import platform
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from reconciler import __version__
from reconciler.controller.health.reasons import EventReason
from reconciler.controller.health.states import (
    Blocked,
    DeletionRefused,
    Failing,
    Forbidden,
    Invalid,
    Refused,
    State,
    Stuck,
)
from reconciler.kit.errors import KmsError
from reconciler.kms import codes

if TYPE_CHECKING:
    from reconciler.controller.health.events import Deed
    from reconciler.kms.port import Kms

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""Of `Metrics.text`."""
_SECONDS: Final = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_SHAPED_LIKE_A_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,79}|[0-9]{3}")
_MOST_CODES: Final = 100
"""Different error codes in labels; whoever answers in KMS's place could send any."""
_OTHER: Final = "Other"
_OK: Final = "OK"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there is at one moment."""

    objects: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """How many objects, by kind and the status of `Ready` (`True`, `False`, `Unknown`)."""
    drifted: Mapping[str, int] = field(default_factory=dict)
    """How many objects are `Drifted`, by kind; kinds without any are 0."""
    unsafe: Mapping[str, int] = field(default_factory=dict)
    """How many objects are not `PolicySafe`, by kind; of those that have that condition, kinds without any are 0."""
    keys: Mapping[str, int] = field(default_factory=dict)
    """How many keys and replica keys, by KMS's key state."""
    queue_depth: int = 0
    """Objects that are due and not yet taken."""
    queue_oldest_seconds: float = 0.0
    """For how long the one that waits longest has been due."""
    sweep_ages: Mapping[str, float] = field(default_factory=dict)
    """Seconds since each target was last swept with success."""
    leader: bool = False


class Metrics:
    """The numbers of one process. Threads may share it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        make: dict[str, Any] = {"registry": self.registry}
        self._total = Counter(
            "kmsctl_reconcile", "Reconciliations, by what they concluded.", ["kind", "outcome"], **make
        )
        self._seconds = Histogram(
            "kmsctl_reconcile_duration_seconds",
            "Seconds that the work on an object's batch took.",
            ["kind"],
            buckets=_SECONDS,
            **make,
        )
        self._errors = Counter(
            "kmsctl_reconcile_errors", "Reconciliations that failed, by who has to act.", ["kind", "class"], **make
        )
        self._corrected = Counter("kmsctl_drift_corrected", "Drift that was corrected.", ["kind"], **make)
        self._calls = Counter(
            "kmsctl_kms_calls",
            "Calls to KMS, STS and tagging, by operation and error code.",
            ["operation", "code"],
            **make,
        )
        self._throttled = Counter(
            "kmsctl_kms_throttled", "Calls that were refused for their rate.", ["operation"], **make
        )
        self._sweeps = Histogram(
            "kmsctl_sweep_duration_seconds", "Seconds that reading a target took.", ["target"], buckets=_SECONDS, **make
        )
        self._requests = Counter(
            "kmsctl_api_requests", "Requests to the Kubernetes API; code 0 had no answer.", ["verb", "code"], **make
        )
        build = Gauge("kmsctl_build_info", "Always 1; labels say what runs.", ["version", "python"], **make)
        build.labels(__version__, platform.python_version()).set(1)
        self._codes: set[str] = set()
        self._lock = threading.Lock()

    def show(self, snapshot: Callable[[], Snapshot]) -> None:
        """Take what there is from `snapshot`, each time Prometheus asks. Once a process."""
        self.registry.register(_WhatThereIs(snapshot))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)

    def reconciled(self, kind: str, seconds: float) -> None:
        """The work on an object of `kind` took `seconds`."""
        self._seconds.labels(kind).observe(seconds)

    def concluded(self, kind: str, state: State, deeds: Sequence[Deed] = ()) -> None:
        """A reconciliation ended in `state`, having done `deeds`."""
        self._total.labels(kind, type(state).__name__).inc()
        failure = _class_of(state)
        if failure:
            self._errors.labels(kind, failure).inc()
        for deed in deeds:
            if deed.reason is EventReason.DRIFT_CORRECTED:
                self._corrected.labels(kind).inc()

    def swept(self, target: str, seconds: float) -> None:
        """Reading `target` whole took `seconds`."""
        self._sweeps.labels(target).observe(seconds)

    def asked_api(self, verb: str, status: int) -> None:
        """The Kubernetes API answered; `cluster.client.Observe`."""
        self._requests.labels(verb, str(status)).inc()

    def called(self, operation: str, code: str = "") -> None:
        """A KMS was called and answered; `code` is that of the error, if it was one."""
        self._calls.labels(operation, self._bounded(code) if code else _OK).inc()
        if code in codes.THROTTLED:
            self._throttled.labels(operation).inc()

    def _bounded(self, code: str) -> str:
        """`code` as a label: what answers in KMS's place must not make labels without end."""
        with self._lock:
            if code not in self._codes and len(self._codes) < _MOST_CODES and _SHAPED_LIKE_A_CODE.fullmatch(code):
                self._codes.add(code)
            return code if code in self._codes else _OTHER


class _Metered:
    def __init__(self, kms: Kms, metrics: Metrics) -> None:
        self._kms = kms
        self._metrics = metrics

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """See `reconciler.kms.port.Kms`."""
        try:
            answer = self._kms(operation, parameters)
        except KmsError as error:
            self._metrics.called(operation, error.code)
            raise
        except Exception as error:
            self._metrics.called(operation, type(error).__name__)
            raise
        self._metrics.called(operation)
        return answer


def metered(kms: Kms, metrics: Metrics) -> Kms:
    """`kms` with its calls counted. Put it inside of what tries again, so that every attempt counts."""
    return _Metered(kms, metrics)


def _class_of(state: State) -> str:
    """Who has to act, as a failure's kind or the name of what stands in the way; empty when nothing failed."""
    match state:
        case Failing(failure) | Stuck(failure):
            return failure.kind.value
        case Invalid() | Blocked() | Refused() | Forbidden():
            return type(state).__name__.lower()
        case DeletionRefused():
            return "refused"
        case _:
            return ""


class _WhatThereIs(Collector):
    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self._snapshot = snapshot

    def describe(self) -> Iterator[Metric]:
        """The names alone: the operator may not be ready to count when this is registered."""
        return _families(Snapshot())

    def collect(self) -> Iterator[Metric]:
        return _families(self._snapshot())


def _families(now: Snapshot) -> Iterator[Metric]:
    by_kind = {(kind,): count for kind, count in now.drifted.items()}
    unsafe = {(kind,): count for kind, count in now.unsafe.items()}
    by_state = {(state,): count for state, count in now.keys.items()}
    by_target = {(target,): age for target, age in now.sweep_ages.items()}
    yield _gauge("kmsctl_objects", "Objects, by kind and readiness.", ("kind", "ready"), now.objects)
    yield _gauge("kmsctl_drift", "Objects that are not as declared.", ("kind",), by_kind)
    yield _gauge("kmsctl_policy_unsafe", "Objects in which lint finds errors.", ("kind",), unsafe)
    yield _gauge("kmsctl_keys", "Keys, by KMS's key state.", ("state",), by_state)
    yield _gauge("kmsctl_sweep_age_seconds", "Seconds since the target was last read.", ("target",), by_target)
    yield _gauge("kmsctl_queue_depth", "Objects that are due.", (), {(): now.queue_depth})
    yield _gauge("kmsctl_queue_oldest_seconds", "How long one is due at most.", (), {(): now.queue_oldest_seconds})
    yield _gauge("kmsctl_leader", "1 on the replica that reconciles.", (), {(): int(now.leader)})


def _gauge(name: str, about: str, labels: Sequence[str], values: Mapping[Any, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for label_values, value in sorted(values.items()):
        family.add_metric(label_values, value)
    return family
