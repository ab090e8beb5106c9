"""Hypothesis strategies for small worlds, and nasty ones: what is declared (`declared`) beside what is there (`found`).

Whatever is drawn could come out of `manifest.desire` and `kms.observe`.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey, DesiredState, ExternalPrimary, ManagedKey
from reconciler.model.identifiers import RUN_TARGET, KeyId, TargetName
from reconciler.model.keyspec import KeySpec
from reconciler.model.observed import ObservedKey, ObservedState, ObservedTarget
from reconciler.model.ownership import Ownership
from tests.support.declared import desired_keys, desired_states
from tests.support.found import observed_keys, observed_targets
from tests.support.pools import STACK, TARGETS, THEIR_KEY
from tests.support.related import as_replica, external_replica, related, replica_owners


@st.composite
def worlds(draw: st.DrawFn, targets: tuple[TargetName, ...] = TARGETS) -> tuple[DesiredState, ObservedState]:
    """What is declared, and what is there; a target may hold leftovers of a stack that declares nothing on it."""
    desired = draw(desired_states(targets[: draw(st.integers(1, len(targets)))]))
    found = {name: draw(observed_targets(name, desired)) for name in targets}
    if len(targets) > 1 and not draw(st.integers(0, 5)):
        desired, found = draw(_with_external_primary(desired, found))
    for key in desired.keys:
        if isinstance(key.primary, ManagedKey):
            found[key.primary.address.target] = draw(_with_primary(key.primary.address, desired, found))
            found[key.address.target] = draw(_replicated(key, key.primary.address, found))
    return desired, ObservedState(draw(related(found)))


@st.composite
def _with_external_primary(
    draw: st.DrawFn, desired: DesiredState, found: dict[TargetName, ObservedTarget]
) -> tuple[DesiredState, dict[TargetName, ObservedTarget]]:
    """A replica on the second target, of a key on the run's that nobody declares; what is said of it may be wrong."""
    here, there = found[RUN_TARGET], found[TARGETS[1]]
    theirs = replace(draw(observed_keys(THEIR_KEY, here.account, None, None)), multi_region=True, materials=None)
    nature = replace(theirs, key_spec=theirs.key_spec if draw(st.integers(0, 5)) else KeySpec.RSA_2048)
    like = draw(desired_keys("theirs", TARGETS[1]))
    wish = external_replica(like, nature, ExternalPrimary(RUN_TARGET, theirs.arn))
    keys = {}
    if draw(st.booleans()):
        drawn = draw(observed_keys(THEIR_KEY, there.account, draw(replica_owners(wish, STACK)), wish))
        keys[THEIR_KEY] = as_replica(drawn, theirs, there.account)
    return replace(desired, keys=(*desired.keys, wish)), {
        **found,
        RUN_TARGET: replace(here, keys={**here.keys, THEIR_KEY: theirs}),
        TARGETS[1]: replace(there, keys={**there.keys, **keys}),
    }


@st.composite
def _with_primary(
    draw: st.DrawFn, primary: Address, desired: DesiredState, found: dict[TargetName, ObservedTarget]
) -> ObservedTarget:
    """The primary's target, mostly with a key of its name that can have replicas."""
    there, like = found[primary.target], next(key for key in desired.keys if key.address == primary)
    key = KeyId(f"mrk-{primary.target}-{primary.name}")
    if key in there.keys or not draw(st.integers(0, 3)):
        return there
    owner = Ownership(STACK, primary.name, draw(st.integers(1, 3)))
    return replace(there, keys={**there.keys, key: draw(observed_keys(key, there.account, owner, like))})


@st.composite
def _replicated(
    draw: st.DrawFn, replica: DesiredKey, primary: Address, found: dict[TargetName, ObservedTarget]
) -> ObservedTarget:
    """The replica's target with replicas of some of the keys that have had its primary's name."""
    there, keys = found[replica.address.target], {}
    for key in found[primary.target].keys.values():
        owner = Ownership.of(key.tags)
        if key.multi_region and owner and (owner.stack, owner.name) == (STACK, primary.name) and draw(st.booleans()):
            whose = draw(replica_owners(replica, STACK))
            drawn = draw(observed_keys(key.key_id, there.account, whose, replica))
            keys[key.key_id] = as_replica(drawn, key, there.account)
    return replace(there, keys={**there.keys, **keys})


def reread(after: ObservedState, before: ObservedState) -> ObservedState:
    """`after` as a new reading would have it: keys that the stack has let go of since `before` are not looked at."""
    return ObservedState({name: _reread(target, before.targets[name]) for name, target in after.targets.items()})


def _reread(after: ObservedTarget, before: ObservedTarget) -> ObservedTarget:
    keys = {key.key_id: key for key in after.keys.values() if _is_ours(key) or not _is_ours(before.keys[key.key_id])}
    return replace(after, keys=keys)


def _is_ours(key: ObservedKey) -> bool:
    owner = Ownership.of(key.tags)
    return owner is not None and owner.stack == STACK
