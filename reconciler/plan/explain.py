"""Each step in one line for people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from reconciler.model.material import AwaitedMaterial, NewMaterial
from reconciler.model.ownership import TAG_PREFIX
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
    ExistingKey,
    ImportMaterial,
    KeyHandle,
    PlannedKey,
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


def explain(step: Step) -> str:  # noqa: C901  one case a step
    """What `step` does, as an imperative without a full stop."""
    match step:
        case CreateCustomKeyStore(name):
            return f"create custom key store {name}"
        case UpdateCustomKeyStore(name, _, changed):
            return f"change custom key store {name}: {', '.join(changed)}"
        case ConnectCustomKeyStore(name):
            return f"connect custom key store {name}"
        case DisconnectCustomKeyStore(name):
            return f"disconnect custom key store {name}"
        case CreateKey(key_spec=spec, owner=owner, store=store):
            generation = f" (generation {owner.generation})" * (owner.generation > 1)
            return f"create {spec} key {owner.name}{generation}" + (f" in custom key store {store}" if store else "")
        case ReplicateKey(primary=primary, region=region):
            return f"replicate {_called(primary)} to {region}"
        case UpdatePrimary(key, region=region):
            return f"make the key in {region} the primary of {_called(key)}"
        case UpdateDescription(key):
            return f"describe {_called(key)}"
        case EnableKey(key):
            return f"enable {_called(key)}"
        case DisableKey(key):
            return f"disable {_called(key)}"
        case PutKeyPolicy(key):
            return f"put the policy of {_called(key)}"
        case TagKey(key, tags):
            return f"tag {_called(key)}: {_names(sorted(tags))}"
        case UntagKey(key, tag_keys):
            return f"remove tags of {_called(key)}: {_names(tag_keys)}"
        case ImportMaterial():
            return _import(step)
        case EnableRotation(key, period):
            return f"rotate {_called(key)} every {period} days"
        case DisableRotation(key):
            return f"stop rotating {_called(key)}"
        case RotateOnDemand(key):
            return f"rotate {_called(key)} now"
        case ScheduleDeletion(key, window):
            return f"schedule the deletion of {_called(key)} in {window} days"
        case CancelDeletion(key):
            return f"cancel the deletion of {_called(key)}"
        case CreateAlias(alias, key):
            return f"create {alias} for {_called(key)}"
        case UpdateAlias(alias, key):
            return f"point {alias} to {_called(key)}"
        case DeleteAlias(alias):
            return f"delete {alias}"
        case CreateGrant(key, name):
            return f"create grant {name} on {_called(key)}"
        case RevokeGrant(key, grant_id):
            return f"revoke grant {grant_id} on {_called(key)}"
        case _:
            assert_never(step)


def _import(step: ImportMaterial) -> str:
    what = "new key material" if isinstance(step.which, NewMaterial | AwaitedMaterial) else "key material"
    until = f", until {step.valid_to:%Y-%m-%d}" if step.valid_to else ""
    where = " where it is the primary" if step.at is not None else ""
    return f"import {what} into {_called(step.key)}{where} from {step.source}{until}"


def _called(handle: KeyHandle) -> str:
    """A key in a sentence: by its id, or by its manifest while it has none."""
    match handle:
        case ExistingKey(key):
            return f"key {key}"
        case PlannedKey(address, _):
            return str(address)
        case _:
            assert_never(handle)


def _names(tag_keys: Iterable[str]) -> str:
    """Names of tags; of kmsctl's own only that there are some."""
    names = list(tag_keys)
    others = [name for name in names if not name.startswith(TAG_PREFIX)]
    return ", ".join([*others, "kmsctl's own"] if len(others) < len(names) else others)
