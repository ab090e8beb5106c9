"""An operator that serves some namespaces: it needs no rights elsewhere and sees nothing of what is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import Place, key
from tests.e2e.security.everything import all_ready, apply_all
from tests.e2e.security.installation import NAMESPACE, Installation
from tests.e2e.security.rules import Rule, roles_of, rules_of

ITS_OWN = {"", NAMESPACE, "default"}
"""Nothing (of what is in no namespace), its own, and the one where events of Targets are."""


@pytest.fixture(scope="module")
def served(cluster, kms, installation) -> Iterator[Place]:
    """A namespace that the operator is to serve. The release is there before, and is upgraded for it."""
    installation.install()
    place = make_place(cluster, kms, NAMESPACE)
    yield place
    leave(place)


@pytest.fixture(scope="module")
def other(cluster, kms, served) -> Iterator[Place]:
    """One that it is not to serve, on a Target that is open to both."""
    place = make_place(cluster, kms, NAMESPACE)
    place.add_target(allowedNamespaces=["*"])
    yield place
    leave(place)


@pytest.fixture(scope="module")
def narrow(installation, served, other) -> Iterator[Installation]:
    """The release that serves one namespace, and its operator."""
    readable = [{"namespace": namespace} for namespace in (NAMESPACE, served.namespace)]
    installation.install({"watchNamespaces": [served.namespace], "secrets": {"namespaced": readable}})
    process = installation.operator("narrow")
    assert process.child.environment["KMSCTL_NAMESPACES"] == served.namespace
    process.start()
    yield installation
    process.stop()


def test_every_kind_works_with_rights_in_that_namespace_alone(narrow, served):
    apply_all(served)
    all_ready(served)
    served.delete("Grant", "report")
    served.gone("Grant", "report", within=60)
    assert narrow.denied() == []


def test_another_namespace_is_not_seen(narrow, served, other):
    other.apply(key("unseen"))
    served.apply(key("seen"))
    served.ready("Key", "seen", within=60)
    asked = {request.namespace for request in narrow.requests() if "/" not in request.resource.partition(".")[0]}
    assert asked <= {*ITS_OWN, served.namespace}
    assert other.status("Key", "unseen").get("conditions") is None
    assert other.account.key_ids() == []


def test_what_is_asked_of_the_whole_cluster_is_about_targets_alone(cluster, narrow, served):
    served.apply(key("asked"))
    served.ready("Key", "asked", within=60)

    def everywhere() -> set[str]:
        ours = (request for request in narrow.requests() if request.resource.endswith(".kms.reconciler.dev"))
        return {request.resource for request in ours if not request.namespace and request.code < 400}

    eventually(lambda: everywhere() == {"targets.kms.reconciler.dev"}, what="only Targets are asked for everywhere")
    (whole,) = (role for role in roles_of(cluster, NAMESPACE) if role["kind"] == "ClusterRole")
    targets = "targets.kms.reconciler.dev"
    assert rules_of(whole) == {
        Rule("list", targets),
        Rule("watch", targets),
        Rule("patch", targets),
        Rule("patch", f"{targets}/status"),
    }
