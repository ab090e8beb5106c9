"""Any life of a custom key store and a key in it, against a small model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from tests.engine.custom_stores.conftest import cloudhsm

NOW = datetime(2026, 1, 1, tzinfo=UTC)
NEXT = {"EnableKey": "Enabled", "DisableKey": "Disabled"}


class Life(RuleBasedStateMachine):
    """A store is connected or not; a key has a state that it would have if its store were connected."""

    folder = None

    def __init__(self):
        super().__init__()
        self.clock = ManualClock(NOW)
        self.engine = Engine.open(self.folder / f"{id(self)}", clock=self.clock)
        self.kms = self.engine.client()
        self.store = self.kms("CreateCustomKeyStore", cloudhsm())["CustomKeyStoreId"]
        self.kms("ConnectCustomKeyStore", {"CustomKeyStoreId": self.store})
        created = self.kms("CreateKey", {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": self.store})
        self.key = created["KeyMetadata"]["KeyId"]
        self.blob = self.kms("Encrypt", {"KeyId": self.key, "Plaintext": b"a"})["CiphertextBlob"]
        self.connected, self.state = True, "Enabled"

    def teardown(self):
        self.engine.close()

    def attempt(self, operation, allowed, **parameters):
        try:
            self.kms(operation, parameters)
        except KmsError as error:
            assert not allowed, error
            assert error.code in {"KMSInvalidStateException", "CustomKeyStoreInvalidStateException"}
        else:
            assert allowed

    @rule()
    def connect(self):
        self.attempt("ConnectCustomKeyStore", allowed=True, CustomKeyStoreId=self.store)
        self.connected = True

    @rule()
    def disconnect(self):
        self.attempt("DisconnectCustomKeyStore", allowed=self.connected, CustomKeyStoreId=self.store)
        self.connected = False

    @rule()
    def enable(self):
        self.switch("EnableKey")

    @rule()
    def disable(self):
        self.switch("DisableKey")

    def switch(self, operation):
        living = self.state != "PendingDeletion"
        self.attempt(operation, allowed=living, KeyId=self.key)
        self.state = NEXT[operation] if living else self.state

    @rule()
    def schedule(self):
        self.attempt("ScheduleKeyDeletion", allowed=self.state != "PendingDeletion", KeyId=self.key)
        self.state = "PendingDeletion"

    @rule()
    def cancel(self):
        waiting = self.state == "PendingDeletion"
        self.attempt("CancelKeyDeletion", allowed=waiting, KeyId=self.key)
        self.state = "Disabled" if waiting else self.state

    @rule()
    def wait(self):
        self.clock.advance(timedelta(hours=1))

    @invariant()
    def the_key_is_in_the_state_of_the_model(self):
        seen = self.state if self.connected or self.state == "PendingDeletion" else "Unavailable"
        assert self.kms("DescribeKey", {"KeyId": self.key})["KeyMetadata"]["KeyState"] == seen
        if seen == "Enabled":
            assert self.kms("Decrypt", {"CiphertextBlob": self.blob})["Plaintext"] == b"a"
        else:
            with pytest.raises(KmsError):
                self.kms("Decrypt", {"CiphertextBlob": self.blob})


@pytest.mark.no_cover
def test_any_life_of_a_store_and_its_key_is_that_of_the_model(tmp_path):
    from hypothesis.stateful import run_state_machine_as_test

    machine = type("Life", (Life,), {"folder": tmp_path})
    run_state_machine_as_test(machine, settings=settings(max_examples=15, stateful_step_count=20, deadline=None))
