"""Show: the keys of a stack as they really are, whatever the manifests say."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.model.identifiers import TargetName
from reconciler.model.keyspec import rotates_by_itself
from reconciler.model.observed import ObservedState, ObservedTarget
from reconciler.model.ownership import Ownership
from reconciler.model.scope import Scope, Wanted
from reconciler.report.keys import KeyList, keys_of
from reconciler.workflow.session import Session, observe_all


def list_keys(session: Session, *, everyones: bool = False) -> KeyList:
    """The keys of the session's stack, or all of its accounts, with rotation and grants where they are the stack's.

    The names of the keys are read first, because only of keys that are asked for by name more than the state is read.

    Raises:
        KmsError: a target refused to be read.
    """
    stack = session.desired.stack
    first = observe_all(session, {name: Scope(stack) for name in session.connections})
    observed = observe_all(session, _in_full(first, stack, everything=everyones))
    return keys_of(observed, stack, everyones=everyones)


def _in_full(observed: ObservedState, stack: str, *, everything: bool) -> Mapping[TargetName, Scope]:
    return {
        name: Scope(stack, _rotating(target), every_grant=True, everything=everything)
        for name, target in observed.targets.items()
    }


def _rotating(target: ObservedTarget) -> dict[str, Wanted]:
    owners = ((Ownership.of(key.tags), key) for key in target.keys.values())
    return {
        owner.name: Wanted(rotation=True)
        for owner, key in owners
        if owner is not None and rotates_by_itself(key.key_spec, key.origin)
    }
