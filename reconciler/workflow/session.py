"""One run over one stack: what its manifests ask for, and the targets that they are about, open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

from reconciler.kms.observe import Sweeps, observe
from reconciler.manifest.desire import desire, target_names
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account, ObservedState, ObservedTarget
from reconciler.model.scope import Scope, scope_of
from reconciler.model.target import Target
from reconciler.workflow.choice import chosen, must_be_for_commands
from reconciler.workflow.environment import Environment
from reconciler.workflow.request import Request
from reconciler.workflow.targets import Connection, connect_all


@dataclass(frozen=True, slots=True)
class Session:
    """A run, with its targets open."""

    desired: DesiredState
    targets: Mapping[TargetName, Target]
    connections: Mapping[TargetName, Connection]
    environment: Environment
    parallelism: int
    given_up: DesiredState | None = None
    """What was declared, where the run goes on as if nothing were."""

    @property
    def accounts(self) -> Mapping[TargetName, Account]:
        """Who and where each target is."""
        return {name: connection.account for name, connection in self.connections.items()}

    def destroying(self) -> Session:
        """The same run as if nothing were declared."""
        return replace(self, desired=DesiredState(self.desired.stack), given_up=self.desired)


@contextmanager
def open_session(request: Request, environment: Environment) -> Iterator[Session]:
    """Open every target that the manifests are about.

    Raises:
        InvalidInput: the manifests have errors.
        KmsctlError: a target cannot be reached, or by the operator alone.
        Refused: a target is another account than it must be.
    """
    manifests, choice = request.manifests, request.choice
    targets = chosen(manifests.targets, target_names(manifests), choice)
    must_be_for_commands(targets.values())
    with connect_all(targets, environment, parallelism=request.parallelism) as connections:
        accounts = {name: connection.account for name, connection in connections.items()}
        desired = desire(manifests, stack=request.stack, accounts=accounts, run_target=choice.run_target)
        yield Session(desired, targets, connections, environment, request.parallelism)


def scopes_of(session: Session, *, every_grant: bool = False, everything: bool = False) -> dict[TargetName, Scope]:
    """What to read of each target; of one that nothing is declared on, what may be left of the stack there.

    That is its keys, and its grants on the foreign keys that the manifests named.
    """
    declared = scope_of(session.desired, every_grant=every_grant, everything=everything)
    given_up = scope_of(session.given_up) if session.given_up else {}
    undeclared = Scope(session.desired.stack, every_grant=every_grant, everything=everything)
    left = {name: replace(undeclared, external=scope.external) for name, scope in given_up.items()}
    return {name: declared.get(name) or left.get(name, undeclared) for name in sorted(session.connections)}


def observe_all(
    session: Session, scopes: Mapping[TargetName, Scope], sweeps: Mapping[TargetName, Sweeps] | None = None
) -> ObservedState:
    """Read what `scopes` say; of a target in `sweeps`, without reading its lists once more.

    Raises:
        KmsError: a target refused to be read.
    """
    lists = sweeps or {}
    return ObservedState({name: _observe(session, name, scope, lists.get(name)) for name, scope in scopes.items()})


def _observe(session: Session, name: TargetName, scope: Scope, sweeps: Sweeps | None) -> ObservedTarget:
    connection = session.connections[name]
    clock = session.environment.clock
    parallelism = 1 if connection.immediate else session.parallelism
    return observe(connection.kms, connection.account, scope, clock=clock, parallelism=parallelism, sweeps=sweeps)
