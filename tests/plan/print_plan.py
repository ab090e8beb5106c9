"""Prints a plan file with every kind of step: what `test_determinism` compares between processes."""

from __future__ import annotations

import sys
from dataclasses import replace

from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AutomaticRotation,
    Deletion,
    ManualRotation,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import Days, TargetName
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.material import ImportedMaterial, SecretFile, WrappingAlgorithm
from reconciler.model.observed import ObservedRotation
from reconciler.model.ownership import GRANTS_TAG, ROTATION_TAG
from reconciler.model.scope import scope_of
from reconciler.model.target import Target
from reconciler.plan.planner import plan
from reconciler.plan.saved.planfile import SavedPlan, dump
from tests.plan.build import (
    DB,
    PRUNE,
    beside,
    declares,
    everywhere,
    has,
    has_grant,
    has_store,
    pending,
    there,
    wants,
    wants_alias,
    wants_grant,
    wants_replica,
    wants_store,
)
from tests.support.custody import PROXY
from tests.support.pools import POLICIES, terms_of

MATERIAL = ImportedMaterial(SecretFile("m.bin"), WrappingAlgorithm.RSAES_OAEP_SHA_256)
ON = ObservedRotation(enabled=True, period=Days(365))
TERMS = terms_of("two", operations=frozenset({"Decrypt", "Encrypt", "DescribeKey", "GenerateDataKey", "ReEncryptFrom"}))
APP = Address(Kind.KEY, "app")

DESIRED = declares(
    wants(description="new", policy=POLICIES[1], tags={"b": "2", "a": "1"}, rotation=AutomaticRotation()),
    wants("app", rotation=ManualRotation(Days(90), keep=0)),
    wants("back"),
    wants("closed", enabled=False),
    wants("opened"),
    wants("serial", rotation=OnDemandRotation(2)),
    wants("still", rotation=NoRotation("it is a test")),
    wants("wide", multi_region=True, primary_region="eu-west-1"),
    wants("fed", origin=Origin.EXTERNAL, material=MATERIAL),
    wants_store(),
    wants_store("leaving", connected=False),
    wants_store("moving", replace(PROXY, uri_path="/new/kms/xks/v1")),
    wants_replica("wide", tags={"b": "2", "a": "1"}),
    wants_alias("app", APP),
    wants_alias("db", DB),
    wants_grant(terms=TERMS),
)
OBSERVED = everywhere(
    beside(
        there(
            has(policy=POLICIES[0], tags={GRANTS_TAG: "1"}, grants=[has_grant()]),
            has("k-2", "app", age=100),
            pending("k-3", "back"),
            has("k-4", "closed"),
            has("k-5", "opened", state=KeyState.DISABLED),
            has("k-6", "serial", tags={ROTATION_TAG: "1/0"}, rotation=replace(ON, on_demand_rotations=0)),
            has("k-7", "still", rotation=ON),
            has("k-8", "left", deletion=Deletion("Schedule")),
            has("k-9", "kept"),
            aliases={"app": "k-2", "undeclared": "k-1"},
        ),
        has_store("leaving"),
        has_store("moving"),
    )
)

if __name__ == "__main__":
    targets = {"": Target(), "eu": Target(TargetName("eu"))}
    sys.stdout.write(dump(SavedPlan(plan(DESIRED, OBSERVED, PRUNE), targets, scope_of(DESIRED))))
