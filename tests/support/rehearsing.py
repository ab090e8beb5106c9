"""Rehearsals against the bundled KMS, as `kmsctl plan --rehearse` makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from reconciler.apply.rehearsal import Rehearsal
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kms.port import Kms
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.observed import Account
from reconciler.plan.options import PlanOptions
from reconciler.policy.access import Identities
from reconciler.workflow.apply import carry_out
from reconciler.workflow.choice import Choice
from reconciler.workflow.environment import Environment
from reconciler.workflow.local import open_engine
from reconciler.workflow.plan import make_plan
from reconciler.workflow.rehearse.run import rehearse
from reconciler.workflow.request import Request
from reconciler.workflow.session import Session, open_session

NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Theatre:
    """A bundled KMS, manifests, and rehearsals of what they ask for."""

    def __init__(self, home: Path, caller: str | None = None) -> None:
        self.environment = Environment(home, {}, ManualClock(NOW))
        self.caller = caller

    @contextmanager
    def session(self, *texts: str) -> Iterator[Session]:
        """A run; as `caller`, if there is one, by which nothing is denied in the real KMS."""
        request = Request(load([Source("keys.yaml", "".join(texts), True)]), "default", Choice())
        with open_session(request, self.environment) as session:
            if self.caller is None:
                yield session
                return
            renamed = {
                name: replace(one, account=_as(one.account, self.caller)) for name, one in session.connections.items()
            }
            yield replace(session, connections=renamed)

    def rehearse(self, *texts: str, prune: bool = False, told: Identities | None = None) -> Rehearsal:
        """Plan and rehearse."""
        options = PlanOptions(prune=prune, identities=told or Identities())
        with self.session(*texts) as session:
            return rehearse(session, make_plan(session, options), options)

    def apply(self, *texts: str) -> None:
        """Make it so in earnest."""
        with self.session(*texts) as session:
            assert carry_out(session, make_plan(session, PlanOptions()).plan).ok

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The real KMS."""
        with open_engine(self.environment) as engine:
            yield engine

    @contextmanager
    def kms(self) -> Iterator[Kms]:
        """A client of the real KMS."""
        with self.engine() as engine:
            yield engine.client()


def _as(account: Account, caller: str) -> Account:
    return replace(account, caller_arn=caller)


def codes(rehearsal: Rehearsal) -> list[str]:
    """The error codes of what failed."""
    return [getattr(result.error, "code", type(result.error).__name__) for result in rehearsal.outcome.failed]


def counts(rehearsal: Rehearsal) -> dict[str, int]:
    """How many calls of each operation."""
    return {one.operation: one.count for one in rehearsal.calls}
