"""The webhook as the chart configures it, with the operator's process behind its Service."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import Body, Place, key, manifest
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.security.installation import NAMESPACE

FAULTY = key("faulty", policy={"users": ["payments"]})
"""A user that no principal is: the definition cannot see that, the webhook does."""
VALUES = {"webhook": {"enabled": True}}


@pytest.fixture(scope="module")
def operator(cluster, installation) -> Iterator[OperatorProcess]:
    """The operator of a release with the webhook, at the address of its Service, with its Secret mounted."""
    installation.install(VALUES)
    address = cluster.get("service", "kmsctl-webhook", namespace=NAMESPACE)["spec"]["clusterIP"]
    assert installation.settings()["KMSCTL_WEBHOOK_CERT_DIR"] == "/etc/kmsctl/webhook"
    mount = str(installation.mount_certificate())
    process = installation.operator(
        "webhook", {"KMSCTL_WEBHOOK_LISTEN": f"{address}:443", "KMSCTL_WEBHOOK_CERT_DIR": mount}
    )
    yield process
    process.stop()


@pytest.fixture
def serving(operator) -> OperatorProcess:
    """It runs."""
    if not operator.child.runs:
        operator.start()
    return operator


@pytest.fixture
def place(cluster, kms, serving) -> Iterator[Place]:
    made = make_place(cluster, kms, NAMESPACE)
    eventually(lambda: refused(made), within=60, what="the webhook is asked")
    yield made
    leave(made)


def applied(place: Place, body: Body) -> subprocess.CompletedProcess[str]:
    """What kubectl says to `kubectl apply` of an object."""
    return place.cluster.kubectl("apply", "--filename=-", input=json.dumps(place.placed(body)), check=False)


def refused(place: Place) -> bool:
    return applied(place, FAULTY).returncode != 0


def test_a_refusal_names_the_field_and_what_to_do(place):
    done = applied(place, FAULTY)
    assert done.returncode == 1
    assert 'The Key "faulty" is invalid: spec.policy.users[0]: ' in done.stderr
    assert "use an ARN" in done.stderr


def test_what_will_wait_is_taken_with_a_warning(place):
    done = applied(place, manifest("Alias", "early", name="early", keyRef={"name": "later"}))
    assert done.returncode == 0
    assert "Warning: Alias/early: there is no Key later yet" in done.stderr


def test_the_operator_works_through_its_own_webhook_and_is_denied_nothing(installation, place):
    place.apply(key(aliases=["hooked"]))
    place.ready("Key", "orders", within=60)
    place.delete("Key", "orders")
    place.gone("Key", "orders", within=60)
    assert installation.denied() == []


def test_while_no_replica_answers_objects_can_be_made_and_deleted(place, operator):
    operator.stop()
    assert applied(place, FAULTY).returncode == 0
    body = manifest("Alias", "unheard", name="unheard", keyRef={"name": "later"})
    assert applied(place, body).returncode == 0
    place.delete("Alias", "unheard")
    place.gone("Alias", "unheard")
    operator.start()
    place.wait("Key", "faulty", reason="Invalid", within=60)
    place.delete("Key", "faulty")
    place.gone("Key", "faulty", within=60)


def test_a_certificate_that_is_renewed_as_documented_is_served_by_the_running_process(cluster, installation, place):
    before = cluster.get("validatingwebhookconfiguration")["items"][0]["webhooks"][0]["clientConfig"]["caBundle"]
    cluster.kubectl("delete", "secret", "kmsctl-webhook", f"--namespace={NAMESPACE}")
    installation.install(VALUES)
    after = cluster.get("validatingwebhookconfiguration")["items"][0]["webhooks"][0]["clientConfig"]["caBundle"]
    assert after != before
    installation.mount_certificate()
    eventually(lambda: refused(place), within=60, what="the API server trusts the new certificate")
