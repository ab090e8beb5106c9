"""What Prometheus is told, read as Prometheus reads it."""

from __future__ import annotations

import re
import typing

import pytest
from prometheus_client.parser import text_string_to_metric_families

from reconciler.controller.health import states
from reconciler.controller.health.events import Deed
from reconciler.controller.health.failures import Failure, FailureKind
from reconciler.controller.health.reasons import EventReason, Reason
from reconciler.controller.metrics import Metrics, Snapshot, metered
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from tests.docs.pages import DOCS, named


def numbers(metrics):
    """Every sample but those of time, by its name and labels."""
    families = text_string_to_metric_families(metrics.text().decode())
    return {
        f"{sample.name}{{{','.join(f'{key}={value}' for key, value in sorted(sample.labels.items()))}}}": sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket"))
    }


@pytest.fixture
def metrics():
    return Metrics()


def a_failure(kind):
    return Failure(kind, Reason.ACCESS_DENIED, "may not", "AccessDeniedException")


@pytest.mark.parametrize(
    ("state", "outcome", "failure"),
    [
        (states.InSync(), "InSync", None),
        (states.Paused(), "Paused", None),
        (states.Failing(a_failure(FailureKind.THROTTLED)), "Failing", "throttled"),
        (states.Stuck(a_failure(FailureKind.DENIED)), "Stuck", "denied"),
        (states.Invalid(()), "Invalid", "invalid"),
        (states.Blocked(Reason.IMMUTABLE_FIELD, "keySpec"), "Blocked", "blocked"),
        (states.Refused(()), "Refused", "refused"),
        (states.Forbidden(Reason.NOT_YOURS, "another's"), "Forbidden", "forbidden"),
        (states.DeletionRefused("in use"), "DeletionRefused", "refused"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_conclusion_is_counted_and_a_failure_by_who_has_to_act(metrics, state, outcome, failure):
    metrics.concluded("Key", state)
    found = numbers(metrics)
    assert found[f"kmsctl_reconcile_total{{kind=Key,outcome={outcome}}}"] == 1
    errors = {name: value for name, value in found.items() if name.startswith("kmsctl_reconcile_errors_total")}
    expected = {f"kmsctl_reconcile_errors_total{{class={failure},kind=Key}}": 1} if failure else {}
    assert errors == expected


def test_drift_that_was_corrected_is_counted_and_nothing_else_that_was_done(metrics):
    deeds = [Deed(EventReason.DRIFT_CORRECTED, "tags"), Deed(EventReason.UPDATED, "policy")]
    metrics.concluded("Key", states.InSync(), deeds)
    assert numbers(metrics)["kmsctl_drift_corrected_total{kind=Key}"] == 1


def test_durations_are_histograms(metrics):
    metrics.reconciled("Key", 0.2)
    metrics.swept("default", 1.5)
    found = numbers(metrics)
    assert found["kmsctl_reconcile_duration_seconds_sum{kind=Key}"] == 0.2
    assert found["kmsctl_sweep_duration_seconds_count{target=default}"] == 1


def test_requests_to_the_api_server_are_counted_by_their_answers(metrics):
    metrics.asked_api("PATCH", 200)
    metrics.asked_api("PATCH", 0)
    found = numbers(metrics)
    assert found["kmsctl_api_requests_total{code=200,verb=PATCH}"] == 1
    assert found["kmsctl_api_requests_total{code=0,verb=PATCH}"] == 1


def test_what_there_is_is_asked_for_each_time(metrics):
    now = Snapshot()
    metrics.show(lambda: now)
    assert numbers(metrics)["kmsctl_leader{}"] == 0
    now = Snapshot(
        objects={("Key", "True"): 3, ("Alias", "False"): 1},
        drifted={"Key": 1, "Alias": 0},
        unsafe={"Key": 2},
        keys={"Enabled": 3},
        queue_depth=2,
        queue_oldest_seconds=1.5,
        sweep_ages={"default": 30.0},
        leader=True,
    )
    found = numbers(metrics)
    assert {name: value for name, value in found.items() if not name.startswith("kmsctl_build")} == {
        "kmsctl_objects{kind=Key,ready=True}": 3,
        "kmsctl_objects{kind=Alias,ready=False}": 1,
        "kmsctl_drift{kind=Key}": 1,
        "kmsctl_drift{kind=Alias}": 0,
        "kmsctl_policy_unsafe{kind=Key}": 2,
        "kmsctl_keys{state=Enabled}": 3,
        "kmsctl_queue_depth{}": 2,
        "kmsctl_queue_oldest_seconds{}": 1.5,
        "kmsctl_sweep_age_seconds{target=default}": 30,
        "kmsctl_leader{}": 1,
    }


@pytest.mark.parametrize(
    ("error", "code", "throttled"),
    [
        (None, "OK", False),
        (KmsError("NotFoundException", "gone"), "NotFoundException", False),
        (KmsError("ThrottlingException", "slow down"), "ThrottlingException", True),
        (AmbiguousOutcome("500", "lost"), "500", False),
        (KmsError("<b>evil code</b>", "x"), "Other", False),
        (KmsctlError("no route"), "KmsctlError", False),
    ],
    ids=["an answer", "an error", "a throttle", "a status", "a code that is none", "no way to ask"],
)
def test_a_call_is_counted_by_how_it_ended(metrics, error, code, throttled):
    def kms(operation, parameters):
        if error is not None:
            raise error
        return {"Keys": []}

    counted = metered(kms, metrics)
    if error is None:
        assert counted("ListKeys", {}) == {"Keys": []}
    else:
        with pytest.raises(type(error)):
            counted("ListKeys", {})
    found = numbers(metrics)
    assert found[f"kmsctl_kms_calls_total{{code={code},operation=ListKeys}}"] == 1
    assert ("kmsctl_kms_throttled_total{operation=ListKeys}" in found) is throttled


def test_whoever_answers_in_kms_place_cannot_make_labels_without_end(metrics):
    for number in range(300):
        metrics.called("ListKeys", f"Made{number}Up")
    calls = {name: value for name, value in numbers(metrics).items() if name.startswith("kmsctl_kms_calls_total")}
    assert len(calls) == 101
    assert calls["kmsctl_kms_calls_total{code=Other,operation=ListKeys}"] == 200


def families(metrics):
    """Name as Prometheus shows it, type and labels of every family, used once each."""
    counted = {"objects": {("Key", "True"): 1}, "drifted": {"Key": 0}, "unsafe": {"Key": 0}, "keys": {"E": 1}}
    metrics.show(lambda: Snapshot(**counted, sweep_ages={"t": 1}))
    metrics.concluded("Key", states.Stuck(a_failure(FailureKind.DENIED)), [Deed(EventReason.DRIFT_CORRECTED, "x")])
    metrics.reconciled("Key", 1)
    metrics.swept("t", 1)
    metrics.called("ListKeys", "ThrottlingException")
    metrics.asked_api("GET", 200)
    for family in metrics.registry.collect():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        yield family.name + ("_total" if family.type == "counter" else ""), family.type, frozenset(labels)


def test_the_page_has_every_metric_with_its_type_and_labels(metrics):
    table = named(DOCS / "operator" / "metrics.md", "metric")
    told = {
        name.strip("`"): (kind, frozenset(re.findall("`([a-z]+)`", labels)))
        for name, (_, kind, labels, _) in table.items()
    }
    assert told == {name: (kind, labels) for name, kind, labels in families(metrics)}


def test_the_page_has_every_outcome_and_every_class():
    page = (DOCS / "operator" / "metrics.md").read_text(encoding="utf-8")
    outcomes = {state.__name__ for state in typing.get_args(states.State)}
    assert {name for name in outcomes if f"`{name}`" not in page} == set()
    assert {kind.value for kind in FailureKind if f"`{kind}`" not in page} == set()


def test_names_follow_the_conventions_of_prometheus(metrics):
    for name, kind, _ in families(metrics):
        assert re.fullmatch("kmsctl_[a-z_]+", name)
        assert (kind == "counter") == name.endswith("_total")
