"""What a reading of a KMS must cover, so that every call that is made can matter, and no other is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from reconciler.model.address import KEYS
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptReplica,
    AdoptTags,
    AutomaticRotation,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    ExternalKey,
    ExternalPrimary,
    KeyReference,
    ManagedKey,
    NoRotation,
)
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.model.keyspec import rotates_by_itself


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facets of one key can matter; its description, state and tags always do."""

    policy: bool = False
    rotation: bool = False
    serial: int | None = None
    """The declared on-demand serial: the count of past rotations matters when the key's tag says another."""
    material: bool = False
    """Whether imported material is declared: all materials of the key matter."""
    grants: Mapping[str, str | None] = field(default_factory=dict)
    """Declared grants, name to retiring principal (None: there is none to search by)."""
    every_grant: bool = False
    """All grants that are on the key, whoever made them."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to read of one target."""

    stack: str
    keys: Mapping[str, Wanted] = field(default_factory=dict)
    """Declared keys by manifest name. Owned keys of other names are orphans: of them `others` is read."""
    external: Mapping[str, Wanted] = field(default_factory=dict)
    """Keys that manifests name from outside the stack, by id, ARN or alias as they are written there."""
    adopt_tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Keys to find by tags, by manifest name."""
    every_grant: bool = False
    """Read all grants of every key of the stack: pruning, and drift reports."""
    everything: bool = False
    """Read the keys that are nobody's too: drift reports, and lint of a whole account."""
    aliases: frozenset[AliasName] = frozenset()
    """Declared aliases. The keys that they point to are read, whoever's they are: KMS moves an alias between keys of
    one type only, and who takes over an alias wants to know whose it was."""
    stores: bool = False
    """Whether custom key stores are declared: all of them are read in one call."""
    others: Wanted | None = field(default_factory=Wanted)
    """What to read of the stack's keys that `keys` does not name: of orphans nothing more, of keys to show more. None:
    they are not read at all, and what is read says nothing of orphans."""
    search: frozenset[str] = frozenset()
    """Names of keys that may have been made a moment ago by somebody who could not note it: if one is not found, every
    key that the tagging index does not list is asked for its tags."""
    known: Mapping[str, KeyId] = field(default_factory=dict)
    """Keys that were seen before, by manifest name: they are looked at although the tagging index does not list them,
    and their tags say whether they are still what they were."""
    unmanaged: Wanted = field(default_factory=Wanted)
    """With `everything`, what to read of the keys that are nobody's beside their state and description."""


def scope_of(desired: DesiredState, *, every_grant: bool = False, everything: bool = False) -> dict[TargetName, Scope]:
    """The reading that planning `desired` needs, a target each."""
    scopes = {}
    for target in desired.targets():
        keys = {key.address.name: _wanted(key) for key in desired.keys if key.address.target == target}
        external: dict[str, Wanted] = {}
        aliases = [alias for alias in desired.aliases if alias.address.target == target]
        for alias in aliases:
            _refer(external, alias.key, None)
        for grant in desired.grants:
            if grant.address.target == target:
                _grant(keys, external, grant)
        for key in desired.keys:
            if isinstance(key.primary, ExternalPrimary) and key.primary.target == target:
                external.setdefault(key.primary.key, Wanted())
        for name in {test.key.name for test in desired.tests if test.key.target == target} & keys.keys():
            keys[name] = replace(keys[name], policy=True, every_grant=True)
        adopt_tags = _adopted(desired, target, keys, external)
        names = frozenset(alias.name for alias in aliases)
        stores = any(store.address.target == target for store in desired.stores)
        scopes[target] = Scope(desired.stack, keys, external, adopt_tags, every_grant, everything, names, stores)
    return scopes


def _wanted(key: DesiredKey) -> Wanted:
    ignored = key.ignore.fields
    rotation = key.rotation if "rotation" not in ignored else None
    return Wanted(
        policy=isinstance(key.policy, str) and "policy" not in ignored,
        rotation=isinstance(rotation, AutomaticRotation | NoRotation) and rotates_by_itself(key.key_spec, key.origin),
        serial=key.serial if "rotation" not in ignored else None,
        material=key.material is not None,
    )


def _adopted(
    desired: DesiredState, target: TargetName, keys: Mapping[str, Wanted], external: dict[str, Wanted]
) -> dict[str, Mapping[str, str]]:
    """Keys to adopt are read like keys of the stack: those named otherwise are added to `external`."""
    by_tags: dict[str, Mapping[str, str]] = {}
    for key in desired.keys:
        if key.address.target != target:
            continue
        match key.adopt:
            case AdoptKeyId(reference) | AdoptAlias(reference):
                external[reference] = _both(keys[key.address.name], external.get(reference, Wanted()))
            case AdoptTags(tags):
                by_tags[key.address.name] = tags
            case AdoptReplica() | None:
                pass
            case _:
                assert_never(key.adopt)
    return by_tags


def _both(one: Wanted, other: Wanted) -> Wanted:
    """What is to be read for both: manifests may name one key twice."""
    return replace(
        one,
        policy=one.policy or other.policy,
        rotation=one.rotation or other.rotation,
        serial=other.serial if one.serial is None else one.serial,
        material=one.material or other.material,
        grants={**other.grants, **one.grants},
        every_grant=one.every_grant or other.every_grant,
    )


def _refer(external: dict[str, Wanted], reference: KeyReference, grant: DesiredGrant | None) -> None:
    if isinstance(reference, ExternalKey):
        wanted = external.get(reference.key, Wanted())
        external[reference.key] = _with_grant(wanted, grant) if grant else wanted


def _grant(keys: dict[str, Wanted], external: dict[str, Wanted], grant: DesiredGrant) -> None:
    _refer(external, grant.key, grant)
    if isinstance(grant.key, ManagedKey) and grant.key.address.kind in KEYS:
        name = grant.key.address.name
        if name in keys:
            keys[name] = _with_grant(keys[name], grant)


def _with_grant(wanted: Wanted, grant: DesiredGrant) -> Wanted:
    return replace(wanted, grants={**wanted.grants, grant.address.name: grant.terms.retiring_principal})
