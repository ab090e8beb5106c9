"""The manifests of the examples under kubectl, unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLES = [
    ("--filename", "examples/quickstart/keys.yaml"),
    ("--filename", "examples/access"),
    ("--filename", "examples/aws-services"),
    ("--filename", "examples/services"),
    ("--filename", "examples/multi-region"),
    ("--filename", "examples/imported-key"),
    ("--filename", "examples/envelope/keys.yaml"),
    ("--kustomize", "examples/payments/base"),
    ("--kustomize", "examples/payments/overlays/dev"),
    ("--kustomize", "examples/payments/overlays/prod"),
]
TARGETS = ("virginia", "ireland", "sydney", "production")


def test_every_example_with_manifests_is_among_them():
    folders = {file.relative_to(ROOT).parts[1] for file in (ROOT / "examples").rglob("*.yaml")}
    # That for a cluster has its own namespace, and is applied where an operator works: tests/e2e/controller
    assert folders - {"identities", "operator"} == {Path(path).parts[1] for _, path in EXAMPLES}


@pytest.fixture
def no_targets(cluster):
    """Targets belong to no namespace, so those of the examples are deleted by name."""
    yield
    cluster.kubectl("delete", "targets", "--ignore-not-found", *TARGETS)


@pytest.mark.parametrize("way", [["--server-side"], []], ids=["server-side", "client-side"])
@pytest.mark.parametrize(("option", "path"), EXAMPLES, ids=[path for _, path in EXAMPLES])
def test_an_example_is_applied_as_it_is_and_then_differs_in_nothing(cluster, namespace, no_targets, option, path, way):
    where = (f"{option}={ROOT / path}", f"--namespace={namespace}")
    said = cluster.kubectl("apply", *way, *where).stdout
    assert "serverside-applied" in said if way else "created" in said
    assert cluster.kubectl("diff", *way, *where).stdout == ""
    again = cluster.kubectl("apply", *way, *where).stdout
    assert "configured" not in again
    assert "created" not in again
