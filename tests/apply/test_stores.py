"""Custom key stores on the bundled KMS: created, changed, waited for; and secrets that are at hand before anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.apply.recover import create
from reconciler.apply.stores import CONNECTING_WINDOW, change_store
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms.sweeps import sweep_stores
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.keyspec import KeySpec, Origin
from reconciler.model.material import SecretFile, SecretReference, WrappingAlgorithm
from reconciler.model.stores import CREDENTIAL_ID, Connection
from reconciler.plan.changes import Action, Change, Reason
from reconciler.plan.steps import (
    ConnectCustomKeyStore,
    CreateCustomKeyStore,
    DisconnectCustomKeyStore,
    ImportMaterial,
    UpdateCustomKeyStore,
)
from tests.apply.build import create_key, key_change, plan_of, planned
from tests.apply.drive import drive, site_of
from tests.support.custody import CLUSTER, PROXY
from tests.support.faulty import Faulty, lost_after, lost_before
from tests.support.secrets import Places, derived

CREATE, CONNECT = CreateCustomKeyStore("vault", PROXY), ConnectCustomKeyStore("vault")
DISCONNECT = DisconnectCustomKeyStore("vault", reconnects=False)
SLOW = replace(CLUSTER, cluster_id="cluster-slow22222222")


def change(step, kms, clock, secrets=derived, **driven):
    return drive(change_store(step, site_of(kms, clock, secrets=secrets)), clock, **driven)


def the_store(kms):
    return sweep_stores(kms)["vault"]


@pytest.mark.parametrize("backing", [PROXY, CLUSTER], ids=["external", "CloudHSM"])
def test_a_store_is_created_connected_and_disconnected(engine_client, clock, backing):
    change(CreateCustomKeyStore("vault", backing), engine_client, clock)
    assert the_store(engine_client).connection is Connection.DISCONNECTED
    assert backing.settings.items() <= the_store(engine_client).settings.items()
    change(CONNECT, engine_client, clock)
    assert the_store(engine_client).connection is Connection.CONNECTED
    change(DISCONNECT, engine_client, clock)
    change(DISCONNECT, engine_client, clock)
    assert the_store(engine_client).connection is Connection.DISCONNECTED


def test_a_store_whose_answer_was_lost_is_found_and_not_created_again(engine_client, clock):
    kms = Faulty(engine_client, lost_after("CreateCustomKeyStore"))
    done, _ = change(CREATE, kms, clock)
    assert done.notes == ("the answer was lost; the custom key store was found",)
    assert kms.count("CreateCustomKeyStore") == 1


def test_a_store_that_another_apply_made_first_is_gone_on_with(engine_client, clock):
    change(CREATE, engine_client, clock)
    done, _ = change(CREATE, engine_client, clock)
    assert "another apply made it first" in done.notes[0]


def test_another_refusal_to_create_is_kms_own(engine_client, clock):
    change(CREATE, engine_client, clock)
    with pytest.raises(KmsError) as told:
        change(CreateCustomKeyStore("other", PROXY), engine_client, clock)
    assert told.value.code == "XksProxyUriInUseException"


@pytest.mark.parametrize("step", [CONNECT, DISCONNECT], ids=["connect", "disconnect"])
def test_what_has_no_second_effect_is_called_again_after_a_lost_answer(engine_client, clock, step):
    change(CREATE, engine_client, clock)
    change(CONNECT, engine_client, clock)
    operation = type(step).__name__
    kms = Faulty(engine_client, lost_before(operation, times=2))
    change(step, kms, clock)
    assert kms.count(operation) == 3
    with pytest.raises(AmbiguousOutcome):
        change(step, Faulty(engine_client, lost_before(operation, times=9)), clock)


def test_a_slow_connection_is_waited_for(engine_client, clock):
    change(CreateCustomKeyStore("vault", SLOW), engine_client, clock)
    began = clock.monotonic()
    done, pauses = change(CONNECT, engine_client, clock)
    assert the_store(engine_client).connection is Connection.CONNECTED
    assert 1200 <= clock.monotonic() - began < CONNECTING_WINDOW
    assert max(pauses) == 30
    assert done.notes == ()


def test_a_slow_connection_is_not_waited_for_beyond_the_patience_of_whoever_asks(engine_client, clock):
    change(CreateCustomKeyStore("vault", SLOW), engine_client, clock)
    began = clock.monotonic()
    done, _ = drive(change_store(CONNECT, site_of(engine_client, clock, patience=5)), clock)
    assert clock.monotonic() - began < 10
    assert "still connecting" in done.notes[0]


def test_an_interrupt_ends_the_wait_and_fails_nothing(engine_client, clock):
    change(CreateCustomKeyStore("vault", SLOW), engine_client, clock)
    done, _ = change(CONNECT, engine_client, clock, interrupted_at=3)
    assert "still connecting" in done.notes[0]


def test_a_connection_that_fails_is_told_of_with_its_reason(engine_client, clock):
    change(CreateCustomKeyStore("vault", replace(CLUSTER, cluster_id="cluster-nohsm2222222")), engine_client, clock)
    with pytest.raises(KmsctlError, match="could not be connected") as told:
        change(CONNECT, engine_client, clock)
    assert "INSUFFICIENT_CLOUDHSM_HSMS" in told.value.why


def test_an_update_sends_what_differs_and_the_secret_where_it_belongs_to_that(engine_client, clock):
    change(CREATE, engine_client, clock)
    kms = Faulty(engine_client)
    moved = replace(PROXY, uri_path="/new/kms/xks/v1", access_key_id="B" * 20)
    change(UpdateCustomKeyStore("vault", moved, ("xksProxy.uriPath",)), kms, clock)
    change(UpdateCustomKeyStore("vault", moved, (CREDENTIAL_ID,)), kms, clock)
    first, second = (parameters for operation, parameters in kms.calls if operation == "UpdateCustomKeyStore")
    assert first.keys() == {"CustomKeyStoreId", "XksProxyUriPath"}
    assert second.keys() == {"CustomKeyStoreId", "XksProxyAuthenticationCredential"}
    assert the_store(engine_client).settings == moved.settings


@pytest.mark.parametrize("back", [False, True], ids=["to a service", "and back"])
def test_another_connectivity_is_sent_with_all_that_belongs_to_it(engine_client, clock, back):
    service = "com.amazonaws.vpce.us-east-1.vpce-svc-0example"
    private = replace(PROXY, connectivity="VPC_ENDPOINT_SERVICE", service_name=service)
    change(CREATE, engine_client, clock)
    changed = ("xksProxy.connectivity", "xksProxy.vpcEndpointServiceName")
    change(UpdateCustomKeyStore("vault", private, changed), engine_client, clock)
    if back:
        change(UpdateCustomKeyStore("vault", PROXY, changed[:1]), engine_client, clock)
    wanted = PROXY if back else private
    assert wanted.settings.items() <= the_store(engine_client).settings.items()


def test_a_refused_password_is_sent_again(engine_client, clock):
    wrong = Places(password=b"wrong-password\n")
    change(CreateCustomKeyStore("vault", CLUSTER), engine_client, clock, wrong)
    with pytest.raises(KmsctlError, match="could not be connected"):
        change(CONNECT, engine_client, clock)
    change(DISCONNECT, engine_client, clock)
    right = Places(password=b"right-password\r\n")
    change(UpdateCustomKeyStore("vault", CLUSTER, ("secret",)), engine_client, clock, right)
    change(CONNECT, engine_client, clock)
    assert the_store(engine_client).connection is Connection.CONNECTED


def test_a_key_is_created_in_the_store_of_that_name(engine_client, clock):
    change(CREATE, engine_client, clock)
    change(CONNECT, engine_client, clock)
    step = create_key(origin=Origin.EXTERNAL_KEY_STORE, store="vault", xks_key_id="a")
    creation, _ = drive(create(step, site_of(engine_client, clock)), clock)
    metadata = engine_client("DescribeKey", {"KeyId": creation.key_id})["KeyMetadata"]
    assert metadata["CustomKeyStoreId"] == the_store(engine_client).store_id


def test_a_store_that_is_gone_is_told_of(engine_client, clock):
    with pytest.raises(KmsctlError, match="there is no custom key store vault"):
        change(CONNECT, engine_client, clock)


IMPORT = ImportMaterial(
    planned("orders"), KeySpec.SYMMETRIC_DEFAULT, SecretFile("m"), WrappingAlgorithm.RSAES_OAEP_SHA_256, None
)


def store_change(*steps):
    return Change(Address(Kind.CUSTOM_KEY_STORE, "vault"), Action.CREATE, Reason.MISSING, steps=steps)


@pytest.mark.parametrize(
    ("changed", "held"),
    [
        pytest.param(key_change("orders", IMPORT), {}, id="no material"),
        pytest.param(key_change("orders", IMPORT), {"m": b"short"}, id="no good material"),
        pytest.param(store_change(CREATE), {}, id="no secret of a new store"),
        pytest.param(store_change(UpdateCustomKeyStore("vault", PROXY, ("secret",))), {}, id="no secret to update"),
        pytest.param(store_change(CREATE), {"XKS_SECRET": "é".encode()}, id="no text"),
    ],
)
def test_a_secret_that_is_not_at_hand_ends_a_run_before_its_first_call(engine_client, clock, changed, held):
    kms = Faulty(engine_client)
    with pytest.raises(KmsctlError):
        carry_out(plan_of(key_change("first"), changed), {RUN_TARGET: kms}, Crew(clock, secrets=Places(**held)))
    assert kms.calls == []


def test_a_run_that_was_given_no_way_to_read_secrets_says_so(engine_client, clock):
    elsewhere = replace(IMPORT, source=SecretReference("s", "k"))
    with pytest.raises(KmsctlError, match="key k of the Secret s cannot be read"):
        carry_out(plan_of(key_change("orders", elsewhere)), {RUN_TARGET: engine_client}, Crew(clock))
