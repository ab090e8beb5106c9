"""Whether a step of a plan from a file does what its change shows, wherever that decides who can do what.

What a reviewer has read and agreed to are the fields of a change; a step that does something else was put there later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.kit.absent import ABSENT
from reconciler.model.ownership import ROTATION_TAG
from reconciler.plan.changes import Action, Change
from reconciler.plan.decide.aliases import shown
from reconciler.plan.decide.grants import flat_terms
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import (
    CreateAlias,
    CreateCustomKeyStore,
    CreateGrant,
    CreateKey,
    ImportMaterial,
    PutKeyPolicy,
    ReplicateKey,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateCustomKeyStore,
)

_POLICY = "it would put a policy that it does not show"


def unlike_shown(change: Change, step: Step, view: TargetView) -> Iterator[str]:
    """What `step` would do otherwise than `change` shows."""
    match step:
        case CreateKey() | ReplicateKey():
            yield from _of_new_key(change, step)
        case PutKeyPolicy() if step.policy not in _shown(change, "policy"):
            yield _POLICY
        case ImportMaterial() if str(step.source) not in _shown(change, "importedMaterial.from"):
            yield f"it would import material from {step.source}, which it does not show"
        case CreateGrant() if flat_terms(step.terms) != _terms_shown(change, view):
            yield "it would make a grant of other terms than it shows"
        case CreateAlias() | UpdateAlias() if shown(step.key) not in _shown(change, "key"):
            yield f"it would point {step.alias} to {shown(step.key)}, which it does not show"
        case ScheduleDeletion() if change.action is not Action.SCHEDULE_DELETION:
            yield "it would schedule a deletion that it does not show"
        case UntagKey() if change.action is not Action.DISOWN:
            yield "it would disown a key that it does not show to be"
        case TagKey():
            yield from _of_tags(change, step)
        case CreateCustomKeyStore() | UpdateCustomKeyStore():
            yield from _of_store(change, step)
        case _:
            pass


def _shown(change: Change, path: str) -> set[object]:
    return {field.after for field in change.fields if field.path == path}


def _of_new_key(change: Change, step: CreateKey | ReplicateKey) -> Iterator[str]:
    """Who may use a new key is shown; where nothing is, it gets AWS's default policy."""
    if (_shown(change, "policy") or {None}).isdisjoint({step.policy}):
        yield _POLICY
    for path, value in _nature(step).items():
        if any(said != value for said in _shown(change, path)):
            yield f"it would set {path} to what it does not show"
    if change.action is Action.CREATE:
        tags = {f"tags[{name}]": value for name, value in step.tags.items()}
        told = {field.path: field.after for field in change.fields if field.path.startswith("tags[")}
        if not told.items() <= tags.items():
            yield "it would not set the tags that it shows"


def _nature(step: CreateKey | ReplicateKey) -> Mapping[str, Any]:
    nature = {"keySpec": str(step.key_spec), "keyUsage": str(step.key_usage), "origin": str(step.origin)}
    if isinstance(step, ReplicateKey):
        return nature
    return {**nature, "multiRegion": step.multi_region, "xksKeyId": step.xks_key_id or ABSENT}


def _of_tags(change: Change, step: TagKey) -> Iterator[str]:
    """What is to be rotated is noted on the key before it is, and shown as another serial."""
    for name, value in sorted(step.tags.items()):
        if name != ROTATION_TAG and value not in _shown(change, f"tags[{name}]"):
            yield f"it would set the tag {name} to what it does not show"


def _terms_shown(change: Change, view: TargetView) -> dict[str, object]:
    """The terms of the grant that is there, with what `change` shows to be otherwise."""
    grants = view.own_grants.get(change.address.name, ())
    before = next((flat_terms(grant.terms) for grant in grants if grant.grant_id == change.resource_id), {})
    said = {field.path: field.after for field in change.fields if field.path != "key"}
    return {path: value for path, value in {**before, **said}.items() if value is not ABSENT}


def _of_store(change: Change, step: CreateCustomKeyStore | UpdateCustomKeyStore) -> Iterator[str]:
    """What stands behind a store decides what its keys encrypt with."""
    settings = step.backing.settings
    sent = settings.keys() if isinstance(step, CreateCustomKeyStore) else settings.keys() & {*step.changed}
    said = {field.path: field.after for field in change.fields}
    for name in sorted(sent):
        if said.get(name) != settings[name]:
            yield f"it would set {name} to what it does not show"
