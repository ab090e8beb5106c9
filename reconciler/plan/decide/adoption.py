"""Which key a manifest that adopts means, and whether it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from reconciler.model.desired import AdoptAlias, Adoption, AdoptKeyId, AdoptTags
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import Ownership
from reconciler.plan.decide.view import TargetView


@dataclass(frozen=True, slots=True)
class CannotAdopt:
    """Why there is no key to adopt."""

    why: str


def key_to_adopt(view: TargetView, adoption: Adoption) -> ObservedKey | CannotAdopt:
    """The key that `adoption` means; adopting is explicit, and never takes a key from another stack."""
    found = _candidates(view, adoption)
    if not found:
        return CannotAdopt(
            f"{_meant(adoption)} in this account and Region: correct `adopt`, or create a key without it"
        )
    if len(found) > 1:
        ids = ", ".join(sorted(key.key_id for key in found))
        return CannotAdopt(f"{len(found)} keys have these tags: {ids}; adopt one of them by its keyId")
    key = found[0]
    if key.aws_managed:
        return CannotAdopt(f"key {key.key_id} is managed by AWS")
    if not view.owns(key):
        return CannotAdopt(f"key {key.arn} is another account's or Region's")
    owner = Ownership.of(key.tags)
    if owner is not None:
        return CannotAdopt(
            f"key {key.key_id} is already {owner.name} of stack {owner.stack}: let it go there first, with "
            "`deletion.policy: Retain` and --prune"
        )
    return key


def _candidates(view: TargetView, adoption: Adoption) -> list[ObservedKey]:
    match adoption:
        case AdoptKeyId(reference) | AdoptAlias(reference):
            key = view.external(reference)
            return [key] if key is not None else []
        case AdoptTags(tags):
            keys = view.observed.keys.values() if tags else ()
            return [key for key in keys if tags.items() <= key.tags.items()]
        case _:
            assert_never(adoption)


def _meant(adoption: Adoption) -> str:
    match adoption:
        case AdoptKeyId(reference):
            return f"there is no key {reference}"
        case AdoptAlias(alias):
            return f"there is no {alias}"
        case AdoptTags(tags):
            return f"no key has the tags {', '.join(f'{name}={value}' for name, value in sorted(tags.items()))}"
        case _:
            assert_never(adoption)
