"""Upgrades, an uninstalled operator, lost definitions: no key is lost by them, and none is made twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.delivery.charts import CHART
from tests.e2e.security.installation import NAMESPACE, VALUES

KEYS = ("first", "second", "third")
CRD = "customresourcedefinitions.apiextensions.k8s.io"


@pytest.fixture
def running(installation) -> Iterator[list[OperatorProcess]]:
    """The operators of a test, all of which end with it; the release goes, too."""
    started: list[OperatorProcess] = []
    yield started
    for process in started:
        process.stop()


@pytest.fixture
def place(cluster, kms, installation, running) -> Iterator[Place]:
    """A namespace with three keys, each with an alias, and an operator that looks after them."""
    installation.install()
    running.append(installation.operator("first"))
    running[0].start()
    made = make_place(cluster, kms, NAMESPACE)
    made.apply(*(key(name, aliases=[name]) for name in KEYS))
    for name in KEYS:
        made.ready("Key", name, within=60)
    yield made
    leave(made)


def ids(place: Place) -> dict[str, str]:
    """The id of each key, by what its object is called."""
    return {name: place.key_id(name) for name in KEYS}


def described(place: Place, key_id: str) -> str:
    """What a key is described as."""
    return str(place.account.describe(key_id)["Description"])


def newer(folder: Path, version: str) -> Path:
    """The chart as a later release has it."""
    chart = folder / version
    shutil.copytree(CHART, chart)
    about: dict[str, Any] = yaml.safe_load((chart / "Chart.yaml").read_text())
    (chart / "Chart.yaml").write_text(yaml.safe_dump({**about, "version": version, "appVersion": version}))
    return chart


def test_an_upgrade_replaces_the_operator_and_no_key(installation, place, running, tmp_path):
    before = ids(place)
    changed = {"operator": {**VALUES["operator"], "driftInterval": "1s", "workers": 2}, "replicas": 3}
    installation.install(changed, chart=newer(tmp_path, "9.9.9"))
    deployment = place.cluster.get("deployment", "kmsctl", namespace=NAMESPACE)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"].endswith(":9.9.9")
    running.append(installation.operator("second"))
    assert running[1].child.environment["KMSCTL_WORKERS"] == "2"
    running[1].start(wait=False)
    eventually(lambda: running[1].metrics() != {}, within=60, what="the new one stands by")
    assert running[0].stop() == 0
    eventually(lambda: running[1].leads, within=30, what="the new one leads")
    place.patch("Key", "first", description="after the upgrade")
    eventually(lambda: described(place, before["first"]) == "after the upgrade", within=60, what="it acts")
    assert ids(place) == before
    assert sorted(place.account.key_ids()) == sorted(before.values())


def test_without_the_operator_all_stays_and_a_new_installation_goes_on_with_it(installation, place, running):
    before, writes = ids(place), place.account.writes()
    definitions = place.cluster.get(CRD, "--selector=app.kubernetes.io/name=kmsctl")["items"]
    installation.uninstall()
    running[0].stop()
    place.delete("Key", "first")
    place.apply(key("second", aliases=["second"], description="changed meanwhile"))
    assert place.find("Key", "first")["metadata"]["deletionTimestamp"]
    assert place.account.writes() == writes
    left = place.cluster.get(CRD, "--selector=app.kubernetes.io/name=kmsctl")["items"]
    assert [each["metadata"]["uid"] for each in left] == [each["metadata"]["uid"] for each in definitions]
    installation.install()
    running.append(installation.operator("second"))
    running[1].start()
    place.gone("Key", "first", within=60)
    eventually(
        lambda: place.account.describe(before["second"])["Description"] == "changed meanwhile",
        within=60,
        what="it acts",
    )
    place.apply(key("first", aliases=["first"]))
    assert ids(place) == before
    assert sorted(place.account.key_ids()) == sorted(before.values())
    assert {place.account.describe(key_id)["KeyState"] for key_id in before.values()} == {"Enabled"}


def test_a_definition_that_is_deleted_takes_objects_away_and_no_key(cluster, installation, place, running):
    before = ids(place)
    place.apply(
        manifest("Grant", "report", keyRef={"name": "first"}, granteePrincipal="role/export", operations=["Decrypt"])
    )
    place.ready("Grant", "report", within=60)
    name = "keys.kms.reconciler.dev"
    cluster.kubectl("delete", "crd", name, "--timeout=60s")
    assert sorted(place.account.key_ids()) == sorted(before.values())
    assert {place.account.describe(key_id)["KeyState"] for key_id in before.values()} == {"Enabled"}
    assert set(place.account.aliases().values()) == set(before.values())
    assert len(place.account.grants(before["first"])) == 1
    eventually(lambda: name in running[0].readiness(), within=60, what="the operator says what it waits for")
    pid = running[0].child.pid
    installation.install(None, "--force-conflicts")
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", name)
    eventually(lambda: running[0].readiness() == "ok", within=60, what="the operator goes on")
    assert running[0].child.check()
    assert running[0].child.pid == pid
    eventually(lambda: place.apply(*(key(each, aliases=[each]) for each in KEYS)) or True, within=30, what="applied")
    for each in KEYS:
        place.ready("Key", each, within=90)
    assert ids(place) == before
    assert sorted(place.account.key_ids()) == sorted(before.values())
