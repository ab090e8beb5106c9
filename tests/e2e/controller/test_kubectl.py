"""People's tools: kubectl as they use it."""

from __future__ import annotations

import json

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.place import key, manifest
from tests.e2e.controller.test_changes import tags


def text(place, *bodies):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": [place.placed(body) for body in bodies]})


@pytest.fixture
def kubectl(place, cluster):
    return lambda *words, **how: cluster.kubectl(*words, f"--namespace={place.namespace}", **how)


def test_apply_is_done_once_and_diff_is_quiet_afterwards(place, kubectl):
    body = text(place, key(aliases=["orders"], tags={"team": "shop"}, policy={"administrators": ["role/platform"]}))
    assert "created" in kubectl("apply", "-f-", input=body).stdout
    place.ready("Key", "orders")
    assert "unchanged" in kubectl("apply", "-f-", input=body).stdout
    kubectl("diff", "-f-", input=body)
    kubectl("diff", "--server-side", "--field-manager=kubectl-client-side-apply", "-f-", input=body)


def test_two_managers_own_a_tag_each(place, kubectl):
    def apply(manager, owned, **how):
        body = text(place, manifest("Key", "orders", tags=owned))
        return kubectl("apply", "--server-side", f"--field-manager={manager}", "-f-", input=body, **how)

    apply("shop", {"team": "shop"})
    apply("finance", {"cost": "7"})
    key_id = place.key_id()
    eventually(lambda: tags(place, key_id) == {"team": "shop", "cost": "7"}, what="both tags are there")
    refused = apply("finance", {"cost": "7", "team": "web"}, check=False)
    assert "conflict" in refused.stderr
    assert ".spec.tags.team" in refused.stderr
    apply("finance", {})
    assert place.get("Key", "orders")["spec"]["tags"] == {"team": "shop"}


def test_a_grant_that_was_replaced_as_a_whole_is_held_again_and_revoked_at_its_end(place, kubectl):
    grant = manifest("Grant", "report", keyRef={"name": "orders"}, granteePrincipal="role/bob", operations=["Decrypt"])
    place.apply(key(), grant)
    place.ready("Grant", "report")
    kubectl("replace", "-f-", input=text(place, grant))
    eventually(lambda: "finalizers" in place.get("Grant", "report")["metadata"], within=5, what="it is held again")
    kubectl("delete", "grants.kms.reconciler.dev", "report", "--timeout=30s")
    assert place.account.grants(place.key_id()) == []


def test_wait_returns_once_a_key_is_ready(place, kubectl):
    place.apply(key())
    kubectl("wait", "--for=condition=Ready", "--timeout=30s", "keys.kms.reconciler.dev/orders")
    assert place.account.key_ids()


def test_get_kms_shows_every_kind_and_its_state(place, kubectl):
    place.apply(
        key(aliases=["orders"], rotation={"automatic": {}}),
        manifest("KeyPolicy", "standard", administrators=["role/platform"]),
        manifest("Grant", "report", keyRef={"name": "orders"}, granteePrincipal="role/bob", operations=["Decrypt"]),
    )
    key_id = place.key_id()
    place.ready("Grant", "report")
    place.wait("KeyPolicy", "standard", reason="Valid")
    shown = kubectl("get", "kms", "-owide").stdout
    line = next(line for line in shown.splitlines() if line.startswith("key.kms.reconciler.dev/orders"))
    for word in (key_id, "Enabled", "SYMMETRIC_DEFAULT", "365d", "True", "arn:aws:kms:eu-central-1:"):
        assert word in line
    assert "keypolicy.kms.reconciler.dev/standard" in shown
    assert "grant.kms.reconciler.dev/report" in shown
    for header in ("KEY ID", "STATE", "SPEC", "ROTATION", "SYNCED", "READY", "AGE", "ARN", "DELETION"):
        assert header in shown


@pytest.mark.parametrize("short", ["kkey", "krep", "kalias", "kpol", "kgrant", "kstore", "ktarget"])
def test_short_names_are_known(short, kubectl):
    kubectl("get", short)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("key.spec.rotation", ["automatic", "onDemand", "manual", "none"]),
        ("key.spec.deletion.policy", ["Retain", "Schedule"]),
        ("target.spec.allowedNamespaces", ["namespace"]),
        ("key.spec.keySpec", ["ENUM", "ML_DSA_44"]),
    ],
)
def test_explain_tells_what_a_field_is(path, words, kubectl):
    told = kubectl("explain", path, "--api-version=kms.reconciler.dev/v1alpha1").stdout
    for word in words:
        assert word in told
