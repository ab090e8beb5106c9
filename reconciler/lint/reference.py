"""KMS's actions and condition keys as IAM's reference lists them (`data/iam.json`, with date and source)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from reconciler.policy.patterns import matches

SERVICE: Final = "kms:"
_OPEN: Final = ("/", ":")
"""How keys end that go on with a name of the author's choice, e.g. `kms:EncryptionContext:`."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What there is."""

    actions: Mapping[str, frozenset[str]]
    """Names without `kms:`; of each the condition keys that only some actions have, in lower case."""
    on_key: frozenset[str]
    """Actions whose resource is a key."""
    key_conditions: frozenset[str]
    """Condition keys about the key itself, which every action on it has; in lower case."""
    keys: Mapping[str, str]
    """Condition keys as AWS spells them, KMS's and those of all services; of each its type."""
    global_keys: frozenset[str]
    """Those of all services, in lower case; they may be in any request."""


@cache
def reference() -> Reference:
    """The reference that kmsctl ships."""
    data: Any = json.loads(files("reconciler.lint").joinpath("data/iam.json").read_text("utf-8"))
    actions = {name: frozenset(map(str.lower, one["keys"])) for name, one in data["actions"].items()}
    on_key = frozenset(name for name, one in data["actions"].items() if "key" in one["resources"])
    conditions = frozenset(map(str.lower, data["key_conditions"]))
    keys = {**data["keys"], **data["global_keys"]}
    return Reference(actions, on_key, conditions, keys, frozenset(map(str.lower, data["global_keys"])))


@lru_cache(maxsize=1024)
def actions_matching(pattern: str) -> tuple[str, ...]:
    """The names of KMS's actions that `pattern`, e.g. `kms:Get*`, covers, without `kms:`."""
    lowered = pattern.lower()
    return tuple(name for name in reference().actions if matches(lowered, f"{SERVICE}{name}".lower()))


@lru_cache(maxsize=1024)
def condition_key(key: str) -> str | None:
    """`key` as AWS spells it, without the part that its author chooses; None when there is no such key."""
    lowered = key.lower()
    for name in reference().keys:
        known = name.lower()
        if lowered == known and not known.endswith(_OPEN):
            return name
        if known.endswith(_OPEN) and lowered.startswith(known) and len(lowered) > len(known):
            return name
    return None


def type_of(key: str) -> str:
    """The type of the condition key that AWS spells `key`: `String`, `ArrayOfString`, `ARN`, `Bool` and so on."""
    return reference().keys[key]


@lru_cache(maxsize=1024)
def is_in_request(key: str, action: str) -> bool:
    """Whether a request for `action`, a name without `kms:`, can have the condition key that AWS spells `key`."""
    lowered, known = key.lower(), reference()
    if lowered in known.actions[action] or lowered in known.key_conditions:
        return True
    return lowered in known.global_keys and lowered not in _of_some_actions()


@cache
def _of_some_actions() -> frozenset[str]:
    """Keys of all services that KMS has for some of its actions only, e.g. `aws:TagKeys`."""
    known = reference()
    return frozenset(key for keys in known.actions.values() for key in keys) & known.global_keys


@lru_cache(maxsize=1024)
def covered(patterns: tuple[str, ...]) -> frozenset[str]:
    """The names of KMS's actions that one of `patterns` covers, without `kms:`."""
    return frozenset(name for pattern in patterns for name in actions_matching(pattern))
