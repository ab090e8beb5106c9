"""Where a rehearsal takes place: engines in a folder of their own, on a clock that no one waits for."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.apply.rehearsal import Calls
from reconciler.engine.copies.facts import MaterialIds
from reconciler.engine.engine import Engine
from reconciler.engine.identities import FixedIdentities
from reconciler.kit.clock import Clock, ManualClock
from reconciler.kit.quotas import CURRENT
from reconciler.kms.port import Kms
from reconciler.kms.quotas import load_quotas
from reconciler.kms.retrying import Retrying
from reconciler.kms.throttled import Throttled
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account, ObservedState
from reconciler.model.target import Target
from reconciler.workflow.rehearse.estate import estate_of
from reconciler.workflow.rehearse.people import Cast
from reconciler.workflow.rehearse.stand_ins import StandIns

_PREFIX = "kmsctl-rehearsal-"


class Log:
    """The calls of a rehearsal, which makes one after another."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._waited: defaultdict[str, float] = defaultdict(float)

    def note(self, operation: str, waited: float) -> None:
        """One call, and the seconds that it took by the copy's clock."""
        self._counts[operation] += 1
        self._waited[operation] += waited

    def calls(self) -> tuple[Calls, ...]:
        """What was noted, by operation."""
        return tuple(Calls(name, self._counts[name], self._waited[name]) for name in sorted(self._counts))


class _Watched:
    """A `Kms` whose calls are noted."""

    def __init__(self, kms: Kms, clock: Clock, log: Log) -> None:
        self._kms, self._clock, self._log = kms, clock, log

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        began = self._clock.monotonic()
        try:
            return self._kms(operation, parameters)
        finally:
            self._log.note(operation, self._clock.monotonic() - began)


class _Renamed:
    """A `Kms` that calls imported material what the copy calls it."""

    def __init__(self, kms: Kms, names: MaterialIds) -> None:
        self._kms, self._names = kms, names

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        if "KeyMaterialId" in parameters:
            key_id, material = parameters["KeyId"].rpartition("/")[2], parameters["KeyMaterialId"]
            parameters = {**parameters, "KeyMaterialId": self._names.get((key_id, material), material)}
        return self._kms(operation, parameters)


@dataclass(frozen=True, slots=True)
class Stage:
    """A copy of every target."""

    clock: ManualClock
    copies: Mapping[TargetName, Kms]
    """Under the account's quotas, as a run meets them."""
    log: Log
    """Of the calls through `watched`."""

    def watched(self) -> dict[TargetName, Kms]:
        """The copies, with their calls noted."""
        return {name: _Watched(kms, self.clock, self.log) for name, kms in self.copies.items()}


@contextmanager
def open_stage(
    observed: ObservedState, targets: Mapping[TargetName, Target], cast: Cast, given: StandIns
) -> Iterator[Stage]:
    """Copies of `observed`, gone when the block ends.

    Targets are places of one KMS, so that keys of several Regions are related in the copy, too.

    Raises:
        OSError: there is no room for temporary files.
        KmsctlError: the copy cannot be made.
    """
    clock = ManualClock(max(target.read_at for target in observed.targets.values()))
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix=_PREFIX)))
        copies: dict[TargetName, Kms] = {}
        for number, names in enumerate(_together(targets, observed)):
            some = {name: observed.targets[name] for name in names}
            engine = closing.enter_context(_engine(folder / str(number), clock, cast))
            renamed = engine.take_in(estate_of(some, given))
            copies |= {name: _client(engine, target.account, cast, clock, renamed) for name, target in some.items()}
        yield Stage(clock, copies, Log())


def _together(targets: Mapping[TargetName, Target], observed: ObservedState) -> list[list[TargetName]]:
    """Which targets one engine holds: all, but for those that are one account and Region at several endpoints.

    Addresses do not tell KMSs apart: AWS's own are another in every Region.
    """
    groups: list[dict[tuple[str, str], TargetName]] = []
    ends = {name: (targets[name].backend, targets[name].endpoint_url or "", name) for name in observed.targets}
    for name in sorted(ends, key=ends.__getitem__):
        account = observed.targets[name].account
        place = (account.account_id, account.region)
        group = next((group for group in groups if place not in group), None)
        if group is None:
            groups.append(group := {})
        group[place] = name
    return [list(group.values()) for group in groups]


def _engine(folder: Path, clock: Clock, cast: Cast) -> Engine:
    return Engine.open(folder, clock=clock, identities=FixedIdentities(cast.identities), quotas=CURRENT)


def _client(engine: Engine, account: Account, cast: Cast, clock: Clock, names: MaterialIds) -> Kms:
    """As `workflow.targets` wraps AWS: an attempt waits for the quota, and the quota learns of refusals."""
    principal = cast.principals[account.caller_arn]
    client = engine.client(account=account.account_id, region=account.region, principal=principal)
    throttled = Throttled(_Renamed(client, names), load_quotas(account.region), clock=clock)
    return Retrying(throttled, clock=clock)
