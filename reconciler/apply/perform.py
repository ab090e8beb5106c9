"""One step, one call: which steps need more care than a call, and which do not."""

from __future__ import annotations

from typing import assert_never

from reconciler.apply.already import send_unless_already_so
from reconciler.apply.principals import send_once_principals_are_seen
from reconciler.apply.recover import rotate
from reconciler.apply.related import move_primary, replicate
from reconciler.apply.settle import create_one
from reconciler.apply.site import Done, Site
from reconciler.apply.stores import change_store
from reconciler.apply.wait import Pausing
from reconciler.apply.wire import request
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


def perform(step: Step, site: Site) -> Pausing[Done]:
    """Carry out `step` of a change on the target of `site`.

    Raises:
        KmsError: the KMS refused, in its own words.
        KmsctlError: the same, where words for people help more.
    """
    match step:
        case CreateCustomKeyStore() | UpdateCustomKeyStore() | ConnectCustomKeyStore() | DisconnectCustomKeyStore():
            return (yield from change_store(step, site))
        case CreateKey():
            return (yield from create_one(step, site))
        case ReplicateKey():
            return (yield from replicate(step, site))
        case UpdatePrimary():
            return (yield from move_primary(step, site))
        case ImportMaterial():
            from reconciler.apply.material.bring import import_material

            return (yield from import_material(step, _of_primary(step, site)))
        case RotateOnDemand():
            return (yield from rotate(step, _of_primary(step, site)))
        case EnableRotation() | DisableRotation():
            _of_primary(step, site).send(request(step, site.resolve))
        case PutKeyPolicy() | CreateGrant():
            yield from send_once_principals_are_seen(site, request(step, site.resolve))
        case CreateAlias() | DeleteAlias() | RevokeGrant() | ScheduleDeletion() | CancelDeletion():
            yield from send_unless_already_so(step, site)
        case UpdateDescription() | EnableKey() | DisableKey() | TagKey() | UntagKey() | UpdateAlias():
            site.send(request(step, site.resolve))
        case _:
            assert_never(step)
    return Done()


def _of_primary(step: ImportMaterial | RotateOnDemand | EnableRotation | DisableRotation, site: Site) -> Site:
    """Where KMS takes new material and the rotation of a key from."""
    return site if step.at is None else site.elsewhere(step.at)
