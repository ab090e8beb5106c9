"""Targets that cannot be used, that come late, change, and go: each holds up its own objects alone."""

from __future__ import annotations

import base64

from reconciler.controller.cluster.refs import path_of
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.people import access_key
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.faults.conftest import NAMESPACE
from tests.e2e.faults.tap import Tap
from tests.support.moto import free_port

SECRET = path_of("v1", "secrets", NAMESPACE)


def make_secret(place: Place, name: str, user: str, *, secret: str | None = None) -> None:
    """Make or replace the Secret with a user's access key."""
    key_id, its = access_key(place.account.number, user)
    data = {"aws_access_key_id": key_id, "aws_secret_access_key": secret or its}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": {field: base64.b64encode(value.encode()).decode() for field, value in data.items()},
    }
    path = f"{path_of('v1', 'secrets', NAMESPACE, name)}?fieldManager=tests&force=true"
    answer = place.cluster.api.call("PATCH", path, body, media_type="application/apply-patch+yaml")
    assert answer.status in (200, 201), answer


def test_a_target_that_cannot_be_reached_holds_up_nobody_else(place, operator):
    away = place.add_target("away", endpointUrl=f"http://127.0.0.1:{free_port()}")
    denied = place.add_target("denied", credentials={"secretRef": {"name": "missing"}})
    place.apply(*(key(f"away{number}", targetRef={"name": away}) for number in range(40)))
    place.apply(*(key(f"denied{number}", targetRef={"name": denied}) for number in range(40)))
    place.apply(*(key(f"k{number}") for number in range(10)))
    for number in range(10):
        place.ready("Key", f"k{number}", within=60)
    for target in (away, denied):
        eventually(lambda name=target: place.condition("Target", name)["status"] == "False", what=f"{target} tells")
    place.wait("Key", "away0", reason="TargetNotReady")
    place.wait("Key", "denied39", reason="TargetNotReady")
    place.patch("Key", "k0", description="changed")
    place.ready("Key", "k0")


def test_a_target_that_hangs_holds_up_nobody_else(place, operator, tap: Tap):
    """Its calls neither fail nor end for a while, and there are more batches for it than workers."""
    slow = place.add_target("slow", endpointUrl=tap.url)
    place.ready("Target", slow)
    tap.flows.clear()
    try:
        for number in range(8):
            waiting = tap.waiting
            place.apply(key(f"slow{number}", targetRef={"name": slow}))
            if number < 2:
                eventually(lambda before=waiting: tap.waiting > before, what="another batch hangs")
        place.apply(*(key(f"k{number}") for number in range(10)))
        for number in range(10):
            place.ready("Key", f"k{number}", within=20)
        assert tap.waiting
    finally:
        tap.flows.set()
    for number in range(8):
        place.ready("Key", f"slow{number}", within=60)


def test_credentials_that_come_late_open_a_target(place, operator):
    name = f"{place.namespace}-late"
    late = place.add_target("late", credentials={"secretRef": {"name": name}})
    place.apply(key("orders", targetRef={"name": late}))
    place.wait("Key", "orders", reason="TargetNotReady")
    assert name in place.condition("Target", late)["message"]
    make_secret(place, name, "operator")
    place.ready("Target", late, within=60)
    place.ready("Key", "orders")
    assert len(place.account.key_ids()) == 1


def test_changed_credentials_are_used_from_the_next_check_on(place, operator):
    place.apply(key("orders"))
    place.key_id()
    make_secret(place, place.secret, "admin")
    place.patch("Key", "orders", description="changed")
    arn = f"arn:aws:iam::{place.account.number}:user/admin"
    eventually(lambda: place.status("Target", place.target)["callerArn"] == arn, what="the Target tells of admin")
    place.account.kms.update_key_description(KeyId=place.key_id(), Description="tampered")
    eventually(lambda: place.account.writes("admin").count("UpdateKeyDescription") >= 2, what="admin corrects")


def test_credentials_that_are_refused_are_told_and_put_right(place, operator):
    place.apply(key("orders"))
    place.key_id()
    make_secret(place, place.secret, "operator", secret="not the secret")
    eventually(
        lambda: place.condition("Target", place.target)["reason"] == "CredentialsRefused", what="the Target tells"
    )
    make_secret(place, place.secret, "operator")
    place.annotate("Target", place.target, reconcile_at="now")
    place.ready("Target", place.target)
    place.patch("Key", "orders", description="changed")
    place.ready("Key", "orders")


def test_a_target_that_is_let_go_by_hand_and_made_again(place, operator):
    place.apply(key("orders"))
    key_id = place.key_id()
    place.delete("Target", place.target)
    place.wait("Target", place.target, reason="InUse")
    free = '{"metadata": {"finalizers": null}}'
    place.cluster.kubectl("patch", "targets.kms.reconciler.dev", place.target, "--type=merge", f"--patch={free}")
    place.gone("Target", place.target)
    place.wait("Key", "orders", reason="TargetNotFound")
    place.patch("Key", "orders", description="changed")
    place.wait("Key", "orders", reason="TargetNotFound")
    place.add_target()
    place.ready("Key", "orders")
    assert place.account.key_ids() == [key_id]
    assert place.account.describe(key_id)["Description"] == "changed"


def test_a_target_that_is_closed_to_a_namespace_later(place, operator):
    place.apply(key("orders"))
    key_id = place.key_id()
    place.patch("Target", place.target, allowedNamespaces=["somewhere-else"])
    place.wait("Key", "orders", reason="NamespaceNotAllowed")
    before = place.account.writes()
    place.account.kms.update_key_description(KeyId=key_id, Description="tampered")
    place.patch("Key", "orders", description="changed")
    place.wait("Key", "orders", reason="NamespaceNotAllowed")
    assert place.account.writes() == before
    place.patch("Target", place.target, allowedNamespaces=["e2e-*"])
    place.ready("Key", "orders")
    assert place.account.describe(key_id)["Description"] == "changed"


def test_another_account_than_the_target_says_is_never_written_to(place, operator):
    wrong = place.add_target("wrong", accountId="999999999999")
    place.apply(key("orders", targetRef={"name": wrong}))
    place.wait("Key", "orders", reason="TargetNotReady")
    assert "999999999999" in place.condition("Target", wrong)["message"]
    assert place.account.writes() == []


def test_an_alias_waits_for_a_target_that_is_not_there_yet(place, operator):
    place.apply(
        key("orders", targetRef={"name": f"{place.namespace}-soon"}),
        manifest("Alias", "a", name="a", keyRef={"name": "orders"}, targetRef={"name": f"{place.namespace}-soon"}),
    )
    place.wait("Alias", "a", reason="TargetNotFound")
    place.add_target("soon")
    place.ready("Alias", "a")
