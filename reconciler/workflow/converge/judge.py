"""What a plan means for each wish: what is done for it, or why nothing is. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from reconciler.manifest.documents import Document, ManifestKind
from reconciler.model.address import KEYS, Address, Kind
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import ObservedState
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.risk.guard import verdict as guard
from reconciler.plan.steps import CreateKey, ReplicateKey
from reconciler.workflow.converge.counting import counts
from reconciler.workflow.converge.declared import Declared
from reconciler.workflow.converge.facts import Sight
from reconciler.workflow.converge.testing import Testing
from reconciler.workflow.converge.trespass import trespass
from reconciler.workflow.converge.verdicts import (
    Blocked,
    Differs,
    Faulty,
    Forbidden,
    Met,
    Refused,
    Verdict,
    Waits,
)
from reconciler.workflow.converge.wishes import Batch, Ref, Wish


@dataclass(frozen=True, slots=True)
class Judged:
    """A plan cut down to what is to be done, and a verdict on every wish, as if that were done."""

    plan: Plan
    verdicts: Mapping[Ref, Verdict]
    mine: Mapping[Ref, tuple[Change, ...]]
    """All that the plan says of each wish."""

    @property
    def acting(self) -> frozenset[Ref]:
        """The wishes that something is done for."""
        kept = {id(change) for change in self.plan.changes}
        return frozenset(ref for ref, changes in self.mine.items() if any(id(change) in kept for change in changes))

    def without(self, refs: Collection[Ref]) -> Judged:
        """The same with nothing done for `refs`."""
        left_out = {id(change) for ref in refs for change in self.mine[ref]}
        kept = tuple(change for change in self.plan.changes if id(change) not in left_out)
        return replace(self, plan=replace(self.plan, changes=kept)) if refs else self


def judge(batch: Batch, declared: Declared, plan: Plan, observed: ObservedState) -> Judged:
    """A verdict on every wish of `batch`, and the part of `plan` that is to be carried out."""
    mine = _shares(batch, declared, plan)
    sight = Sight(declared.desired, observed)
    documents = {one.file: one for one in (*(wish.document for wish in batch.wishes), *batch.context)}
    testing = Testing(declared.desired, plan, observed, documents)
    verdicts: dict[Ref, Verdict] = {}
    kept: dict[Ref, tuple[Change, ...]] = {}
    for wish in batch.wishes:
        verdict = _judge(batch, declared, wish, mine[wish.ref], testing, sight)
        verdicts[wish.ref] = verdict
        if isinstance(verdict, Met):
            kept[wish.ref] = tuple(change for change in mine[wish.ref] if change.effective)
    _hold_back(plan, kept, verdicts)
    changes = {id(change): change for its in kept.values() for change in its}  # grants share what their key says
    return Judged(replace(plan, changes=tuple(changes.values())), verdicts, mine)


def target_of(batch: Batch, document: Document) -> TargetName:
    """The target of a document, as addresses have it."""
    return RUN_TARGET if document.target == batch.run_target else document.target


def _shares(batch: Batch, declared: Declared, plan: Plan) -> dict[Ref, tuple[Change, ...]]:
    """What the plan says of each wish: by the address of what its manifest declares, and of its keys' other aliases.

    Of a grant's key, which is looked at apart, how many grants it has.
    """
    owners: dict[Address, Ref] = {
        resource.address: declared.owners[resource.position.file] for resource in declared.desired.resources()
    }
    shares: defaultdict[Ref, list[Change]] = defaultdict(list)
    for change in plan.changes:
        ref = owners.get(change.address)
        spared = (change.address.target, change.resource_id) in batch.spared
        if ref is None and change.address.kind is Kind.ALIAS and change.depends_on and not spared:
            ref = owners.get(change.depends_on[0])
        if ref is not None:
            shares[ref].append(change)
    if not batch.gone:
        wished = {wish.ref for wish in batch.wishes}
        _add_counts(shares, counts(change for change in plan.changes if owners.get(change.address) not in wished))
    return {wish.ref: tuple(shares[wish.ref]) for wish in batch.wishes}


def _add_counts(shares: Mapping[Ref, list[Change]], found: Mapping[Address, Change]) -> None:
    """To each grant what its key, which is nobody's wish, has to say of it."""
    for ref, its in shares.items():
        if ref[0] is ManifestKind.GRANT:
            its += [found[address] for change in tuple(its) for address in change.depends_on if address in found]


def _judge(
    batch: Batch, declared: Declared, wish: Wish, mine: tuple[Change, ...], testing: Testing, sight: Sight
) -> Verdict:
    ref = wish.ref
    target = target_of(batch, wish.document)
    facts = sight.of(wish.document, target, mine)
    if ref in declared.faults:
        return Faulty(declared.faults[ref])
    if ref in declared.stranded:
        kind, name = declared.stranded[ref]
        return Waits(facts, f"{kind}/{name} has errors")
    if wish.document.kind is ManifestKind.ACCESS_TEST:
        return testing.verdict(facts, declared.owners, ref)
    for change in mine:
        if change.action is Action.BLOCKED:
            return Blocked(facts, change)
        if change.action is Action.NO_OP and change.reason is Reason.UNRESOLVED:
            return Waits(facts, change.detail)
        if batch.gone and change.action is Action.ORPHAN and change.address.kind in KEYS:
            return Blocked(facts, change)
    effective = tuple(change for change in mine if change.effective)
    for change in mine:
        why = trespass(change, testing.observed, stack=batch.stack, unmanaged=_open_targets(batch))
        if why:
            return Forbidden(facts, why)
    refusals = guard(_alone(effective), wish.allow).refusals
    if not batch.gone:
        refusals += testing.broken(effective)
    differing = tuple(change for change in effective if not change.notes)
    if differing and not (wish.correct or _follows_rotation(differing, testing.plan)):
        return Differs(facts, differing)
    return Refused(facts, refusals) if refusals else Met(facts, effective)


def _follows_rotation(changes: tuple[Change, ...], plan: Plan) -> bool:
    """Whether `changes` are a manual rotation that is due, or follow one: that is declared, and no drift.

    The successor is made as declared, so nothing of the key that it succeeds is corrected by that.
    """
    due = {change.address for change in plan.changes if change.reason is Reason.ROTATION_DUE}
    return any(change.address in due or not due.isdisjoint(change.depends_on) for change in changes)


def _open_targets(batch: Batch) -> frozenset[TargetName]:
    """Where keys that are nobody's may be touched, as addresses have it."""
    names = ((name, batch.run_target if name == RUN_TARGET else name) for name in batch.connections)
    return frozenset(address for address, name in names if batch.targets[name].unmanaged_keys == "Allow")


def _alone(changes: tuple[Change, ...]) -> Plan:
    """A plan of `changes` alone, for the guard."""
    return Plan("", {}, "", changes)


def _hold_back(plan: Plan, kept: dict[Ref, tuple[Change, ...]], verdicts: dict[Ref, Verdict]) -> None:
    """Keep back what needs a key that is not there and that nothing kept creates; and what needs that, and so on."""
    creating = {change.address for change in plan.effective if _creates(change)}
    while True:
        coming = {change.address for changes in kept.values() for change in changes}
        held = {
            ref: address
            for ref, changes in kept.items()
            for change in changes
            for address in change.depends_on
            if address in creating and address not in coming
        }
        if not held:
            return
        for ref, address in held.items():
            verdict = verdicts[ref]
            assert isinstance(verdict, Met)  # noqa: S101  only what is met is kept
            verdicts[ref] = Waits(verdict.facts, f"{address} is not there yet")
            del kept[ref]


def _creates(change: Change) -> bool:
    return any(isinstance(step, CreateKey | ReplicateKey) for step in change.steps)
