"""What the steps of a plan have changed, or may have, in the lists of each target. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.kms.observe import Sweeps
from reconciler.kms.refresh import Touched
from reconciler.model.address import KEYS, Address
from reconciler.model.identifiers import AliasName, KeyId, TargetName
from reconciler.plan.steps import CreateAlias, DeleteAlias, ExistingKey, KeyHandle, UpdateAlias, targets_of

_OfAlias = CreateAlias | UpdateAlias | DeleteAlias


def touched_by(outcome: Outcome, lists: Mapping[TargetName, Sweeps]) -> dict[TargetName, Touched]:
    """By target: where an alias is, KMS has said when it took the call; of a call that failed nobody knows.

    Args:
        outcome: of the plan that was carried out.
        lists: of each target, from before.
    """
    times = Counter((result.change.address.target, _alias(result)) for result in outcome.steps)
    found: defaultdict[TargetName, Touched] = defaultdict(Touched)
    for result in outcome.steps:
        for target in targets_of(result.step, result.change.address.target):
            found[target] |= _touched(
                result, outcome.created, lists.get(target), once=times[target, _alias(result)] == 1
            )
    return dict(found)


def _alias(result: StepResult) -> AliasName | None:
    return result.step.alias if isinstance(result.step, _OfAlias) else None


def _touched(result: StepResult, created: Mapping[Address, KeyId], lists: Sweeps | None, *, once: bool) -> Touched:
    address, step = result.change.address, result.step
    if address.kind in KEYS:
        return Touched(frozenset({address.name}))
    if not isinstance(step, _OfAlias):
        return Touched()
    key = None if isinstance(step, DeleteAlias) else _id_of(step.key, created)
    if once and result.status is Status.DONE and (key is not None or isinstance(step, DeleteAlias)):
        return Touched(aliases={step.alias: key})
    before = lists.aliases.by_name.get(step.alias) if lists is not None else None
    return Touched(keys=frozenset(one for one in (key, before.key_id if before else None) if one is not None))


def _id_of(handle: KeyHandle, created: Mapping[Address, KeyId]) -> KeyId | None:
    """None of a key that was to be made, and was not."""
    return KeyId(handle.key.rpartition("/")[2]) if isinstance(handle, ExistingKey) else created.get(handle.address)
