"""Simulation says what apply then does to the bundled KMS, edit after edit and over time.

What takes two plans on purpose is told in `test_laws`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.engine.engine import Engine
from reconciler.kit.absent import ABSENT
from reconciler.kit.clock import ManualClock
from reconciler.kms.account import identify
from reconciler.kms.observe import observe
from reconciler.kms.port import Kms
from reconciler.model.address import Address
from reconciler.model.desired import AdoptAlias, DesiredKey, DesiredState, ExternalKey, KeyReference, OnDemandRotation
from reconciler.model.identifiers import TargetName
from reconciler.model.keyspec import Origin
from reconciler.model.material import SecretFile
from reconciler.model.observed import ObservedState, ObservedTarget
from reconciler.model.related import with_unseen_replicas
from reconciler.model.scope import Scope, scope_of
from reconciler.plan.changes import Action
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import ConnectCustomKeyStore
from tests.plan.build import lifts_protection
from tests.support.agreement import facts
from tests.support.declared import desired_states
from tests.support.pools import ACCOUNTS, EXTERNAL_ALIAS, READ_AT, STACK
from tests.support.secrets import derived, wrapping_keys_made_once

Clients = Mapping[TargetName, Kms]


@pytest.fixture(scope="module", autouse=True)
def _quick_imports() -> Iterator[None]:
    with wrapping_keys_made_once():
        yield


def _in_turn(edits: list[Any]) -> list[Any]:
    """Edits in which serials only rise, each serial's material has a place of its own, and no external key has two."""
    serials: dict[Address, int] = {}
    return [
        (replace(desired, keys=tuple(_placed(key, serials, turn) for key in desired.keys)), *rest)
        for turn, (desired, *rest) in enumerate(edits)
    ]


def _placed(key: DesiredKey, serials: dict[Address, int], turn: int) -> DesiredKey:
    if key.store is not None and key.xks_key_id is not None:
        return replace(key, xks_key_id=f"{key.xks_key_id}-{turn}")
    if key.origin is not Origin.EXTERNAL:
        return key
    if key.material is None:  # whoever rotates it imports by hand
        return replace(key, rotation=ABSENT if isinstance(key.rotation, OnDemandRotation) else key.rotation)
    serial = serials[key.address] = max(serials.get(key.address, 1), key.material.serial)
    place = SecretFile(f"{key.address}/{key.key_spec}/{serial}")
    return replace(key, material=replace(key.material, serial=serial, source=place))


def _real(desired: DesiredState) -> DesiredState:
    """`desired` with every key from outside named by the one alias that there is."""

    def named(key: KeyReference) -> KeyReference:
        return ExternalKey(EXTERNAL_ALIAS) if isinstance(key, ExternalKey) else key

    return replace(
        desired,
        keys=tuple(replace(key, adopt=AdoptAlias(EXTERNAL_ALIAS) if key.adopt else None) for key in desired.keys),
        aliases=tuple(replace(alias, key=named(alias.key)) for alias in desired.aliases),
        grants=tuple(replace(grant, key=named(grant.key)) for grant in desired.grants),
    )


edits = st.lists(
    st.tuples(
        desired_states().map(_real),
        st.sampled_from((PlanOptions(), PlanOptions(prune=True))),
        st.sampled_from((0, 40, 100, 400)),
    ),
    min_size=1,
    max_size=3,
).map(_in_turn)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(edits)
def test_after_an_apply_the_kms_is_as_simulated_and_the_next_plan_is_empty(edits: Any) -> None:
    clock = ManualClock(READ_AT)
    with tempfile.TemporaryDirectory() as folder, Engine.open(Path(folder) / "engine", clock=clock) as engine:
        kms = {name: engine.client(region=account.region) for name, account in ACCOUNTS.items()}
        for client in kms.values():
            key = client("CreateKey", {"Description": "nobody's"})["KeyMetadata"]["KeyId"]
            client("CreateAlias", {"AliasName": EXTERNAL_ALIAS, "TargetKeyId": key})
        for desired, options, days in edits:
            _edit(kms, clock, desired, options)
            clock.advance(timedelta(days=days))


def _edit(kms: Clients, clock: ManualClock, desired: DesiredState, options: PlanOptions) -> None:
    """Plan, simulate and apply `desired`, and compare."""
    before = _observed(kms, clock, desired)
    planned = plan(desired, before, options)
    if planned.blocked:
        return
    outcome = carry_out(planned, kms, Crew(clock, parallelism=1, secrets=derived))
    assert [result.error for result in outcome.failed] == []
    after = _observed(kms, clock, desired)
    assert facts(after, desired, before) == facts(simulate(planned, before), desired, before)
    adopts = any(change.action is Action.ADOPT for change in planned.changes)
    connects = any(isinstance(step, ConnectCustomKeyStore) for _, step in planned.steps())
    if not (adopts or connects or lifts_protection(planned, before)):
        assert plan(desired, after, options).effective == ()


def _observed(kms: Clients, clock: ManualClock, desired: DesiredState) -> ObservedState:
    scopes = {name: Scope(STACK, every_grant=True) for name in kms} | scope_of(desired, every_grant=True)
    state = ObservedState({name: _read(kms[name], name, scope, clock) for name, scope in scopes.items()})
    unseen = with_unseen_replicas(desired, state, scopes)
    return ObservedState(
        {**state.targets, **{name: _read(kms[name], name, scope, clock) for name, scope in unseen.items()}}
    )


def _read(kms: Kms, name: TargetName, scope: Scope, clock: ManualClock) -> ObservedTarget:
    return observe(kms, identify(kms, ACCOUNTS[name].region), scope, clock=clock, parallelism=1)
