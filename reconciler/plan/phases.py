"""When a step runs, relative to what depends on the resource that it changes."""

from __future__ import annotations

import enum
from typing import assert_never

from reconciler.plan.steps import (
    CancelDeletion,
    ConnectCustomKeyStore,
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    DisconnectCustomKeyStore,
    EnableKey,
    EnableRotation,
    ImportMaterial,
    PutKeyPolicy,
    ReplicateKey,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
    UpdateDescription,
    UpdatePrimary,
)


class Phase(enum.IntEnum):
    """When a step of a change runs, relative to the changes that depend on it.

    KMS refuses most changes of a disabled key, and all of one that awaits deletion: these come last. It moves a primary
    between two enabled keys: when the new one is there, and before either is disabled.
    """

    PREPARE = 0
    """Before everything that depends on the resource."""
    MOVE = 1
    """After what depends on the resource is prepared, and before that is finished: what concerns related keys."""
    FINISH = 2
    """After everything that depends on the resource."""


def phase_of(step: Step) -> Phase:
    """When `step` runs."""
    match step:
        case DisableKey() | ScheduleDeletion() | DisconnectCustomKeyStore(reconnects=False):
            return Phase.FINISH
        case UpdatePrimary() | RotateOnDemand(together=True) | TagKey(late=True):
            return Phase.MOVE
        case EnableRotation(at=str()) | DisableRotation(at=str()):
            return Phase.MOVE  # the primary is another resource's key, which that resource prepares
        case (
            CreateCustomKeyStore()
            | UpdateCustomKeyStore()
            | ConnectCustomKeyStore()
            | DisconnectCustomKeyStore()
            | CreateKey()
            | ReplicateKey()
            | UpdateDescription()
            | EnableKey()
            | PutKeyPolicy()
            | TagKey()
            | UntagKey()
            | ImportMaterial()
            | EnableRotation()
            | DisableRotation()
            | RotateOnDemand()
            | CancelDeletion()
            | CreateAlias()
            | UpdateAlias()
            | DeleteAlias()
            | CreateGrant()
            | RevokeGrant()
        ):
            return Phase.PREPARE
        case _:
            assert_never(step)
