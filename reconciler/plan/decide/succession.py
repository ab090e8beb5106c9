"""One name, several keys: successors that rotation or replacement makes, and what becomes of the keys before them.

A superseded key is kept for what it encrypted. It goes on under the declared policy and deletion mark, and with the
declared grants; beyond the number to keep it is disabled. It is never deleted, and its deletion is never cancelled: a
person who schedules it retires it for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reconciler.kit.absent import ABSENT, Absent
from reconciler.model.desired import MAX_WINDOW, DesiredKey, ManualRotation
from reconciler.model.identifiers import Days, KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import (
    DELETION_TAG,
    GRANTS_TAG,
    GrantName,
    Ownership,
    deletion_mark,
    marked_deletion,
    most_grants,
)
from reconciler.model.usage import NeverUsed
from reconciler.plan.changes import Action, Change, FieldChange, Reason
from reconciler.plan.compare.facet import Facet
from reconciler.plan.compare.policy import compare_policy
from reconciler.plan.compare.state import compare_state, declared_enabled
from reconciler.plan.compare.tags import compare_own_tags
from reconciler.plan.decide.creation import successor_fields
from reconciler.plan.decide.granted import grants_to_be
from reconciler.plan.decide.lineage import Lineage
from reconciler.plan.decide.view import TargetView
from reconciler.plan.steps import DisableKey, ExistingKey, ScheduleDeletion, Step


def rotation_due(view: TargetView, desired: DesiredKey, observed: ObservedKey) -> bool:
    """Whether manual rotation is declared and the key has reached its age."""
    if not isinstance(desired.rotation, ManualRotation) or "rotation" in desired.ignore.fields:
        return False
    return _age(view, observed) >= desired.rotation.every


@dataclass(frozen=True, slots=True)
class Successor:
    """The key that takes the place of the current one, and why."""

    reason: Reason
    owner: Ownership
    steps: tuple[Step, ...]
    """That make it."""
    fields: tuple[FieldChange, ...] = ()
    """That explain it."""


def next_owner(view: TargetView, desired: DesiredKey, lineage: Lineage) -> Ownership:
    """What the next key of the name will be called."""
    return Ownership(view.stack, desired.address.name, lineage.generation + 1)


def succeed(view: TargetView, desired: DesiredKey, current: ObservedKey, successor: Successor) -> Change:
    """`current` joins the superseded keys. Its deletion is cancelled if it is scheduled."""
    lineage, owner = view.lineage(desired.address.name), successor.owner
    retained = _retained(view, desired, current, _Places.of(older(lineage, succeeded=True), current))
    fields = successor.fields
    if successor.reason is Reason.ROTATION_DUE:
        fields = (FieldChange("ageDays", _age(view, current), ABSENT),)
    generations = FieldChange("generation", lineage.generation, owner.generation)
    told = {field.path for field in retained.fields}
    of_new = (field for field in successor_fields(desired) if field.path not in told)
    disabled = current.state is KeyState.DISABLED or any(isinstance(step, DisableKey) for step in retained.steps)
    return Change(
        desired.address,
        Action.REPLACE,
        successor.reason,
        fields=(*fields, generations, *retained.fields, *of_new),
        steps=(*successor.steps, *retained.steps),
        resource_id=current.key_id,
        detail=f"a successor is created; key {current.key_id} stays"
        + (" and is disabled" if disabled else " and still decrypts"),
    )


def older(lineage: Lineage, *, succeeded: bool) -> tuple[ObservedKey, ...]:
    """The superseded keys; once the current key is `succeeded`, it and its twins are among them."""
    return lineage.all() if succeeded else lineage.superseded


def plan_superseded(view: TargetView, desired: DesiredKey, lineage: Lineage, *, succeeded: bool) -> Iterator[Change]:
    """Changes of the superseded keys, without that of a current key which is being succeeded."""
    keys = older(lineage, succeeded=succeeded)
    current = lineage.current if succeeded else None
    places = _Places.of(keys, current)
    for key in keys:
        if key is current:
            continue
        if key.pending_deletion:
            yield _awaiting_deletion(desired, key)
            continue
        facet = _retained(view, desired, key, places)
        if facet.steps:
            disables = any(isinstance(step, DisableKey) for step in facet.steps)
            action = Action.DISABLE if disables else Action.UPDATE
            yield _change(desired, key, action, Reason.SUPERSEDED, facet, "an earlier key of this name")


def plan_twins(view: TargetView, desired: DesiredKey, lineage: Lineage) -> Iterator[Change]:
    """Of two keys of one generation the older is meant. The younger goes only if it provably never encrypted."""
    for twin in lineage.twins:
        if twin.pending_deletion:
            continue
        if _is_expendable(view, desired, twin):
            steps = (ScheduleDeletion(ExistingKey(twin.key_id), Days(MAX_WINDOW)),)
            why = "a second key of this name and generation, never used"
            yield _change(desired, twin, Action.SCHEDULE_DELETION, Reason.DUPLICATE, Facet((), steps), why)
        else:
            facet = _marked(view, desired, twin) + _ruled(view, desired, twin)
            action = Action.UPDATE if facet.steps else Action.ORPHAN
            why = "a second key of this name and generation, which may have been used: it is left where it is"
            yield _change(desired, twin, action, Reason.DUPLICATE, facet, why)


def granted_keys(desired: DesiredKey, lineage: Lineage, *, succeeded: bool) -> tuple[ObservedKey, ...]:
    """The superseded keys that declared grants are on too: enabled ones of the declared spec and usage."""
    keys = older(lineage, succeeded=succeeded)
    if not keys:
        return ()
    places = _Places.of(keys, lineage.current if succeeded else None)
    return tuple(key for key in keys if _is_granted(desired, key, places))


class _Places:
    """How many generations of live keys have come since that of a key: 0 for the youngest superseded one."""

    def __init__(self, places: Mapping[int, int], wanted_back: KeyId | None) -> None:
        self._places = places
        self._wanted_back = wanted_back

    @classmethod
    def of(cls, keys: Iterable[ObservedKey], current: ObservedKey | None) -> _Places:
        """Of superseded `keys`, `current` among them if it is being succeeded."""
        live = {_generation(key) for key in keys if key is current or not key.pending_deletion}
        places = {generation: place for place, generation in enumerate(sorted(live, reverse=True))}
        return cls(places, current.key_id if current else None)

    def enabled(self, desired: DesiredKey, key: ObservedKey) -> bool | Absent:
        """Whether a superseded key is to be enabled; absent: as it is. A protected key is never disabled."""
        as_it_is = declared_enabled(desired) if key.pending_deletion else ABSENT
        keep = desired.rotation.keep if isinstance(desired.rotation, ManualRotation) else None
        if keep is None or "rotation" in desired.ignore.fields or "enabled" in desired.ignore.fields:
            return as_it_is
        if self._places[_generation(key)] < keep:
            return declared_enabled(desired) or as_it_is
        return as_it_is if desired.deletion.protect or marked_deletion(key.tags).protect else False

    def will_be_enabled(self, desired: DesiredKey, key: ObservedKey) -> bool:
        """Whether a superseded key will be, when the plan is done."""
        if key.pending_deletion and key.key_id != self._wanted_back:
            return False
        wanted = self.enabled(desired, key)
        if key.pending_deletion or key.state is KeyState.ENABLED:
            return key.material and wanted is not False
        return wanted is True and key.state is KeyState.DISABLED


def _is_granted(desired: DesiredKey, key: ObservedKey, places: _Places) -> bool:
    return _is_alike(desired, key) and places.will_be_enabled(desired, key)


def _is_alike(desired: DesiredKey, key: ObservedKey) -> bool:
    """Whether what the manifest says of a key's use can be said of an older `key`."""
    return (key.key_spec, key.key_usage) == (desired.key_spec, desired.key_usage)


def _retained(view: TargetView, desired: DesiredKey, key: ObservedKey, places: _Places) -> Facet:
    state = compare_state(key, wanted=places.enabled(desired, key))
    marked = _marked(view, desired, key, counted=_is_granted(desired, key, places))
    return (state + marked + _ruled(view, desired, key)).in_order()


def _marked(view: TargetView, desired: DesiredKey, key: ObservedKey, *, counted: bool = False) -> Facet:
    own = {DELETION_TAG: deletion_mark(desired.deletion)}
    if counted:
        most = max(grants_to_be(view, desired.address, key).count, most_grants(key.tags))
        own |= {GRANTS_TAG: str(most)} if most else {}
    return compare_own_tags(key, own)


def _ruled(view: TargetView, desired: DesiredKey, key: ObservedKey) -> Facet:
    return compare_policy(desired, key, view.observed.account) if _is_alike(desired, key) else Facet()


def _is_expendable(view: TargetView, desired: DesiredKey, twin: ObservedKey) -> bool:
    if not isinstance(twin.last_use, NeverUsed) or desired.deletion.protect or marked_deletion(twin.tags).protect:
        return False
    names = (GrantName.of(grant.name) for grant in twin.grants or ())
    if any(name is None or name.stack != view.stack for name in names):
        return False
    aliases = view.aliases_of.get(twin.key_id, ())
    return view.options.prune or view.declared_aliases.issuperset(aliases)


def _awaiting_deletion(desired: DesiredKey, key: ObservedKey) -> Change:
    date = f" on {key.deletion_date:%Y-%m-%d}" if key.deletion_date else ""
    why = f"an earlier key of this name, which will be deleted{date}: what it encrypted is lost then"
    return _change(desired, key, Action.NO_OP, Reason.PENDING_DELETION, Facet(), why)


def _change(desired: DesiredKey, key: ObservedKey, action: Action, reason: Reason, facet: Facet, detail: str) -> Change:
    return Change(
        desired.address,
        action,
        reason,
        fields=facet.fields,
        steps=facet.steps,
        resource_id=key.key_id,
        detail=detail,
    )


def _age(view: TargetView, key: ObservedKey) -> int:
    return (view.observed.read_at - key.created).days


def _generation(key: ObservedKey) -> int:
    owner = Ownership.of(key.tags)
    return owner.generation if owner else 0
