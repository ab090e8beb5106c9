"""Other people's judges of what a cluster gets: `make judges`. By hand and not in CI, for the first run builds them.

promtool runs the tests of the alerts; Helm 3, which tools still render with, has to make what Helm 4 makes; kube-score
and Checkov may find what docs/operator/security.md gives the reasons for, and no more.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.docs.pages import tables
from tests.e2e.cluster.cache import kept
from tests.e2e.cluster.client_programs import client_programs
from tests.e2e.cluster.tools import CannotRunError, find
from tests.e2e.cluster.tools import run as needed
from tests.e2e.delivery.charts import (
    CHART,
    FOREIGN_OPTIONS,
    OPERATOR,
    OPTIONS,
    RELEASE,
    RenderError,
    run,
    values_file,
)

PROMTOOL = ("github.com/prometheus/prometheus/cmd/promtool", "v0.316.0", "remove_all_sd")
KUBE_SCORE = ("github.com/zegl/kube-score/cmd/kube-score", "v1.20.0", "")
HELM_3 = ("helm.sh/helm/v3/cmd/helm", "v3.22.0", "")
"""Package, version and build tags."""
CHECKOV = "3.3.30"
KUBERNETES = "--kube-version=1.36.0"
"""A Helm that is built from source believes in an old one."""
EVERYTHING: dict[str, Any] = {
    "networkPolicy": {"enabled": True},
    **FOREIGN_OPTIONS["cert-manager"],
    "metrics": {"dashboard": {"enabled": True}, **FOREIGN_OPTIONS["Prometheus operator"]["metrics"]},
}
PAGE = OPERATOR.parent / "docs" / "operator" / "security.md"


def go_program(package: str, version: str, tags: str) -> Path:
    """The program, built once for all runs."""
    go = find("go", Path("/usr/local/go/bin"), needed_for=f"building {package}")
    name = package.rpartition("/")[2]

    def build(folder: Path) -> None:
        environment = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOBIN": str(folder)}
        command = [go, "install", "-trimpath", f"-tags={tags}", "-ldflags=-s -w", f"{package}@{version}"]
        needed(command, cwd=folder, env=environment, doing=f"building {name} {version}")

    return kept(f"{name}-{version}", build) / name


def checkov(framework: str, path: Path) -> set[str]:
    """The ids of its checks that fail."""

    def install(folder: Path) -> None:
        needed([sys.executable, "-m", "venv", folder], cwd=folder, env=os.environ, doing="making a place for Checkov")
        command = [folder / "bin/python", "-m", "pip", "install", "--quiet", f"checkov=={CHECKOV}"]
        needed(command, cwd=folder, env=os.environ, doing="installing Checkov")

    python = kept(f"checkov-{CHECKOV}", install) / "bin/python"
    options = ("--quiet", "--skip-download", "--soft-fail", "--output=json")
    said = run(python, "-m", "checkov.main", f"--file={path}", f"--framework={framework}", *options)
    return {check["check_id"] for check in json.loads(said)["results"]["failed_checks"]}


def kube_score(path: Path) -> set[str]:
    """The ids of its checks that are not passed in full."""
    options = ("--output-format=json", "--exit-one-on-warning=false")
    said = run("sh", "-c", '"$@" || true', "-", go_program(*KUBE_SCORE), "score", *options, path)
    checks = [check for each in json.loads(said) for check in each["checks"] or ()]
    return {check["check"]["id"] for check in checks if not check["skipped"] and check["grade"] < 10}


def alerts(_: Path) -> None:
    """Raises RenderError where an alert does not what its test says."""
    promtool, monitoring = go_program(*PROMTOOL), OPERATOR / "monitoring"
    run(promtool, "check", "rules", "--lint=all", "--lint-fatal", monitoring / "alerts.yaml")
    run(promtool, "test", "rules", monitoring / "alerts.test.yaml")


def both_helms(folder: Path) -> None:
    """Raises AssertionError where Helm 3 makes something else of values than Helm 4."""
    helm = go_program(*HELM_3)
    for name, values in (OPTIONS | FOREIGN_OPTIONS).items():
        file = values_file(folder, values)
        with_certificate = values.get("webhook", {}).get("enabled") and "certificate" not in values["webhook"]
        where = (RELEASE[0], CHART, RELEASE[1], KUBERNETES, "--values", file)
        theirs, ours = (_objects(run(each, "template", *where)) for each in (helm, client_programs().helm))
        assert with_certificate or theirs == ours, f"Helm 3 renders “{name}” otherwise"


def _objects(text: str) -> list[str]:
    """In an order of their own: the two sort kinds that they do not know in different ways."""
    return sorted(json.dumps(each, sort_keys=True) for each in yaml.load_all(text, yaml.CSafeLoader) if each)


def findings(folder: Path) -> None:
    """Raises AssertionError where scanners find more than the page tells, or less."""
    rendered, base = folder / "chart.yaml", folder / "base.yaml"
    base.write_text(run(client_programs().kubectl, "kustomize", OPERATOR / "kustomize" / "base"))
    file = values_file(folder, EVERYTHING)
    rendered.write_text(run(client_programs().helm, "template", RELEASE[0], CHART, RELEASE[1], "--values", file))
    found = {("kube-score", each) for path in (rendered, base) for each in kube_score(path)}
    found |= {("Checkov", each) for each in checkov("kubernetes", rendered)}
    found |= {("Checkov", each) for each in checkov("dockerfile", OPERATOR / "Dockerfile")}
    told = set(_told())
    assert found == told, f"not on the page: {sorted(found - told)}; found no more: {sorted(told - found)}"


def _told() -> Iterator[tuple[str, str]]:
    (table,) = [table for table in tables(PAGE) if table[0][0] == "scanner"]
    for scanner, checks, *_ in table[1:]:
        yield from ((scanner, check.strip("` ")) for check in checks.split(","))


JUDGES: tuple[Callable[[Path], None], ...] = (alerts, both_helms, findings)


def main() -> int:
    """The exit code."""
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for judge in JUDGES:
            try:
                judge(Path(folder))
            except (RenderError, AssertionError, CannotRunError) as error:
                failed = 1
                print(f"{judge.__name__}: {error}", file=sys.stderr)
            else:
                print(f"{judge.__name__}: as expected")
    return failed


if __name__ == "__main__":
    sys.exit(main())
