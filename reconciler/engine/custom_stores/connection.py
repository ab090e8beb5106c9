"""How a custom key store connects and disconnects, and what that does to the keys in it.

Keys in a store that is not connected are `Unavailable`, but for those that await deletion; once the store is connected
they have the state again that they had, or were given meanwhile.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html and key-state.html.
"""

from __future__ import annotations

from typing import Any, Final

from reconciler.engine.custom_stores.rehearsal import attempt
from reconciler.engine.store.records import CustomStore, Key
from reconciler.engine.store.store import Store

CONNECTED: Final = "CONNECTED"
CONNECTING: Final = "CONNECTING"
DISCONNECTED: Final = "DISCONNECTED"
FAILED: Final = "FAILED"
UNAVAILABLE: Final = "Unavailable"


def begin(store: Store, custom: CustomStore, secret: str, now: int) -> None:
    """Start connecting `custom`; what takes no time is over at once."""
    attempted = attempt(custom.settings, secret)
    changes = {"connection": CONNECTING, "connected_at": now + attempted.duration, "failure": attempted.failure}
    begun = store.custom_stores.update(custom, changes)
    if attempted.duration == 0:
        settle(store, begun)
    store.keys.forget_cached()


def settle(store: Store, custom: CustomStore) -> None:
    """End the attempt of `custom` to connect, well or not."""
    connection = CONNECTED if custom.failure is None else FAILED
    store.custom_stores.update(custom, {"connection": connection, "connected_at": None})
    if connection == CONNECTED:
        store.custom_stores.make_keys_available(custom)
    store.keys.forget_cached()


def disconnect(store: Store, custom: CustomStore) -> None:
    """Let go of what stands behind `custom`."""
    changes = {"connection": DISCONNECTED, "connected_at": None, "failure": None}
    store.custom_stores.update(custom, changes)
    store.custom_stores.make_keys_unavailable(custom)
    store.keys.forget_cached()


def put_state(store: Store, key: Key, state: str) -> dict[str, Any]:
    """The columns that give `key` the state Enabled or Disabled: at once, or once its store is connected."""
    if key.custody is None or store.custom_stores.by_number(key.custody.store).connection == CONNECTED:
        return {"state": state}
    return {"state": UNAVAILABLE, "resting_state": state}
