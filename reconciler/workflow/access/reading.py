"""What has to be read to say who may do what with one key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsctlError
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.related import with_unseen_replicas
from reconciler.model.scope import Scope, Wanted
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.workflow.access.references import KeyReference
from reconciler.workflow.session import Session, observe_all, scopes_of

_ACCESS: Final = Wanted(policy=True, every_grant=True)


@dataclass(frozen=True, slots=True)
class State:
    """The keys as they are, and as they are asked about."""

    now: ObservedState
    asked: ObservedState
    """The same, or what the plan makes of it."""


def read_live(session: Session, key: KeyReference) -> State:
    """That one key as it is.

    Raises:
        KmsError: a target refused to be read.
        KmsctlError: there is no target where the key could be.
    """
    stack, names, external = session.desired.stack, _by_name(key), _by_reference(key)
    scope = Scope(stack, keys=names, external=external, others=None)
    observed = observe_all(session, dict.fromkeys(_targets(session, key), scope))
    return State(observed, observed)


def read_planned(session: Session, key: KeyReference) -> State:
    """Everything that the plan is made from, and that key whole; and what the plan leads to.

    Raises:
        KmsError: a target refused to be read.
        KmsctlError: there is no target where the key could be.
    """
    where = _targets(session, key)
    scopes = {name: _widened(scope, key if name in where else None) for name, scope in scopes_of(session).items()}
    observed = observe_all(session, scopes)
    unseen = with_unseen_replicas(session.desired, observed, scopes)
    if unseen:
        observed = ObservedState({**observed.targets, **observe_all(session, unseen).targets})
    return State(observed, simulate(plan(session.desired, observed, PlanOptions()), observed))


def _widened(scope: Scope, key: KeyReference | None) -> Scope:
    """`scope` with what decides access to `key`; of a key that is not called by its name, to all that it may be."""
    if key is None:
        return scope
    keys = {name: _whole(wanted) if key.name in ("", name) else wanted for name, wanted in scope.keys.items()}
    external = {name: _whole(wanted) for name, wanted in scope.external.items()}
    return replace(scope, keys=keys, external={**_by_reference(key), **external}, others=_others(scope, key))


def _others(scope: Scope, key: KeyReference) -> Wanted | None:
    """Of keys that are no longer declared: the one asked for may be among them."""
    return _ACCESS if key.name and key.name not in scope.keys else scope.others


def _whole(wanted: Wanted) -> Wanted:
    return replace(wanted, policy=True, every_grant=True)


def _by_name(key: KeyReference) -> Mapping[str, Wanted]:
    return {key.name: _ACCESS} if key.name else {}


def _by_reference(key: KeyReference) -> Mapping[str, Wanted]:
    return {key.external: _ACCESS} if key.external else {}


def _targets(session: Session, key: KeyReference) -> tuple[TargetName, ...]:
    """Where the key can be: on the target that is named, or that its ARN says, or on any."""
    arn = Arn.parse(key.external)
    if arn is None:
        names = tuple(session.connections) if key.target is None else (key.target,)
        missing = [name for name in names if name not in session.connections]
        if missing:
            raise KmsctlError(
                f"the run has no target {missing[0]!r}",
                why="its targets are " + (", ".join(repr(str(name)) for name in sorted(session.connections)) or "none"),
                fix="name one of them after the @, or leave it out",
            )
        return names
    found = tuple(
        name
        for name, account in session.accounts.items()
        if (account.account_id, account.region) == (arn.account, arn.region)
    )
    if not found:
        raise KmsctlError(
            f"no target of the run is account {arn.account} in {arn.region}",
            why="the policy of a key can be read in its own account and Region only",
            fix="name a target that is there with --target, or give its --profile and --region",
        )
    return found
