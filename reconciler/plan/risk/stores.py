"""What could go wrong with a custom key store: all of its keys go with it, and only some of them are known here.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_DisconnectCustomKeyStore.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateCustomKeyStore.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.stores import CREDENTIAL_ID, SECRET, Connection
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import DisconnectCustomKeyStore, UpdateCustomKeyStore


def store_risks(view: TargetView, step: DisconnectCustomKeyStore | UpdateCustomKeyStore) -> Iterator[Risk]:
    """Of taking a store out of service, or pointing it elsewhere."""
    store = view.observed.stores.get(step.name)
    if isinstance(step, UpdateCustomKeyStore):
        moved = [name for name in step.changed if name not in (CREDENTIAL_ID, SECRET)]
        if moved:
            why = "what its keys encrypted is lost if other keys are behind the new settings"
            yield Risk(RiskLevel.DANGER, "moves-key-store", f"{', '.join(moved)} of {step.name} changes: {why}")
    elif store is not None and store.connection in (Connection.CONNECTED, Connection.CONNECTING):
        until = "until it is connected again" if step.reconnects else "while it is disconnected"
        why = f"no key in {step.name} can be created or used {until}, whoever's it is"
        yield Risk(RiskLevel.DANGER, "disconnects-key-store", why)
