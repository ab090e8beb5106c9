"""Made-up secrets: what takes the place of key material, passwords and credentials, none of which is read.

Each place that a plan names has one content. So what a key has already is given the content of the place from which the
plan imports it again, and KMS's rule that it must be the same is rehearsed, too, as far as the places tell.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from reconciler.apply.secrets import Secret
from reconciler.engine.crypto.material import generate_secret
from reconciler.engine.crypto.specs import SPECS
from reconciler.model.identifiers import KeyId
from reconciler.model.material import (
    AwaitedMaterial,
    FirstMaterial,
    KnownMaterial,
    SecretSource,
    SecretVariable,
    WhichMaterial,
)
from reconciler.model.observed import ObservedKey, ObservedState
from reconciler.model.stores import CloudHsm
from reconciler.plan.changes import Plan
from reconciler.plan.steps import CreateCustomKeyStore, ExistingKey, ImportMaterial, UpdateCustomKeyStore
from reconciler.workflow.rehearse.subjects import key_id_of

PASSWORD = "rehearsed" * 3
"""A password of a CloudHSM cluster, of the 7 to 32 characters that KMS takes."""
CREDENTIAL = "rehearsed+" * 5
"""A secret access key of an external key store proxy, of the 43 to 64 characters that KMS takes."""

Known = tuple[KeyId, str]
"""Imported material, by the key that it belongs to and its id."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """The secrets of one rehearsal."""

    contents: Mapping[SecretSource, bytes] = field(default_factory=dict, repr=False)
    materials: Mapping[Known, bytes] = field(default_factory=dict, repr=False)
    """What takes the place of material that a key has and the plan imports again."""

    def __call__(self, source: SecretSource, /) -> Secret:
        """See `reconciler.apply.secrets.Secrets`."""
        return Secret(self.contents[source])


def stand_ins(plan: Plan, observed: ObservedState) -> StandIns:
    """For everything that `plan` reads; key pairs take their time to make."""
    contents: dict[SecretSource, bytes] = {}
    materials: dict[Known, bytes] = {}
    raw: dict[SecretSource, bytes] = {}
    for _, step in plan.steps():
        match step:
            case ImportMaterial():
                if step.source not in raw:
                    raw[step.source] = generate_secret(SPECS[step.key_spec])[0]
                    contents[step.source] = _written(step.source, raw[step.source])
                materials |= dict.fromkeys(_known(step, observed), raw[step.source])
            case CreateCustomKeyStore(_, backing) | UpdateCustomKeyStore(_, backing):
                contents[backing.secret] = (PASSWORD if isinstance(backing, CloudHsm) else CREDENTIAL).encode()
            case _:
                pass
    return StandIns(contents, materials)


def current_of(key: ObservedKey) -> str | None:
    """The id of the current imported material: a made-up one where it was not read; None before the first import."""
    if key.materials is not None:
        return key.materials.current.material_id if key.materials.current else None
    return sha256(key.key_id.encode()).hexdigest() if key.material else None


def _written(source: SecretSource, raw: bytes) -> bytes:
    """Variables hold text."""
    return base64.b64encode(raw) if isinstance(source, SecretVariable) else raw


def _known(step: ImportMaterial, observed: ObservedState) -> list[Known]:
    """The material that the step brings, as far as the key has it already."""
    if not isinstance(step.key, ExistingKey):
        return []
    key_id = key_id_of(step.key)
    keys = [target.keys[key_id] for target in observed.targets.values() if key_id in target.keys]
    return [(key_id, known) for known in {_id_of(step.which, key) for key in keys} if known]


def _id_of(which: WhichMaterial, key: ObservedKey) -> str | None:
    match which:
        case KnownMaterial(material_id):
            return material_id
        case FirstMaterial():
            return current_of(key)
        case AwaitedMaterial():
            return key.materials.pending.material_id if key.materials and key.materials.pending else None
        case _:
            return None
