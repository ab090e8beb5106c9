"""A custom key store comes, is connected and disconnected, holds a key, and goes when it is empty."""

from __future__ import annotations

from hypothesis.stateful import multiple, rule

from reconciler.kit.errors import KmsError
from tests.engine.custom_stores.conftest import cloudhsm
from tests.engine.laws.machine.base import things
from tests.engine.laws.machine.lives import MOST_KEYS, Lives
from tests.engine.laws.machine.model import MAIN, REGIONS, ROOTS

WHERE = (ROOTS[MAIN], REGIONS[0])


class Stores(Lives):
    """At most one custom key store."""

    @rule()
    def build_store(self):
        if self.store is None:
            self.store = self.must(*WHERE, "CreateCustomKeyStore", **cloudhsm())["CustomKeyStoreId"]
            self.connect()
        else:
            assert isinstance(self.ask(*WHERE, "CreateCustomKeyStore", **cloudhsm()), KmsError)

    @rule()
    def connect(self):
        if self.store is not None:
            self.must(*WHERE, "ConnectCustomKeyStore", CustomKeyStoreId=self.store)
            self.connected = True

    @rule()
    def disconnect(self):
        if self.store is not None:
            answer = self.ask(*WHERE, "DisconnectCustomKeyStore", CustomKeyStoreId=self.store)
            assert isinstance(answer, KmsError) != self.connected
            self.connected = False

    @rule()
    def change_store(self):
        if self.store is not None:
            given = {"CustomKeyStoreId": self.store}
            self.must(*WHERE, "UpdateCustomKeyStore", **given, NewCustomKeyStoreName="renamed")
            answer = self.ask(*WHERE, "UpdateCustomKeyStore", **given, KeyStorePassword="kmsPswd12345")
            assert isinstance(answer, KmsError) == self.connected

    @rule(target=things)
    def create_in_store(self):
        if not self.connected or len(self.all) >= MOST_KEYS + 1:
            return multiple()
        return self.made(*(MAIN, REGIONS[0]), "symmetric", Origin="AWS_CLOUDHSM", CustomKeyStoreId=self.store)

    @rule()
    def tear_store_down(self):
        if self.store is None:
            return
        holding = any(key.stored and key.life.members for key in self.all)
        answer = self.ask(*WHERE, "DeleteCustomKeyStore", CustomKeyStoreId=self.store)
        assert isinstance(answer, KmsError) == (holding or self.connected)
        if not isinstance(answer, KmsError):
            self.store = None
