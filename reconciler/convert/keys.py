"""The fields of a key, which every tool has under names of its own, as those of a manifest."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.convert.fields import Fields
from reconciler.convert.remarks import TO_DO, Words

_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"
_OWN_MATERIAL: Final = "AWS_KMS"


class WhenGone(enum.Enum):
    """What the tool does with the key once it is no longer declared, where a file says so in so many words."""

    RETAIN = enum.auto()
    DELETE = enum.auto()


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What is declared of a key; None is what is not."""

    description: str | None = None
    key_spec: str | None = None
    key_usage: str | None = None
    origin: str | None = None
    multi_region: bool | None = None
    enabled: bool | None = None
    rotates: bool | None = None
    rotation_days: int | None = None
    window_days: int | None = None
    when_gone: WhenGone | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, Any] | None = None
    xks_key_id: str | None = None


def key_fields(facts: KeyFacts) -> dict[str, Any]:
    """`spec` of a Key, in the order in which people read it."""
    return _declared({**_described(facts), **immutable(facts), **_governed(facts)})


def replica_fields(facts: KeyFacts) -> dict[str, Any]:
    """`spec` of a ReplicaKey: what it shares with its primary is not its own."""
    return _declared({**_described(facts), **_governed(facts), "rotation": None})


def immutable(facts: KeyFacts) -> dict[str, Any]:
    """What can never change, where it is not what a manifest means without a word."""
    found: dict[str, Any] = {}
    if facts.key_spec not in (None, _SYMMETRIC):
        found = {"keySpec": facts.key_spec, "keyUsage": facts.key_usage}
    elif facts.key_usage not in (None, "ENCRYPT_DECRYPT"):
        found = {"keyUsage": facts.key_usage}
    if facts.origin not in (None, _OWN_MATERIAL):
        found |= {"origin": facts.origin, "xksKeyId": facts.xks_key_id}
    return _declared({**found, "multiRegion": facts.multi_region or None})


def origin_in(store: str | None, xks_key_id: str | None) -> str | None:
    """The origin of a key that is in a custom key store, or behind which an external key is."""
    if xks_key_id:
        return "EXTERNAL_KEY_STORE"
    return "AWS_CLOUDHSM" if store else None


def tell_bypass(fields: Fields, name: str) -> None:
    """Say that a manifest has no flag that KMS's check of a policy is to be left out."""
    if fields.flag(name):
        why = "kmsctl never asks KMS to skip the check that somebody can still change the policy"
        fix = "a plan says when a policy would lock its caller out, and lets nobody do that by accident"
        fields.tell(fields.node.get(name), Words(f"`{name}` is left out", why, fix))


def tell_material(fields: Fields, name: str, where: str) -> None:
    """Say that material is not carried over; it is not looked at."""
    why = f"{where}, and manifests say where material is, never what it is"
    fix = "to have kmsctl import it again when it is gone, put it into a file of its own and declare `importedMaterial`"
    fields.tell(fields.node.get(name), Words(f"`{name}` is left out", why, fix, TO_DO))


def _described(facts: KeyFacts) -> dict[str, Any]:
    return {"description": facts.description or None}


def _governed(facts: KeyFacts) -> dict[str, Any]:
    return {
        "enabled": False if facts.enabled is False else None,
        "rotation": {"automatic": _declared({"periodDays": facts.rotation_days})} if facts.rotates else None,
        "tags": dict(facts.tags) or None,
        "deletion": _deletion(facts) or None,
        "policy": {"document": facts.policy} if facts.policy is not None else None,
    }


def _deletion(facts: KeyFacts) -> dict[str, Any]:
    policy = {None: None, WhenGone.RETAIN: "Retain", WhenGone.DELETE: "Schedule"}[facts.when_gone]
    window = None if facts.when_gone is WhenGone.RETAIN else facts.window_days
    return _declared({"policy": policy, "windowDays": window})


def _declared(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
