"""One key as the fields of its manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.manifest.schemas import API_VERSION
from reconciler.model.identifiers import AliasName
from reconciler.model.keyspec import KeySpec, KeyState, Origin
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import TAG_PREFIX
from reconciler.policy.document import parse_document
from reconciler.policy.faults import InvalidPolicy

_PSEUDO: Final = "${aws:"
"""What a manifest would take for a parameter, or for a misspelt one."""
_NOT_TO_BE_SET: Final = ("aws:", TAG_PREFIX)
"""Tags that nobody may set: those of services such as CloudFormation, and kmsctl's own."""
MOST_TAGS: Final = 43
"""That a manifest can declare: of the 50 that a key can have, kmsctl may need seven."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key is, in words of manifests."""

    name: str
    """What its manifest is to be called."""
    target: str | None = None
    """The Target that it names."""


def manifest(kind: str, place: Place, spec: Mapping[str, Any]) -> dict[str, Any]:
    """A whole manifest of `kind`."""
    where = {"targetRef": {"name": place.target}} if place.target else {}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": place.name}, "spec": {**spec, **where}}


def of_key(key: ObservedKey, aliases: Sequence[AliasName]) -> dict[str, Any]:
    """`spec` of a Key that adopts `key`, without its policy."""
    return {"adopt": {"keyId": key.key_id}, **immutable(key), **_common(key, aliases), **_rotation(key)}


def of_replica(key: ObservedKey, aliases: Sequence[AliasName], primary: Mapping[str, Any]) -> dict[str, Any]:
    """`spec` of a ReplicaKey that adopts `key`, without its policy. `primary` says which key it is a replica of."""
    return {**primary, "adopt": True, **_common(key, aliases)}


def immutable(key: ObservedKey) -> dict[str, Any]:
    """What can never change, where it is not what a manifest means without a word."""
    of_kind: dict[str, Any] = {}
    if key.key_spec is not KeySpec.SYMMETRIC_DEFAULT:
        of_kind = {"keySpec": str(key.key_spec), "keyUsage": str(key.key_usage)}
    if key.origin is not Origin.AWS_KMS:
        of_kind["origin"] = str(key.origin)
    if key.multi_region:
        of_kind["multiRegion"] = True
    return of_kind


def policy_of(key: ObservedKey) -> dict[str, Any] | None:
    """The key policy as a mapping; None when it cannot be declared as it is."""
    try:
        parse_document(key.policy or "")
    except InvalidPolicy:
        return None
    document: dict[str, Any] = json.loads(key.policy or "")
    return document


def not_said(key: ObservedKey) -> list[str]:
    """What a manifest of `key` leaves to others that its reader may expect."""
    said = []
    if key.origin is Origin.EXTERNAL:
        said.append("Its material was imported: `importedMaterial` would say where it comes from.")
    if key.store_id:
        said.append(f"It is in the custom key store {key.store_id}.")
    if len(_tags(key)) > MOST_TAGS:
        said.append(f"It has {len(key.tags)} tags, and a manifest takes {MOST_TAGS}: none is declared.")
    if key.description != _plain(key.description):
        said.append("Its description is left as it is: it holds what a manifest takes for a parameter.")
    return said


def _common(key: ObservedKey, aliases: Sequence[AliasName]) -> dict[str, Any]:
    tags = _tags(key)
    fields = {
        "description": _plain(key.description),
        "enabled": False if key.state is KeyState.DISABLED else None,
        "aliases": [name.removeprefix("alias/") for name in sorted(aliases)],
        "tags": tags if len(tags) <= MOST_TAGS else {},
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def _rotation(key: ObservedKey) -> dict[str, Any]:
    if key.rotation is None or not key.rotation.enabled or key.is_replica:
        return {}
    period = {"periodDays": int(key.rotation.period)} if key.rotation.period else {}
    return {"rotation": {"automatic": period}}


def _tags(key: ObservedKey) -> dict[str, str]:
    tags = {name: value for name, value in sorted(key.tags.items()) if not name.startswith(_NOT_TO_BE_SET)}
    return {name: value for name, value in tags.items() if value == _plain(value)}


def _plain(value: str) -> str:
    """`value` where it means itself in a manifest, else nothing."""
    return "" if _PSEUDO in value else value
