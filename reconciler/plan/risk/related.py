"""What could go wrong where one of the related keys of a multi-Region key is changed and the others are not.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.observed import ObservedKey
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.plan.decide.orphans import is_given_up
from reconciler.plan.decide.related import moved_by, place_of
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import UpdatePrimary


def replicas_left(view: TargetView, key: ObservedKey) -> Iterator[Risk]:
    """Of scheduling the deletion of `key`: as a primary it waits, unusable, for as long as its replicas stay."""
    regions = key.regions
    if regions is None or key.is_replica or not regions.replicas or moved_by(view, key):
        return
    left = [region for region in regions.replicas if not _goes_too(view, key, region)]
    if left:
        why = f"key {key.key_id} is a primary, and its replicas in {', '.join(left)} stay"
        consequence = "it cannot be used or replicated any more, and is deleted only after them"
        yield Risk(RiskLevel.DANGER, "replicas-left", f"{why}: {consequence}")
    else:
        why = f"key {key.key_id} is a primary: its waiting period begins when the last of its replicas is deleted"
        yield Risk(RiskLevel.CAUTION, "waits-for-replicas", why)


def _goes_too(view: TargetView, key: ObservedKey, region: str) -> bool:
    place = place_of(view, region)
    other = view.views[place] if place is not None else None
    replica = other.observed.keys.get(key.key_id) if other else None
    return other is not None and replica is not None and is_given_up(other, replica)


def moving(step: UpdatePrimary) -> Risk:
    """Of making another key the primary: keys can be used all the while."""
    return Risk(
        RiskLevel.CAUTION,
        "moves-primary",
        f"who may rotate, replicate or move the key is decided by the policy in {step.region} from then on; for some "
        "seconds neither key can be managed",
    )
