"""Each step in one line for people."""

from __future__ import annotations

from typing import assert_never

from reconciler.plan.aliases import shown
from reconciler.plan.steps import (
    CancelDeletion,
    CreateAlias,
    CreateGrant,
    CreateKey,
    DeleteAlias,
    DisableKey,
    DisableRotation,
    EnableKey,
    EnableRotation,
    PutKeyPolicy,
    RevokeGrant,
    RotateOnDemand,
    ScheduleDeletion,
    Step,
    TagKey,
    UntagKey,
    UpdateAlias,
    UpdateDescription,
)


def explain(step: Step) -> str:  # noqa: C901  one case a step
    """What `step` does, as an imperative without a full stop."""
    match step:
        case CreateKey(key_spec=spec, owner=owner):
            return f"create {spec} key {owner.name}" + (f" (generation {owner.generation})" * (owner.generation > 1))
        case UpdateDescription(key):
            return f"describe key {shown(key)}"
        case EnableKey(key):
            return f"enable key {shown(key)}"
        case DisableKey(key):
            return f"disable key {shown(key)}"
        case PutKeyPolicy(key):
            return f"put the policy of key {shown(key)}"
        case TagKey(key, tags):
            return f"tag key {shown(key)}: {', '.join(sorted(tags))}"
        case UntagKey(key, tag_keys):
            return f"remove tags of key {shown(key)}: {', '.join(tag_keys)}"
        case EnableRotation(key, period):
            return f"rotate key {shown(key)} every {period} days"
        case DisableRotation(key):
            return f"stop rotating key {shown(key)}"
        case RotateOnDemand(key):
            return f"rotate key {shown(key)} now"
        case ScheduleDeletion(key, window):
            return f"schedule the deletion of key {shown(key)} in {window} days"
        case CancelDeletion(key):
            return f"cancel the deletion of key {shown(key)}"
        case CreateAlias(alias, key):
            return f"create {alias} for key {shown(key)}"
        case UpdateAlias(alias, key):
            return f"point {alias} to key {shown(key)}"
        case DeleteAlias(alias):
            return f"delete {alias}"
        case CreateGrant(key, name):
            return f"create grant {name} on key {shown(key)}"
        case RevokeGrant(key, grant_id):
            return f"revoke grant {grant_id} on key {shown(key)}"
        case _:
            assert_never(step)
