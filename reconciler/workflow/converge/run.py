"""The convergence itself: read, plan, judge, carry out, and look again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Event

from reconciler.apply.outcome import Outcome
from reconciler.apply.secrets import Secrets, no_secrets
from reconciler.kit.errors import AmbiguousOutcome, KmsError
from reconciler.kms import codes
from reconciler.kms.observe import Sweeps
from reconciler.kms.refresh import Touched, is_worth_it, refreshed
from reconciler.kms.translate import CredentialsRefused, CredentialsUnavailable, Unreachable
from reconciler.model.address import Address
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import RUN_TARGET, KeyId, TargetName
from reconciler.model.observed import ObservedState
from reconciler.model.related import with_unseen_replicas
from reconciler.model.scope import Scope, scope_of
from reconciler.plan.changes import Change, Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.workflow.apply import carry_out
from reconciler.workflow.converge.declared import Declared, declare
from reconciler.workflow.converge.ending import as_they_say, unread_replicas
from reconciler.workflow.converge.judge import Judged, judge, target_of
from reconciler.workflow.converge.parting import parting
from reconciler.workflow.converge.touched import touched_by
from reconciler.workflow.converge.verdicts import Differs, Failed, Met, Unsettled, Verdict
from reconciler.workflow.converge.wishes import Batch, Ref, Wish
from reconciler.workflow.environment import Environment
from reconciler.workflow.plan import answer_usage
from reconciler.workflow.session import Session, observe_all

PASSES = 3
"""Times that a batch is looked at: before the changes, after them, and once more where they were not seen at once."""

PATIENCE = 5.0
"""Seconds that a batch waits, and all that is in it, for what can as well be found done later: see `Site.patience`."""

_OF_ALL = codes.THROTTLED | codes.LOST | codes.UNNAMED | codes.EXPIRED | codes.UNRECOGNISED | codes.UNSUPPORTED
"""Errors that are the connection's. Any other may be one key's: what others ask for is tried without it."""


Lists = Callable[[TargetName, float], Sweeps]
"""The lists of a target, by address, whose reading began at that instant or later."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a convergence works with, whatever the batch."""

    environment: Environment
    parallelism: int = 8
    secrets: Secrets = no_secrets
    interrupt: Event = field(default_factory=Event)
    """Once set, calls in flight are finished and no more changes are started."""
    act: bool = True
    """False: look only."""
    lists: Lists | None = None
    """Reads the lists of targets, or has read them late enough. None: each look reads its own."""
    since: float = 0.0
    """The instant, on the environment's monotonic clock, from which on lists are new enough for the first look."""


def converge(batch: Batch, means: Means) -> dict[Ref, Verdict]:
    """A verdict on every wish of `batch`, each by itself: what one of them lacks keeps no other from its own.

    No error is raised: it is the verdict of the wishes that it hit.
    """
    progress = _Progress(means.since)
    try:
        return _converge(batch, means, progress)
    except Exception as error:  # noqa: BLE001  whatever it is, it is the verdict of one object, and its batch goes on
        if len(batch.wishes) == 1 or not _is_of_one(error):
            return {wish.ref: Failed(error, None, progress.done_for(wish.ref)) for wish in batch.wishes}
    means = replace(means, since=progress.since)
    return {wish.ref: _alone(batch, wish, means, progress) for wish in batch.wishes}


def _alone(batch: Batch, wish: Wish, means: Means, progress: _Progress) -> Verdict:
    """The verdict on one wish without the others, after what was done for it among them."""
    known = progress.known.get(wish.document.name, wish.known)
    alone = replace(batch.alone(wish), wishes=(replace(wish, known=known),))
    verdict = converge(alone, means)[wish.ref]
    if isinstance(verdict, Met | Unsettled | Failed):
        return replace(verdict, done=(*progress.done_for(wish.ref), *verdict.done))
    return verdict


def _is_of_one(error: Exception) -> bool:
    """Whether others may fare better without the object that it hit; what does not answer would not answer them."""
    if isinstance(error, AmbiguousOutcome | Unreachable | CredentialsUnavailable | CredentialsRefused):
        return False
    return not isinstance(error, KmsError) or error.code not in _OF_ALL


def _converge(batch: Batch, means: Means, progress: _Progress) -> dict[Ref, Verdict]:
    for looks_left in reversed(range(PASSES)):
        judged, session = _look(batch, means, progress)
        if not means.act:
            return {ref: _only_seen(judged, ref, verdict) for ref, verdict in judged.verdicts.items()}
        judged = judged.without(progress.failures)
        if not looks_left or not judged.plan.effective or means.interrupt.is_set():
            return progress.conclude(judged)
        outcome = carry_out(session, judged.plan, interrupt=means.interrupt, secrets=means.secrets, patience=PATIENCE)
        progress.heed(judged, outcome)
        progress.since = means.environment.clock.monotonic()
    raise AssertionError("the last look returns")


def _only_seen(judged: Judged, ref: Ref, verdict: Verdict) -> Verdict:
    changes = tuple(change for change in judged.mine[ref] if change.effective)
    return Differs(verdict.facts, changes) if isinstance(verdict, Met) and changes else verdict


def _look(batch: Batch, means: Means, progress: _Progress) -> tuple[Judged, Session]:
    everything = declare(batch, (*(wish.document for wish in batch.wishes), *batch.context))
    scopes = _scopes(batch, everything, progress.known)
    session = _session(batch, everything.desired, means)
    lists = _lists(batch, means, progress, scopes)
    observed = observe_all(session, scopes, lists)
    unseen = with_unseen_replicas(session.desired, observed, scopes)
    if unseen:
        observed = ObservedState({**observed.targets, **observe_all(session, unseen, lists).targets})
    options = PlanOptions(prune=batch.gone or batch.prune)
    desired = everything.desired
    if batch.gone:
        desired = declare(batch, batch.context).desired
        observed = as_they_say(everything.desired, _with_replicas(batch, session, observed, means, progress))
    first = _planned(batch, everything, desired, observed, options)
    answered = answer_usage(session, first, observed)
    final = first if answered is observed else _planned(batch, everything, desired, answered, options)
    return judge(batch, everything, final, answered), session


def _lists(batch: Batch, means: Means, progress: _Progress, names: Iterable[TargetName]) -> dict[TargetName, Sweeps]:
    """The lists of targets as they are now, as far as they matter to the batch; without `means.lists`, nobody's.

    After the first look, that is those from before with what the batch itself has changed since, where they are long.
    """
    return {name: _list(batch, means, progress, name) for name in names} if means.lists else {}


def _list(batch: Batch, means: Means, progress: _Progress, name: TargetName) -> Sweeps:
    before, touched = progress.lists.get(name), progress.touched.get(name, Touched())
    if before is not None and is_worth_it(before, touched):
        kms = batch.connections[name].kms
        progress.lists[name] = refreshed(kms, before, touched, batch.stack, parallelism=means.parallelism)
    else:
        assert means.lists is not None  # noqa: S101  or nobody asks
        progress.lists[name] = means.lists(name, progress.since)
    return progress.lists[name]


def _with_replicas(
    batch: Batch, session: Session, observed: ObservedState, means: Means, progress: _Progress
) -> ObservedState:
    """What is `observed`, and besides the replicas of keys that are to be gone."""
    unread = unread_replicas(batch, observed)
    lists = _lists(batch, means, progress, unread.keys() - progress.lists.keys())
    lists |= {name: progress.lists[name] for name in unread if name in progress.lists}
    targets = dict(observed.targets)
    for name, found in observe_all(session, unread, lists).targets.items():
        before = targets.get(name, found)
        targets[name] = replace(before, keys={**found.keys, **before.keys})
    return ObservedState(targets)


def _planned(
    batch: Batch, everything: Declared, desired: DesiredState, observed: ObservedState, options: PlanOptions
) -> Plan:
    made = plan(replace(desired, tests=()), observed, options)  # each wish is held against them by itself
    return parting(made, everything.desired, observed) if batch.gone else made


def _session(batch: Batch, desired: DesiredState, means: Means) -> Session:
    targets = {name: batch.targets[batch.run_target if name == RUN_TARGET else name] for name in batch.connections}
    return Session(desired, targets, batch.connections, means.environment, means.parallelism)


def _scopes(batch: Batch, declared: Declared, created: Mapping[str, KeyId]) -> dict[TargetName, Scope]:
    """What the wishes need, and nothing of the stack's other keys."""
    known: dict[str, KeyId] = {wish.document.name: wish.known for wish in batch.wishes if wish.known}
    search = frozenset(wish.document.name for wish in batch.wishes if wish.attempted)
    found = scope_of(declared.desired)
    wished = {target_of(batch, wish.document) for wish in batch.wishes}
    for name in (wished & batch.connections.keys()) - found.keys():
        found[name] = Scope(batch.stack)
    return {
        name: replace(scope, others=None, known={**known, **created}, search=search) for name, scope in found.items()
    }


@dataclass(slots=True)
class _Progress:
    """What was done so far."""

    since: float
    done: dict[Ref, list[Change]] = field(default_factory=dict)
    known: dict[str, KeyId] = field(default_factory=dict)
    failures: dict[Ref, Exception] = field(default_factory=dict)
    lists: dict[TargetName, Sweeps] = field(default_factory=dict)
    """Those of the last look."""
    touched: dict[TargetName, Touched] = field(default_factory=dict)
    """What the batch may have changed in them since."""

    def heed(self, judged: Judged, outcome: Outcome) -> None:
        owner = {_label(change): ref for ref, changes in judged.mine.items() for change in changes}
        for result in outcome.done:
            its = self.done.setdefault(owner[_label(result.change)], [])
            if result.change not in its:
                its.append(result.change)
        for result in (*outcome.failed, *outcome.skipped):
            error = result.error if isinstance(result.error, Exception) else _skipped(str(result.because))
            self.failures.setdefault(owner[_label(result.change)], error)
        self.touched = touched_by(outcome, self.lists)
        self.known |= {address.name: key_id for address, key_id in outcome.created.items()}

    def done_for(self, ref: Ref) -> tuple[Change, ...]:
        """What was changed for a wish."""
        return tuple(self.done.get(ref, ()))

    def conclude(self, judged: Judged) -> dict[Ref, Verdict]:
        acting = judged.acting
        return {ref: self._verdict(ref, verdict, acting=ref in acting) for ref, verdict in judged.verdicts.items()}

    def _verdict(self, ref: Ref, verdict: Verdict, *, acting: bool) -> Verdict:
        done = self.done_for(ref)
        if ref in self.failures:
            return Failed(self.failures[ref], getattr(verdict, "facts", None), done)
        if isinstance(verdict, Met):
            return Unsettled(verdict.facts, done) if acting else Met(verdict.facts, done)
        return verdict


def _label(change: Change) -> tuple[Address, str]:
    return change.address, change.resource_id or ""


def _skipped(because: str) -> KmsError:
    return KmsError("Skipped", f"{because} failed, and this depends on it")
