"""A cluster for the chart alone: it installs definitions, which belong to the whole cluster and to one release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cluster.cluster import Cluster
from tests.e2e.delivery.charts import CHART, TARGET, values_file

PLACE = "kmsctl-system"
VALUES = {"webhook": {"enabled": True}, "defaultTarget": {"create": True, "spec": TARGET}}


class Release:
    """The chart in a cluster."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster = cluster
        self._folder = folder

    def install(self, values=VALUES, *options: str) -> None:
        """Install it, or upgrade it to `values`."""
        file = values_file(self._folder, values)
        where = ("kmsctl", CHART, f"--namespace={PLACE}", "--create-namespace")
        self.cluster.helm("upgrade", "--install", *where, "--values", file, *options)

    def uninstall(self) -> None:
        """Uninstall it, if it is installed."""
        self.cluster.helm("uninstall", "kmsctl", f"--namespace={PLACE}", "--ignore-not-found")

    def can(self, verb: str, resource: str, *, namespace: str = "", name: str = "", user: str = "") -> bool:
        """Whether the operator, or `user`, may; `resource` is such as `keys/status.kms.reconciler.dev`."""
        plural, _, group = resource.partition(".")
        plural, _, subresource = plural.partition("/")
        what = {"verb": verb, "resource": plural, "group": group, "subresource": subresource}
        who = user or f"system:serviceaccount:{PLACE}:kmsctl"
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": who, "resourceAttributes": {**what, "namespace": namespace, "name": name}},
        }
        answer = self.cluster.api.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
        assert answer.status == 201, answer.body
        return bool(answer.body["status"]["allowed"])


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """In place of the cluster of the other tests."""
    with Cluster.start() as running:
        for name in ("payments", "orders"):
            running.kubectl("create", "namespace", name)
        yield running


@pytest.fixture(scope="module")
def release(cluster: Cluster, tmp_path_factory) -> Iterator[Release]:
    """The chart, not installed yet; gone after the tests of the module. A test that changes it puts it back."""
    release = Release(cluster, tmp_path_factory.mktemp("release"))
    yield release
    release.uninstall()
