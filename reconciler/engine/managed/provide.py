"""Making an AWS managed key when it is first asked for.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html (KeyId): who names a predefined alias
without a key associates it with a new AWS managed key. Rotation every year:
https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from typing import Final

from reconciler.engine.audit.record import service_entry
from reconciler.engine.authz.authorise import authorise
from reconciler.engine.call import Call
from reconciler.engine.crypto.material import generate
from reconciler.engine.crypto.specs import ENCRYPT_DECRYPT, SPECS, SYMMETRIC_DEFAULT
from reconciler.engine.ids import random_uuid
from reconciler.engine.instants import DAY
from reconciler.engine.keys.state import ENABLED
from reconciler.engine.managed.services import PREFIX, Service, key_policy, services
from reconciler.engine.store.records import Key, NewKey, RotationSchedule
from reconciler.kit.arn import Arn

ROTATION_DAYS: Final = 365


def provide(call: Call) -> None:
    """The stage of the pipeline: make the AWS managed keys that `call` names by their aliases and that are not there.

    Nothing is made for a caller who may not make the call.

    Raises:
        KmsError: AccessDeniedException, and whatever else the caller is refused with.
    """
    for parameter in call.operation.keys:
        if parameter.aliases:
            reference = call.get(parameter.name)
            if reference is not None and PREFIX in reference:
                _provide(call, reference)


def _provide(call: Call, reference: str) -> None:
    name = _alias_of(call, reference)
    service = services().get(name)
    account, region = call.caller.account, call.caller.region
    if service is None:
        return
    with call.store.reading():
        known = call.store.aliases.target(account, region, name)
    if known is not None:
        return
    with call.store.writing():
        if call.store.aliases.find(account, region, name) is None:
            _make(call, service, name)
            authorise(call)
    call.keys.clear()
    call.resources.clear()


def _alias_of(call: Call, reference: str) -> str:
    """The alias name that `reference` means in the caller's account and Region, else nothing."""
    if not reference.startswith("arn:"):
        return reference
    arn = Arn.parse(reference)
    here = (call.caller.account, call.caller.region)
    return arn.resource if arn and arn.service == "kms" and (arn.account, arn.region) == here else ""


def _make(call: Call, service: Service, name: str) -> None:
    caller, store = call.caller, call.store
    new = NewKey(
        key_id=random_uuid(),
        spec=SYMMETRIC_DEFAULT,
        usage=ENCRYPT_DECRYPT,
        origin="AWS_KMS",
        description=f"Default key that protects my {service.protects} when no other key is defined",
        policy=key_policy(service, caller.account, caller.region, caller.partition),
        primary_region=None,
        manager="AWS",
    )
    key = _with_material(call, store.keys.insert(caller.account, caller.region, new, call.now))
    store.keys.schedule_rotation(key, RotationSchedule(ROTATION_DAYS, call.now + ROTATION_DAYS * DAY))
    store.aliases.insert(key, name, call.now)
    store.record(service_entry("CreateKey", key, call.now))


def _with_material(call: Call, key: Key) -> Key:
    sealed = call.keyring.seal(key, generate(SPECS[SYMMETRIC_DEFAULT]))
    call.store.keys.materials.add(key, sealed, key.created, None)
    return call.store.keys.update(key, {"material_id": sealed.material_id, "state": ENABLED})
