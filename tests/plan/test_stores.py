"""Custom key stores: created, connected, changed; and the keys in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.address import Address, Kind
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.stores import CREDENTIAL_ID, Connection
from reconciler.plan.changes import Action, Reason
from reconciler.plan.order import nodes
from reconciler.plan.planner import plan
from reconciler.plan.steps import CreateKey, DisconnectCustomKeyStore, UpdateCustomKeyStore
from tests.plan.build import (
    beside,
    declares,
    differing,
    has,
    has_store,
    kinds,
    names,
    only,
    planned,
    there,
    wants,
    wants_alias,
    wants_store,
)
from tests.support.custody import CLUSTER, PROXY

VAULT = Address(Kind.CUSTOM_KEY_STORE, "vault")
KEPT = {"origin": Origin.EXTERNAL_KEY_STORE, "store": VAULT, "xks_key_id": "a"}
REAL = {"origin": Origin.EXTERNAL_KEY_STORE, "store_id": "cks-vault", "xks_key_id": "a"}
D, U, C = "DisconnectCustomKeyStore", "UpdateCustomKeyStore", "ConnectCustomKeyStore"
PATH, ENDPOINT = {"xksProxy.uriPath": "/old/kms/xks/v1"}, {"xksProxy.uriEndpoint": "https://old.example.com"}


@pytest.mark.parametrize(
    ("connected", "steps"), [(True, ["CreateCustomKeyStore", C]), (False, ["CreateCustomKeyStore"])]
)
def test_a_store_that_is_not_there_is_created_and_connected_as_declared(connected, steps):
    change = only(declares(wants_store(connected=connected)), there())
    assert (change.action, kinds(change)) == (Action.CREATE, steps)
    assert [field.path for field in change.fields if field.sensitive] == [CREDENTIAL_ID]


@pytest.mark.parametrize(
    ("connection", "settings", "connected", "steps"),
    [
        (Connection.CONNECTED, {}, True, []),
        (Connection.CONNECTING, {}, True, []),
        (Connection.DISCONNECTED, {}, False, []),
        (Connection.DISCONNECTING, {}, False, []),
        (Connection.CONNECTED, {}, False, [D]),
        (Connection.CONNECTING, {}, False, [D]),
        (Connection.FAILED, {}, False, [D]),
        (Connection.DISCONNECTED, {}, True, [C]),
        (Connection.DISCONNECTING, {}, True, [C]),
        (Connection.FAILED, {}, True, [D, C]),
        (Connection.CONNECTED, PATH, True, [U]),
        (Connection.CONNECTED, {CREDENTIAL_ID: "B" * 20}, True, [U]),
        (Connection.CONNECTING, PATH, True, [D, U, C]),
        (Connection.CONNECTED, ENDPOINT, True, [D, U, C]),
        (Connection.CONNECTED, ENDPOINT, False, [D, U]),
        (Connection.CONNECTED, PATH, False, [D, U]),
        (Connection.DISCONNECTED, ENDPOINT, False, [U]),
        (Connection.DISCONNECTED, ENDPOINT, True, [U, C]),
        (Connection.FAILED, PATH, True, [D, U, C]),
    ],
)
def test_a_store_ends_as_declared_and_is_disconnected_only_for_what_needs_it(connection, settings, connected, steps):
    observed = beside(there(), has_store(connection=connection, settings=settings))
    change = only(declares(wants_store(connected=connected)), observed)
    assert kinds(change) == steps
    assert change.action is (Action.UPDATE if steps else Action.NO_OP)
    assert change.resource_id == "cks-vault"


@pytest.mark.parametrize(
    ("error", "connected", "steps"),
    [
        ("INVALID_CREDENTIALS", True, [D, U, C]),
        ("XKS_PROXY_ACCESS_DENIED", True, [D, U, C]),
        ("NETWORK_ERRORS", True, [D, C]),
        ("INVALID_CREDENTIALS", False, [D]),
    ],
)
def test_after_a_failure_the_secret_is_sent_again_where_it_may_be_the_reason(error, connected, steps):
    observed = beside(there(), has_store(connection=Connection.FAILED, error=error))
    change = only(declares(wants_store(connected=connected)), observed)
    assert kinds(change) == steps
    assert differing(change)["connected"] == (f"failed: {error}", connected)
    updates = [step.changed for step in change.steps if isinstance(step, UpdateCustomKeyStore)]
    assert updates == ([("secret",)] if U in steps else [])


@pytest.mark.parametrize(
    ("wanted", "real", "field"),
    [
        pytest.param(PROXY, CLUSTER, "type", id="another type"),
        pytest.param(CLUSTER, replace(CLUSTER, trust_anchor="x"), "cloudHsm.trustAnchorCertificate", id="certificate"),
    ],
)
def test_what_kms_cannot_change_of_a_store_blocks_the_plan(wanted, real, field):
    change = only(declares(wants_store(backing=wanted)), beside(there(), has_store(backing=real)))
    assert (change.action, change.reason, list(differing(change))) == (
        Action.BLOCKED,
        Reason.IMMUTABLE_FIELD,
        [field],
    )


def test_white_space_around_a_certificate_means_nothing():
    wordy = replace(CLUSTER, trust_anchor=CLUSTER.trust_anchor.replace("\n", "  \r\n") + "\n\n")
    assert only(declares(wants_store(backing=wordy)), beside(there(), has_store(backing=CLUSTER))).steps == ()


@pytest.mark.parametrize(
    ("observed", "connected", "risks"),
    [
        pytest.param(has_store(), False, ["disconnects-key-store"], id="disconnected"),
        pytest.param(has_store(connection=Connection.FAILED), False, [], id="a store that failed"),
        pytest.param(
            has_store(settings=ENDPOINT), True, ["disconnects-key-store", "moves-key-store"], id="another endpoint"
        ),
        pytest.param(has_store(settings={CREDENTIAL_ID: "B" * 20}), True, [], id="another credential"),
    ],
)
def test_what_takes_keys_out_of_service_or_elsewhere_is_a_danger(observed, connected, risks):
    assert names(only(declares(wants_store(connected=connected)), beside(there(), observed))) == risks


def test_a_key_is_created_in_its_store_once_that_is_connected():
    found = plan(declares(wants_store(), wants(**KEPT)), there())
    key = next(change for change in found.changes if change.address.kind is Kind.KEY)
    assert key.depends_on == (VAULT,)
    assert [(step.store, step.xks_key_id) for step in key.steps if isinstance(step, CreateKey)] == [("vault", "a")]
    assert [str(node.id.address) for node in nodes(found)] == ["CustomKeyStore/vault", "Key/db"]


def test_a_key_and_what_rests_on_it_wait_while_their_store_is_not_to_be_connected():
    desired = declares(wants_store(connected=False), wants(**KEPT), wants_alias("db", Address(Kind.KEY, "db")))
    changes = planned(desired, there())
    for name in ("Key/db", "Alias/db"):
        assert (changes[name].action, changes[name].reason) == (Action.NO_OP, Reason.UNRESOLVED)
        assert "CustomKeyStore/vault is not to be connected" in changes[name].detail


def test_a_key_waits_while_its_store_is_still_connecting_unless_the_plan_connects_it_anew():
    desired = declares(wants_store(), wants(**KEPT))
    waiting = planned(desired, beside(there(), has_store(connection=Connection.CONNECTING)))["Key/db"]
    assert (waiting.action, waiting.reason) == (Action.NO_OP, Reason.UNRESOLVED)
    assert "CustomKeyStore/vault is still connecting" in waiting.detail
    anew = planned(desired, beside(there(), has_store(connection=Connection.CONNECTING, settings=PATH)))["Key/db"]
    assert anew.action is Action.CREATE


def test_a_store_is_disconnected_after_its_keys_are_changed():
    desired = declares(wants_store(connected=False), wants(description="new", **KEPT))
    observed = beside(there(has(description="old", **REAL)), has_store())
    ordered = [type(step).__name__ for node in nodes(plan(desired, observed)) for step in node.steps]
    assert ordered == ["UpdateDescription", D]


def test_a_store_that_is_disconnected_to_be_changed_is_so_before_everything_else():
    desired = declares(wants_store(connected=False), wants(description="new", **KEPT))
    observed = beside(there(has(description="old", **REAL)), has_store(settings=ENDPOINT))
    changes = planned(desired, observed)
    assert DisconnectCustomKeyStore("vault", reconnects=True) in changes["CustomKeyStore/vault"].steps


@pytest.mark.parametrize(
    ("real", "fields"),
    [
        pytest.param({**REAL, "store_id": "cks-other"}, ["customKeyStoreRef"], id="another store"),
        pytest.param({**REAL, "xks_key_id": "b"}, ["xksKeyId"], id="another external key"),
        pytest.param({}, ["origin"], id="another origin"),
    ],
)
def test_where_a_key_is_kept_never_changes(real, fields):
    desired, observed = declares(wants_store(), wants(**KEPT)), beside(there(has(**real)), has_store())
    change = planned(desired, observed)["Key/db"]
    assert (change.action, list(differing(change))) == (Action.BLOCKED, fields)


def test_a_key_in_a_store_that_is_there_no_longer_is_in_another():
    change = planned(declares(wants_store(), wants(**KEPT)), there(has(**REAL)))["Key/db"]
    assert differing(change) == {"customKeyStoreRef": ("cks-vault", "vault")}


def test_a_successor_waits_for_its_store_too():
    desired = declares(wants_store(connected=False), wants(replacement="NewKey", **KEPT))
    observed = beside(there(has()), has_store(connection=Connection.DISCONNECTED))
    change = planned(desired, observed)["Key/db"]
    assert (change.action, change.resource_id) == (Action.NO_OP, "k-1")


def test_a_key_whose_store_is_not_connected_is_left_as_it_is():
    observed = beside(there(has(state=KeyState.UNAVAILABLE, **REAL)), has_store(connection=Connection.DISCONNECTED))
    changes = planned(declares(wants_store(connected=False), wants(enabled=False, **KEPT)), observed)
    assert changes["Key/db"].steps == ()


def test_a_store_that_is_not_declared_is_left_alone():
    assert plan(declares(), beside(there(), has_store())).changes == ()
