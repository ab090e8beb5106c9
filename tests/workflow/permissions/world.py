"""A caller with one IAM policy and nothing else, on the bundled KMS, which decides each of its calls."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reconciler.apply.secrets import Secret
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.account import identify
from reconciler.kms.port import Kms
from reconciler.manifest.desire import desire, target_names
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.material import SecretSource, SecretVariable
from reconciler.model.observed import Account
from reconciler.plan.changes import Plan
from reconciler.plan.options import PlanOptions
from reconciler.workflow.apply import carry_out
from reconciler.workflow.drift import detect_drift
from reconciler.workflow.environment import Environment
from reconciler.workflow.permissions import Purpose, permissions_for
from reconciler.workflow.plan import make_plan
from reconciler.workflow.session import Session
from reconciler.workflow.targets import Connection
from tests.support.people import MAIN, people, role
from tests.support.secrets import derived

KEEPER = f"arn:aws:iam::{MAIN}:role/keeper"
SESSION = f"arn:aws:sts::{MAIN}:assumed-role/keeper/run"
STACK = "shop"
START = datetime(2026, 3, 1, tzinfo=UTC)
ONE_REGION = {RUN_TARGET: "us-east-1"}
Policy = Mapping[str, Any]
Around = Callable[[Kms, ManualClock], Kms]
"""What a KMS is like for the caller: answers get lost, lists lag."""


class Denied(Exception):
    """The run did not end as it does for who may do everything."""


def as_it_is(kms: Kms, _: ManualClock) -> Kms:
    """Nothing goes wrong."""
    return kms


@cache
def secret(source: SecretSource) -> Secret:
    """What every place holds: of a variable text in base64, of a file `.pem` a private key."""
    if isinstance(source, SecretVariable) and not source.name.startswith("XKS"):
        return Secret(base64.b64encode(derived(source).content))
    if not str(source).endswith(".pem"):
        return derived(source)
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return Secret(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


@dataclass
class Run:
    """A caller of an engine, in all Regions of a scenario."""

    engine: Engine
    clock: ManualClock
    principal: str | None = None
    """None: the root user, who may do everything."""
    around: Around = as_it_is
    regions: Mapping[str, str] | None = None

    def session(self, desired: DesiredState, given_up: DesiredState | None = None) -> Session:
        """A run over `desired`."""
        connections = {TargetName(name): self._connection(region) for name, region in (self.regions or {}).items()}
        environment = Environment(Path(), {}, self.clock)
        return Session(desired, {}, connections, environment, 1, given_up)

    def _connection(self, region: str) -> Connection:
        kms = self.engine.client(region=region, principal=self.principal)
        patient = self.around is as_it_is
        return Connection(self.around(kms, self.clock), identify(kms, region), lambda: None, immediate=patient)

    def apply(self, desired: DesiredState, options: PlanOptions) -> Any:
        """Plan and apply; what the plan said; nothing is left to do.

        Raises:
            Denied: a call was refused that mattered.
        """
        session = self.session(desired)
        try:
            plan = make_plan(session, options).plan
            outcome = carry_out(session, plan, secrets=secret)
            if not outcome.ok:
                raise Denied(str([*outcome.failed, *outcome.skipped][0].error))
            left = make_plan(session, options).plan
        except (KmsError, KmsctlError) as error:
            raise Denied(str(error)) from error
        if left.effective:
            raise Denied(f"left to do: {[str(change.address) for change in left.effective]}")
        return told(plan)

    def looks(self, desired: DesiredState) -> Any:
        """What plans say, before and after somebody else has applied them.

        Raises:
            Denied: a call was refused that mattered.
        """
        try:
            before = told(make_plan(self.session(desired), PlanOptions()).plan)
            root = replace(self, principal=None, around=as_it_is)
            root.apply(desired, PlanOptions())
            return before, told(make_plan(self.session(desired), PlanOptions()).plan)
        except (KmsError, KmsctlError) as error:
            raise Denied(str(error)) from error

    def drifts(self, desired: DesiredState) -> Any:
        """What there is to say of drift, keys that nobody manages among it.

        Raises:
            Denied: a call was refused that mattered.
        """
        try:
            return replace(detect_drift(self.session(desired)), accounts={})
        except (KmsError, KmsctlError) as error:
            raise Denied(str(error)) from error


def told(plan: Plan) -> Any:
    """What a plan says: every change, with its risks."""
    return [(change.address, change.action, change.detail, change.risks) for change in plan.changes]


def permissions(run: Run, desired: DesiredState, purpose: Purpose, *, prune: bool = False) -> Policy:
    """What kmsctl prints, asked by somebody who may do everything."""
    return permissions_for(run.session(desired), purpose, prune=prune)


@contextmanager
def opened(
    folder: Path, policy: Policy | None = None, regions: Mapping[str, str] = ONE_REGION, named=frozenset(), **more: Any
) -> Iterator[Run]:
    """An engine where the keeper has `policy`; None: the caller is the root user. The roles `named` are there too."""
    clock = ManualClock(START)
    known = people(role(KEEPER, *([policy] if policy else [])), *map(role, sorted(named - {KEEPER})))
    with Engine.open(folder, clock=clock, identities=known) as engine:
        yield Run(engine, clock, SESSION if policy else None, regions=regions, **more)


def declared(text: str, regions: Mapping[str, str] = ONE_REGION, stack: str = STACK) -> DesiredState:
    """What manifests ask for."""
    manifests = load([Source("keys.yaml", text, True)])
    accounts = {TargetName(name): Account(MAIN, region, "aws", SESSION) for name, region in regions.items()}
    assert target_names(manifests) <= accounts.keys() | {RUN_TARGET}
    return desire(manifests, stack=stack, accounts=accounts, run_target=RUN_TARGET)


def roles_in(desired: DesiredState) -> frozenset[str]:
    """Every role that is named: KMS takes no policy with others."""
    return frozenset(re.findall(rf"arn:aws:iam::{MAIN}:role/[\w/+=,.@-]+", repr(desired)))


def lines(policy: Policy) -> list[tuple[int, str, str]]:
    """Everything that `policy` allows: statement, action, resource."""
    return [
        (number, action, resource)
        for number, statement in enumerate(policy["Statement"])
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]


def without(policy: Policy, line: tuple[int, str, str]) -> Policy:
    """`policy` without this one action on this one resource."""
    number, action, resource = line
    statement = policy["Statement"][number]
    rest = [
        {**statement, "Action": [one for one in statement["Action"] if one != action]},
        {**statement, "Action": [action], "Resource": [one for one in statement["Resource"] if one != resource]},
    ]
    kept = [one for one in rest if one["Action"] and one["Resource"]]
    others = [one for at, one in enumerate(policy["Statement"]) if at != number]
    return {**policy, "Statement": [*others, *kept]}


def shown(policy: Policy, line: tuple[int, str, str]) -> str:
    """A line, to be read."""
    number, action, resource = line
    return f"{action} on {resource} {json.dumps(policy['Statement'][number].get('Condition', {}))}"
