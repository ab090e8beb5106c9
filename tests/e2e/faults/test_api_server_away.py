"""The API server is killed, hangs, or cannot be reached: what happened meanwhile is acted on afterwards."""

from __future__ import annotations

import os
import signal

from reconciler.controller.cluster.refs import API_VERSION, path_of
from reconciler.kit.clock import SystemClock
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.controller.rights import SERVICE_ACCOUNT
from tests.e2e.faults import truth
from tests.e2e.faults.conftest import NAMESPACE, SOAKING
from tests.e2e.faults.relay import Relay, kubeconfig_through

AWAY = 60.0 if SOAKING else 15.0
HANGING = 60.0 if SOAKING else 8.0


def test_a_killed_api_server_is_outlived_and_drift_corrected_meanwhile(cluster, place, operator):
    pid = operator.child.pid
    place.apply(key("orders"), *(key(f"k{number}") for number in range(5)))
    key_id = place.key_id()
    cluster.kill_apiserver()
    try:
        place.account.kms.update_key_description(KeyId=key_id, Description="tampered")
        pass_time(AWAY)
        assert description(place, key_id) == "Encrypts orders"
    finally:
        cluster.start_apiserver()
    place.patch("Key", "orders", description="changed at once")
    place.apply(key("late"))
    place.delete("Key", "k0")
    place.gone("Key", "k0")
    eventually(lambda: description(place, key_id) == "changed at once", what="the change is acted on")
    truth.all_ready(place, 6)
    truth.one_key_each(place, {"orders", "late", *(f"k{number}" for number in range(5))})
    assert operator.child.pid == pid


def test_an_api_server_that_hangs_is_waited_for(cluster, place, operator):
    pid = operator.child.pid
    place.apply(key("orders"))
    key_id = place.key_id()
    os.kill(cluster.pids["kube-apiserver"], signal.SIGSTOP)
    try:
        place.account.kms.update_key_description(KeyId=key_id, Description="tampered")
        pass_time(HANGING)
    finally:
        os.kill(cluster.pids["kube-apiserver"], signal.SIGCONT)
    eventually(lambda: place.cluster.api.answers("/readyz"), within=60, what="the API server is back")
    place.patch("Key", "orders", description="changed")
    place.apply(key("late"))
    truth.all_ready(place, 2)
    assert description(place, key_id) == "changed"
    assert operator.child.pid == pid


def test_killed_again_and_again_while_there_is_much_to_do(cluster, place, operator):
    for round_ in range(8 if SOAKING else 2):
        place.apply(*(key(f"k{round_}-{number}", aliases=[f"k{round_}/{number}"]) for number in range(10)))
        cluster.restart_apiserver()
    count = 10 * (round_ + 1)
    truth.all_ready(place, count)
    assert len(place.account.key_ids()) == count
    assert place.account.writes().count("CreateKey") == count


def test_what_happened_while_the_watch_was_away_is_acted_on(cluster, place, operators, relay: Relay):
    """Changed, new, deleted, gone without a trace, gone and there again: others see the API server all the time."""
    config = kubeconfig_through(relay, cluster, cluster.token_for(NAMESPACE, SERVICE_ACCOUNT), NAMESPACE)
    operator = operators(KUBECONFIG=str(config))
    operator.start()
    closing, scheduled = place.add_target("closing"), {"policy": "Schedule", "windowDays": 7}
    place.apply(
        manifest("KeyPolicy", "team", users=["role/orders-api"]),
        *(key(name) for name in ("changed", "vanishing", "renewed")),
        key("deleted", deletion=scheduled),
        key("lawless", policyRef={"name": "team"}),
        key("housed", targetRef={"name": closing}),
    )
    truth.all_ready(place, 7)
    before = {name: its[0].key_id for name, its in truth.keys(place).items()}
    relay.cut()
    place.patch("Key", "changed", description="changed")
    place.apply(key("new"))
    for name in ("deleted", "vanishing", "renewed"):
        place.delete("Key", name)
    for name in ("vanishing", "renewed"):
        forget(place, name)
    place.apply(key("renewed", description="another object"))
    place.delete("KeyPolicy", "team")
    place.delete("Target", closing)
    pass_time(5)
    relay.mend()
    place.gone("Key", "deleted", within=60)
    for name in ("changed", "new", "renewed"):
        place.ready("Key", name, within=60)
    place.wait("Target", closing, reason="DeletionRefused", within=60)
    place.wait("Key", "lawless", reason="ReferenceNotFound", within=60)
    counted = 'kmsctl_objects{kind="Key",ready="True"}'
    eventually(lambda: operator.metric(counted) == 4, what="what vanished counts no more")
    names = {*before, "new"}
    truth.one_key_each(place, names, ending=frozenset({"deleted"}))
    assert truth.keys(place)["renewed"][0].key_id == before["renewed"]


def forget(place: Place, name: str) -> None:
    """Take an object away as `kubectl` does for whoever removes its finalizers."""
    path = path_of(API_VERSION, "keys", place.namespace, name)
    body = {"metadata": {"finalizers": None}}
    answer = place.cluster.api.call("PATCH", path, body, media_type="application/merge-patch+json")
    assert answer.status == 200, answer
    place.gone("Key", name)


def description(place: Place, key_id: str) -> str:
    return str(place.account.describe(key_id)["Description"])


def pass_time(seconds: float) -> None:
    """An outage lasts."""
    clock = SystemClock()
    end = clock.monotonic() + seconds
    eventually(lambda: clock.monotonic() >= end, within=2 * seconds + 5, what="an outage is over")
