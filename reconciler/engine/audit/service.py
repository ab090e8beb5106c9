"""What the engine does by itself, in the audit record.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/ct-rotatekey.html, ct-delete-key.html,
ct-deleteexpiredkeymaterial.html, ct-synchronize-multi-region-key.html
"""

from __future__ import annotations

from typing import Literal

from reconciler.engine.audit.record import service_entry
from reconciler.engine.store.records import Key
from reconciler.engine.store.store import Store

Deed = Literal["RotateKey", "DeleteKey", "DeleteExpiredKeyMaterial", "SynchronizeMultiRegionKey"]


def record_deed(store: Store, deed: Deed, key: Key, at: int) -> None:
    """Keep that the engine did `deed` to `key` at the instant `at`. Call inside `writing()`."""
    store.record(service_entry(deed, key, at))
