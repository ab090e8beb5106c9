"""Alerts and dashboard ask for metrics that there are, in PromQL that can be parsed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import promql_parser
import pytest
import yaml

from reconciler.controller.health.failures import FailureKind
from reconciler.controller.metrics import Metrics, Snapshot
from tests.docs.pages import tables
from tests.operator_delivery.files import DOCS, MONITORING

ALERTS = [
    rule
    for group in yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
CASES = {case["name"]: case for case in yaml.safe_load((MONITORING / "alerts.test.yaml").read_text("utf-8"))["tests"]}
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
PAGE = DOCS / "monitoring.md"
OF_TARGETS = {"cluster", "namespace", "pod"}
"""Labels that Prometheus gives what it scrapes."""


def labels() -> dict[str, set[str]]:
    """The labels of every metric, by its name as PromQL has it."""
    metrics = Metrics()
    metrics.show(Snapshot)
    found = {}
    for family in metrics.registry._collector_to_names:
        for metric in family.describe():
            names = set(getattr(family, "_labelnames", ())) or set(getattr(metric, "_labelnames", ()))
            for suffix in {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(metric.type, [""]):
                found[metric.name + suffix] = names | ({"le"} if suffix == "_bucket" else set())
    return found


METRICS = labels()


def without_variables(expression: str) -> str:
    """A query of the dashboard as Grafana would ask it."""
    return expression.replace("$__rate_interval", "5m").replace("$cluster", ".*").replace("$namespace", ".*")


def queries() -> Iterator[tuple[str, str]]:
    yield from ((rule["alert"], rule["expr"]) for rule in ALERTS)
    for panel in PANELS:
        yield from ((panel["title"], without_variables(target["expr"])) for target in panel["targets"])


QUERIES = list(queries())


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics of a query with the labels that it selects by."""
    for name, matchers in re.findall(r"\b(kmsctl_\w+)(\{[^}]*\})?", expression):
        yield name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))


@pytest.mark.parametrize(("name", "expression"), QUERIES)
def test_every_query_can_be_parsed(name, expression):
    promql_parser.parse(expression)


@pytest.mark.parametrize(("name", "expression"), QUERIES)
def test_every_query_asks_for_metrics_and_labels_that_there_are(name, expression):
    asked = list(selectors(expression))
    assert asked
    allowed = set(OF_TARGETS)
    for metric, chosen in asked:
        assert metric in METRICS
        assert chosen <= METRICS[metric] | OF_TARGETS
        allowed |= METRICS[metric]
    grouped = {label.strip() for listed in re.findall(r"by \(([^)]*)\)", expression) for label in listed.split(",")}
    assert grouped <= allowed


def test_the_dashboard_shows_every_metric():
    shown = {metric for _, expression in queries_of_panels() for metric, _ in selectors(expression)}
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown} == {
        re.sub(r"_(bucket|sum|count)$", "", name) for name in METRICS
    }


def queries_of_panels() -> Iterator[tuple[str, str]]:
    for panel in PANELS:
        yield from ((panel["title"], target["expr"]) for target in panel["targets"])


def test_classes_of_errors_that_alerts_select_are_classes_of_failures():
    chosen = {name for rule in ALERTS for name in re.findall(r'class="(\w+)"', rule["expr"])}
    assert chosen <= {kind.value for kind in FailureKind}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_what_it_means_and_where_to_read_what_to_do(rule):
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    assert rule["annotations"]["runbook"] == f"docs/operator/monitoring.md#{rule['alert'].lower()}"
    assert f"### {rule['alert']}\n" in PAGE.read_text(encoding="utf-8")


def test_every_alert_has_a_case_for_promtool():
    assert list(CASES) == [rule["alert"] for rule in ALERTS]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_sees_its_alert_not_fire_then_fire_and_end(case):
    """`make judges` has promtool evaluate them; here it is held that they are whole."""
    seen = case["alert_rule_test"]
    assert {each["alertname"] for each in seen} == {case["name"]}
    fires = ["exp_alerts" in each for each in seen]
    assert (fires[0], fires[-1], any(fires)) == (False, False, True)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_has_series_that_the_operator_could_tell(case):
    for series in case["input_series"]:
        ((metric, chosen),) = selectors(series["series"])
        assert chosen - OF_TARGETS == METRICS[metric]


def test_annotations_use_labels_that_the_query_keeps():
    for rule in ALERTS:
        kept = {label.strip() for listed in re.findall(r"by \(([^)]*)\)", rule["expr"]) for label in listed.split(",")}
        used = set(re.findall(r"\$labels\.(\w+)", "".join(rule["annotations"].values())))
        assert used <= kept, rule["alert"]


def test_the_page_has_a_row_for_every_alert_with_its_severity():
    (table,) = [table for table in tables(PAGE) if table[0][0] == "alert"]
    rows = {name: severity for row in table[1:] for name, severity in [(row[0].split("]")[0].strip("["), row[1])]}
    assert rows == {rule["alert"]: rule["labels"]["severity"] for rule in ALERTS}


def test_panels_have_numbers_of_their_own_and_do_not_lie_on_each_other():
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    taken = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_every_panel_takes_its_data_from_the_chosen_source():
    sources = {panel["datasource"]["uid"] for panel in PANELS}
    assert sources == {"${datasource}"}
