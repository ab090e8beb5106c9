"""What must be allowed to read what a plan is made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptAlias,
    AdoptKeyId,
    AdoptReplica,
    AdoptTags,
    AutomaticRotation,
    DesiredState,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.keyspec import Origin
from reconciler.model.observed import ObservedRotation
from reconciler.model.ownership import GRANTS_TAG
from reconciler.model.scope import Scope, scope_of
from reconciler.plan.permissions import permissions
from reconciler.plan.permissions.place import Place
from reconciler.plan.permissions.reading import reading
from reconciler.plan.planner import plan
from tests.plan.build import (
    DB,
    declares,
    has,
    there,
    wants,
    wants_alias,
    wants_grant,
    wants_replica,
    wants_store,
)
from tests.plan.permissions.wording import (
    ALIAS,
    ARN,
    FOREIGN,
    OURS,
    PLACE,
    STORES,
    fed,
    said,
)
from tests.support.pools import POLICIES, STACK, terms_of

SWEEPS = {"ListAliases *", "tag:GetResources *"}
OWN = f"DescribeKey key/* {OURS}"
TAGS = f"ListResourceTags key/* {OURS}"
STRANGER = "arn:aws:kms:us-east-1:444455556666:"


COUNTED = ObservedRotation(enabled=False, on_demand_rotations=2)


@pytest.mark.parametrize(
    ("desired", "observed", "expected"),
    [
        pytest.param(DesiredState(STACK), there(), set(), id="nothing"),
        pytest.param(DesiredState(STACK), there(has()), {OWN}, id="an orphan"),
        pytest.param(declares(wants()), there(), {OWN, TAGS}, id="a key that is not there"),
        pytest.param(declares(wants()), there(has()), {OWN}, id="a key that is there"),
        pytest.param(
            declares(wants(policy=POLICIES[0])), there(has()), {OWN, f"GetKeyPolicy key/* {OURS}"}, id="its policy"
        ),
        pytest.param(
            declares(wants(rotation=AutomaticRotation())),
            there(has()),
            {OWN, f"GetKeyRotationStatus key/* {OURS}"},
            id="its rotation",
        ),
        pytest.param(declares(wants(rotation=OnDemandRotation(1))), there(has()), {OWN}, id="a serial that is noted"),
        pytest.param(
            declares(wants(rotation=OnDemandRotation(1))),
            there(has(rotation=COUNTED)),
            {OWN, f"GetKeyRotationStatus key/* {OURS}", f"ListKeyRotations key/* {OURS}"},
            id="a serial that is not noted",
        ),
        pytest.param(declares(fed()), there(has()), {OWN, f"ListKeyRotations key/* {OURS}"}, id="its material"),
        pytest.param(
            declares(wants(), wants_grant()), there(has()), {OWN, f"ListGrants key/* {OURS}"}, id="its grants"
        ),
        pytest.param(
            declares(wants()),
            there(has(tags={GRANTS_TAG: "1"})),
            {OWN, f"ListGrants key/* {OURS}"},
            id="grants that it had",
        ),
        pytest.param(declares(wants_store()), there(), {STORES}, id="a custom key store"),
        pytest.param(
            declares(wants_grant(key=FOREIGN)),
            there(),
            {f"DescribeKey {FOREIGN}", f"ListGrants {FOREIGN}"},
            id="a grant on another account's key",
        ),
        pytest.param(
            declares(wants_alias("db", STRANGER + "alias/x")),
            there(),
            {f"DescribeKey {STRANGER}key/*"},
            id="another account's alias",
        ),
        pytest.param(
            declares(wants_alias("db", "k-2")),
            there(has("k-3", None), has("k-2", None), aliases={"db": "k-3"}),
            {f"{action} key/{key}" for action in ("DescribeKey", "ListResourceTags") for key in ("k-2", "k-3")},
            id="an alias that moves between keys of nobody",
        ),
        pytest.param(declares(wants_alias("db", "alias/gone")), there(), set(), id="a dangling alias"),
        pytest.param(
            declares(wants(adopt=AdoptKeyId(ARN + "key/k-2"), policy=POLICIES[0], rotation=AutomaticRotation())),
            there(has("k-2", None)),
            {
                f"{action} key/k-2"
                for action in ("DescribeKey", "ListResourceTags", "GetKeyPolicy", "GetKeyRotationStatus")
            },
            id="a key to adopt",
        ),
        pytest.param(
            declares(wants(adopt=AdoptAlias(ALIAS), rotation=OnDemandRotation(1))),
            there(has("k-2", None, rotation=COUNTED), aliases={"db": "k-2"}),
            {
                f"{action} key/k-2"
                for action in ("DescribeKey", "ListResourceTags", "GetKeyRotationStatus", "ListKeyRotations")
            },
            id="a key to adopt by its alias",
        ),
        pytest.param(
            declares(wants(adopt=AdoptTags({"app": "gone"}))), there(has("k-3", None)), {OWN, TAGS}, id="none to adopt"
        ),
        pytest.param(
            declares(replace(wants_replica("k-7"), address=DB, adopt=AdoptReplica(), primary=None)),
            there(),
            {OWN, TAGS},
            id="a replica to adopt",
        ),
        pytest.param(
            declares(replace(fed(), adopt=AdoptTags({"app": "x"}))),
            there(has("k-2", None, tags={"app": "x"}, origin=Origin.EXTERNAL), has("k-3", None)),
            {f"{action} key/k-2" for action in ("DescribeKey", "ListResourceTags", "ListKeyRotations")},
            id="a key to adopt by its tags",
        ),
    ],
)
def test_reading_needs_what_observing_calls(desired, observed, expected):
    scope = scope_of(desired).get(RUN_TARGET, Scope(STACK))
    place = Place.of(observed.targets[RUN_TARGET], STACK)
    assert said(*reading(place, scope, desired.keys)) == SWEEPS | expected


def test_reading_everything_describes_keys_of_nobody_and_lists_the_grants_of_the_stacks():
    scope = replace(scope_of(declares(wants()))[RUN_TARGET], everything=True, every_grant=True)
    found = said(*reading(PLACE, scope, ()))
    assert {"ListKeys *", "DescribeKey key/*", f"ListGrants key/* {OURS}"} <= found


def test_a_key_of_the_stack_that_is_named_by_id_is_read_as_the_stacks_are():
    desired = declares(wants_grant(key="k-1"))
    found = said(*reading(PLACE, scope_of(desired)[RUN_TARGET], ()))
    assert {"DescribeKey key/k-1", "ListGrants key/k-1"} <= found
    assert "ListResourceTags key/k-1" not in found


@pytest.mark.parametrize(("keys", "swept"), [(2, False), (3, True)])
def test_lists_of_retirable_grants_are_read_where_they_stand_for_enough_keys(keys, swept):
    retired = replace(terms_of("r"), retiring_principal="arn:aws:iam::111122223333:role/x")
    names = [f"key-{n}" for n in range(keys)]
    grants = [wants_grant(name, Address(Kind.KEY, name), retired) for name in names]
    desired = declares(*map(wants, names), *grants)
    found = said(*reading(PLACE, scope_of(desired)[RUN_TARGET], desired.keys))
    assert ("ListRetirableGrants *" in found) is swept


def test_the_last_use_of_keys_that_a_plan_takes_away_is_asked_for():
    desired, observed = declares(wants(enabled=False)), there(has())
    planned = plan(desired, observed)
    document = permissions(planned, observed, desired, scope_of(desired), apply=False)
    told = {action for statement in document["Statement"] for action in statement["Action"]}
    assert "kms:GetKeyLastUsage" in told
    assert "kms:DisableKey" not in told
