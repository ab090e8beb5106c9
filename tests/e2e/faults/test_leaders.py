"""Two replicas: one works, the other stands by, and never both."""

from __future__ import annotations

import json
import signal
import ssl
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from reconciler.controller.cluster.refs import GROUP, path_of
from reconciler.kit.clock import SystemClock
from tests.e2e.cluster.authority import Authority
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Place, key
from tests.e2e.controller.processes import OperatorProcess
from tests.e2e.faults import truth
from tests.e2e.faults.conftest import NAMESPACE
from tests.e2e.faults.tap import Tap
from tests.support.moto import free_port

LEASE = path_of("coordination.k8s.io/v1", "leases", NAMESPACE, "kmsctl-operator")
ELECTED = {"KMSCTL_LEADER_ELECT": "true"}
RELEASED_WITHIN = 4.0
LAPSED_WITHIN = 20.0
_LOADED = 6.0
"""More seconds for a machine that does much else."""
_CLOCK = SystemClock()


@pytest.fixture(autouse=True)
def lease(cluster):
    """Nobody's when a test begins."""
    cluster.api.call("DELETE", LEASE)


@pytest.fixture
def replicas(operators) -> tuple[OperatorProcess, OperatorProcess]:
    """Two that run; the first one leads."""
    first, second = operators("first", **ELECTED), operators("second", **ELECTED)
    first.start()
    second.start(wait=False)
    eventually(lambda: answers(second, "readyz"), within=60, what="the standby is ready")
    assert not second.leads
    return first, second


def answers(replica: OperatorProcess, probe: str) -> bool:
    try:
        with urllib.request.urlopen(f"{replica.url}/{probe}", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def takes_over(replica: OperatorProcess, place: Place, seconds: float) -> None:
    """Whether a replica works within so many seconds: something new gets its key."""
    begun = _CLOCK.monotonic()
    eventually(lambda: replica.leads, within=seconds + _LOADED, what=f"{replica.child.name} leads")
    print(f"{replica.child.name} leads after {_CLOCK.monotonic() - begun:.1f} s")
    place.apply(key("afterwards"))
    place.ready("Key", "afterwards")


def worked_one_after_another(cluster, first: OperatorProcess, second: OperatorProcess) -> None:
    """Nobody wrote anything of ours after the other one had begun to; events tell of what was before."""
    asked = [each for each in cluster.requests(first.user) if each.writes and GROUP in each.resource]
    credentials = [credential_of(cluster, replica) for replica in (first, second)]
    written = [[each for each in asked if each.credential == credential] for credential in credentials]
    assert written[0], "the first one wrote"
    assert written[1], "the second one wrote"
    begun = min(each.at for each in written[1])
    assert not [each for each in written[0] if each.at >= begun]


def credential_of(cluster, replica: OperatorProcess) -> str:
    """As the audit log has it, of whom the replica is the only one to be."""
    path = Path(replica.child.environment["KUBECONFIG"])
    token = json.loads(path.read_text())["users"][0]["user"]["token"]
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    answer = cluster.api.call("POST", "/apis/authentication.k8s.io/v1/tokenreviews", review)
    return str(answer.body["status"]["user"]["extra"]["authentication.kubernetes.io/credential-id"][0])


def test_a_leader_that_is_told_to_end_hands_over(cluster, place, replicas):
    first, second = replicas
    place.apply(key("orders"))
    place.ready("Key", "orders")
    begun = _CLOCK.monotonic()
    assert first.stop() == 0
    takes_over(second, place, RELEASED_WITHIN)
    print(f"handed over within {_CLOCK.monotonic() - begun:.1f} s")
    worked_one_after_another(cluster, first, second)
    truth.one_key_each(place, {"orders", "afterwards"})


def test_a_leader_that_is_killed_is_followed_when_its_lease_lapses(cluster, place, replicas):
    first, second = replicas
    place.apply(key("orders"))
    place.ready("Key", "orders")
    first.kill()
    takes_over(second, place, LAPSED_WITHIN)
    worked_one_after_another(cluster, first, second)
    truth.one_key_each(place, {"orders", "afterwards"})


def test_a_standby_serves_probes_metrics_and_the_webhook_and_ends_at_once(place, operators, tmp_path):
    authority, port = Authority.make(), free_port()
    issued = authority.issue("localhost", addresses=["127.0.0.1"])
    (tmp_path / "tls.crt").write_bytes(issued.certificate)
    (tmp_path / "tls.key").write_bytes(issued.key)
    webhook = {"KMSCTL_WEBHOOK_CERT_DIR": str(tmp_path), "KMSCTL_WEBHOOK_LISTEN": f"127.0.0.1:{port}"}
    first, second = operators("first", **ELECTED), operators("second", **ELECTED, **webhook)
    first.start()
    second.start(wait=False)
    eventually(lambda: answers(second, "readyz"), within=60, what="the standby is ready")
    trust = ssl.create_default_context(cadata=authority.certificate.decode())
    assert reviewed(port, trust, key("sound"))["allowed"]
    assert not reviewed(port, trust, key("faulty", policy={"users": ["payments"]}))["allowed"]
    assert answers(second, "healthz")
    assert second.metrics()["kmsctl_leader"] == 0
    begun = _CLOCK.monotonic()
    assert second.stop() == 0
    assert _CLOCK.monotonic() - begun < 2 + _LOADED / 2
    assert first.leads


def reviewed(port: int, trust: ssl.SSLContext, body: dict[str, Any]) -> dict[str, Any]:
    """What the webhook says of a new object."""
    asked = {
        "uid": "1",
        "operation": "CREATE",
        "namespace": "shop",
        "name": body["metadata"]["name"],
        "kind": {"group": "kms.reconciler.dev", "version": "v1alpha1", "kind": body["kind"]},
        "object": {**body, "metadata": {**body["metadata"], "namespace": "shop"}},
        "userInfo": {"username": "alice"},
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": asked}
    request = urllib.request.Request(
        f"https://127.0.0.1:{port}/validate", json.dumps(review).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10, context=trust) as answer:
        found: dict[str, Any] = json.load(answer)["response"]
    return found


def test_a_stop_in_the_middle_finishes_the_calls_in_flight(place, operators, tap: Tap):
    first = operators("first", **ELECTED)
    place.add_target(endpointUrl=tap.url)
    first.start()
    place.ready("Target", place.target)
    tap.flows.clear()
    names = {f"k{number}" for number in range(20)}
    place.apply(*(key(name, aliases=[name]) for name in names))
    eventually(lambda: tap.waiting >= 2, what="calls are in flight")
    first.child.signal(signal.SIGTERM)
    eventually(lambda: not answers(first, "readyz"), what="it is not ready any more")
    begun = tap.waiting
    tap.flows.set()
    assert first.stop() == 0
    made = [found for its in truth.keys(place).values() for found in its]
    assert len(made) == begun, "what was in flight was finished, and nothing new begun"
    second = operators("second", **ELECTED)
    second.start()
    truth.all_ready(place, 20)
    truth.one_key_each(place, names)
    assert tap.writes().count("CreateKey") == 20


@pytest.mark.parametrize("taken", ["stolen", "stolen by an expired one"])
def test_a_leader_whose_lease_somebody_takes_ends_with_1(cluster, operators, taken):
    operator = operators(**ELECTED)
    operator.start()
    seconds = 15 if taken == "stolen" else 1
    change = {"spec": {"holderIdentity": "somebody-else", "leaseDurationSeconds": seconds}}
    answer = cluster.api.call("PATCH", LEASE, change, media_type="application/merge-patch+json")
    assert answer.status == 200, answer
    eventually(lambda: not operator.child.runs, within=20, what="it ends")
    assert operator.child.exit_code == 1
    spec = cluster.api.call("GET", LEASE).body["spec"]
    assert spec["holderIdentity"] == "somebody-else", "it does not touch what is not its own"


def test_a_lease_that_is_deleted_is_made_again_and_never_two_lead(cluster, place, replicas):
    first, second = replicas
    for _ in range(3):
        cluster.api.call("DELETE", LEASE)
        eventually(lambda: cluster.api.call("GET", LEASE).status == 200, within=20, what="there is a lease again")
        assert [first.leads, second.leads].count(True) <= 1
    leader = eventually(lambda: next((one for one in replicas if one.leads), None), what="somebody leads")
    place.apply(key("orders"))
    place.ready("Key", "orders")
    assert [one for one in replicas if one.leads] == [leader]
    truth.one_key_each(place, {"orders"})


def test_a_leader_that_cannot_renew_ends_with_1_before_another_may_lead(cluster, place, operators):
    operator = operators(**ELECTED)
    operator.start()
    cluster.kill_apiserver()
    try:
        eventually(lambda: not operator.child.runs, within=13 + _LOADED, what="it ends")
        assert operator.child.exit_code == 1
    finally:
        cluster.start_apiserver()


def test_a_leader_that_was_frozen_writes_nothing_more_when_it_wakes(cluster, place, replicas):
    first, second = replicas
    place.apply(key("orders"))
    place.ready("Key", "orders")
    first.child.signal(signal.SIGSTOP)
    try:
        takes_over(second, place, LAPSED_WITHIN)
    finally:
        first.child.signal(signal.SIGCONT)
    eventually(lambda: not first.child.runs, within=15, what="it ends")
    assert first.child.exit_code == 1
    worked_one_after_another(cluster, first, second)
    truth.one_key_each(place, {"orders", "afterwards"})
