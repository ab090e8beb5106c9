"""What a plan does about replicas of multi-Region keys."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AdoptReplica,
    AutomaticRotation,
    Deletion,
    DesiredKey,
    ExternalPrimary,
    ManualRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.material import ImportedMaterial, SecretVariable, WrappingAlgorithm
from reconciler.model.observed import Material, ObservedMaterials, ObservedRotation, ObservedState, Regions
from reconciler.model.ownership import ROTATION_TAG
from reconciler.plan.changes import Action, Reason
from reconciler.plan.order import Phase, nodes
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import (
    EnableRotation,
    ExistingKey,
    PlannedKey,
    ReplicateKey,
    RotateOnDemand,
    ScheduleDeletion,
    UpdatePrimary,
)
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    PRUNE,
    by_name,
    declares,
    differing,
    everywhere,
    has,
    has_primary,
    has_replica,
    kinds,
    names,
    pending,
    planned,
    there,
    wants,
    wants_alias,
    wants_grant,
    wants_replica,
)
from tests.support.strategies import POLICIES

WIDE = {"multi_region": True}
ALONE = Regions("us-east-1")
ELSEWHERE = Regions("eu-west-1", ("us-east-1",))
KEY, REPLICA = "Key/db", "ReplicaKey/db-eu@eu"
MATERIAL = ImportedMaterial(SecretVariable("M"), WrappingAlgorithm.RSAES_OAEP_SHA_256)
NOTHING = everywhere(there())
ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"


def related(**fields: object):
    """A primary and its replica, as they are declared."""
    return everywhere(there(has_primary(**fields)), has_replica(**fields))


def external(**fields: object) -> DesiredKey:
    """A replica of a primary that no manifest declares."""
    return wants_replica(primary=ExternalPrimary(RUN_TARGET, ARN), **fields)


def test_a_replica_is_made_where_its_primary_is_once_that_is_there():
    changes = planned(declares(wants(**WIDE), wants_replica(tags={"a": "1"})), NOTHING)
    assert (changes[REPLICA].action, changes[REPLICA].depends_on) == (Action.CREATE, (DB,))
    (step,) = changes[REPLICA].steps
    assert isinstance(step, ReplicateKey)
    assert (step.primary, step.at, step.region) == (PlannedKey(DB, 1), RUN_TARGET, "eu-west-1")
    assert step.tags.items() >= {"a": "1", **step.owner.tags()}.items()
    assert differing(changes[REPLICA])["primary"] == (ABSENT, KEY)


def test_a_replica_of_a_key_that_is_there_names_it_by_its_id():
    observed = everywhere(there(has_primary(regions=ALONE)))
    changes = planned(declares(wants(**WIDE), wants_replica(enabled=False)), observed)
    assert kinds(changes[REPLICA]) == ["ReplicateKey", "DisableKey"]
    assert changes[REPLICA].steps[0].primary == ExistingKey("mrk-1")
    assert changes[KEY].action is Action.NO_OP


def test_a_replica_that_is_as_declared_is_left_alone():
    changes = planned(declares(wants(**WIDE), wants_replica()), related())
    assert {change.reason for change in changes.values()} == {Reason.IN_SYNC}
    assert changes[REPLICA].resource_id == "mrk-1"


def test_what_each_key_has_for_itself_is_compared_for_itself():
    wish = wants_replica(description="Europe", policy=POLICIES[1], tags={"team": "eu"})
    observed = everywhere(there(has_primary(policy=POLICIES[0])), has_replica(policy=POLICIES[0]))
    changes = planned(declares(wants(**WIDE), wish), observed)
    assert kinds(changes[REPLICA]) == ["UpdateDescription", "TagKey", "PutKeyPolicy"]
    assert changes[KEY].steps == ()


def test_a_disabled_primary_is_opened_for_the_replica_and_closed_when_it_is_there():
    observed = everywhere(there(has_primary(regions=ALONE, state=KeyState.DISABLED)))
    made = plan(declares(wants(enabled=False, **WIDE), wants_replica()), observed)
    assert kinds(by_name(made)[KEY]) == ["EnableKey", "DisableKey"]
    assert "opens-key" in names(by_name(made)[KEY])
    assert [(node.id.address, node.id.phase) for node in nodes(made)] == [
        (DB, Phase.PREPARE),
        (DB_EU, Phase.PREPARE),
        (DB, Phase.FINISH),
    ]


def test_a_replica_that_awaits_deletion_is_wanted_back():
    observed = everywhere(there(has_primary()), has_replica(state=KeyState.PENDING_DELETION))
    change = planned(declares(wants(**WIDE), wants_replica()), observed)[REPLICA]
    assert (change.action, kinds(change)) == (Action.CANCEL_DELETION, ["CancelDeletion", "EnableKey"])


@pytest.mark.parametrize("rotation", [ManualRotation(Days(90)), ManualRotation(Days(90), keep=1)], ids=str)
def test_a_successor_of_the_primary_is_replicated_too_and_the_old_replica_stays(rotation):
    old = {"age": 100}
    wish = wants_replica(rotation=rotation)
    desired = declares(wants(rotation=rotation, **WIDE), wish, wants_alias_eu("db"))
    changes = planned(desired, everywhere(there(has_primary(**old)), has_replica(**old), aliases={"db": "mrk-1"}))
    replaced = changes[REPLICA]
    assert (replaced.action, replaced.reason) == (Action.REPLACE, Reason.PRIMARY_REPLACED)
    assert replaced.steps[0].primary == PlannedKey(DB, 2)
    assert replaced.steps[0].key == PlannedKey(DB_EU, 2)
    assert kinds(changes["Alias/db@eu"]) == ["UpdateAlias"]
    assert changes["Alias/db@eu"].steps[0].key == PlannedKey(DB_EU, 2)


def wants_alias_eu(name: str):
    alias = wants_alias(name, DB_EU)
    return replace(alias, address=replace(alias.address, target=EU))


def test_replicas_of_old_keys_go_as_the_old_keys_go():
    rotation = ManualRotation(Days(90), keep=1)
    old = [has_primary(f"mrk-{n}", generation=n) for n in (1, 2, 3)]
    replicas = [has_replica(f"mrk-{n}", generation=n) for n in (1, 2, 3)]
    desired = declares(wants(rotation=rotation, **WIDE), wants_replica(rotation=rotation))
    changes = planned(desired, everywhere(there(*old), *replicas))
    disabled = {name for name, change in changes.items() if change.action is Action.DISABLE}
    assert disabled == {f"{KEY} mrk-1", f"{REPLICA} mrk-1"}


def test_the_current_replica_is_that_of_the_current_key_whatever_the_generations_say():
    keys = there(has_primary("mrk-1", generation=2), has_primary("mrk-2", generation=1))
    observed = everywhere(keys, has_replica("mrk-1", generation=1), has_replica("mrk-2", generation=5))
    changes = planned(declares(wants(**WIDE), wants_replica()), observed)
    assert changes[REPLICA].resource_id == "mrk-1"
    assert changes[REPLICA].action is Action.NO_OP


def test_a_replica_of_another_key_is_not_exchanged():
    observed = everywhere(there(has_primary("mrk-1", regions=ALONE)), has_replica("mrk-9"))
    change = planned(declares(wants(**WIDE), wants_replica()), observed)[REPLICA]
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.IMMUTABLE_FIELD)
    assert differing(change) == {"primary": ("mrk-9", KEY)}


@pytest.mark.parametrize(
    ("name", "adopt", "action"),
    [
        pytest.param(None, None, Action.BLOCKED, id="nobody's"),
        pytest.param(None, AdoptReplica(), Action.ADOPT, id="nobody's, adopted"),
        pytest.param("other", AdoptReplica(), Action.BLOCKED, id="of another name"),
    ],
)
def test_a_replica_that_is_there_already_is_taken_over_only_if_it_is_nobodys_and_that_is_asked_for(name, adopt, action):
    observed = everywhere(there(has_primary()), has_replica(name=name))
    change = planned(declares(wants(**WIDE), wants_replica(adopt=adopt)), observed)[REPLICA]
    assert (change.action, change.resource_id) == (action, "mrk-1")


def test_a_replica_that_was_not_read_and_of_which_kms_knows_blocks_the_plan():
    change = planned(declares(wants(**WIDE), wants_replica()), everywhere(there(has_primary())))[REPLICA]
    assert change.action is Action.BLOCKED
    assert "cannot be read" in change.detail


def test_a_replica_whose_key_is_blocked_is_blocked():
    imported = everywhere(there(has_primary(regions=ALONE, key_spec=KeySpec.HMAC_256)))
    change = planned(declares(wants(**WIDE), wants_replica()), imported)[REPLICA]
    assert change.action is Action.CREATE  # the Key blocks the plan by itself, and is there to be replicated
    foreign = declares(wants(adopt=None, **WIDE), wants_replica())
    assert planned(foreign, NOTHING)[REPLICA].action is Action.CREATE


def test_what_rests_on_a_key_that_cannot_be_found_is_blocked():
    from reconciler.model.desired import AdoptKeyId

    desired = declares(wants(adopt=AdoptKeyId("mrk-7"), **WIDE), wants_replica())
    change = planned(desired, NOTHING)[REPLICA]
    assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)


def test_a_replica_of_a_key_without_material_waits_and_so_does_what_is_on_it():
    origin = {"origin": Origin.EXTERNAL}
    alias = wants_alias_eu("db")
    grant = replace(wants_grant("g", DB_EU), address=Address(Kind.GRANT, "g", EU))
    changes = planned(declares(wants(**WIDE, **origin), wants_replica(**origin), alias, grant), NOTHING)
    assert changes[KEY].action is Action.CREATE
    for name in (REPLICA, "Alias/db@eu", "Grant/g@eu"):
        assert (changes[name].action, changes[name].reason) == (Action.NO_OP, Reason.UNRESOLVED)
        assert "no key material" in changes[name].detail


def test_imported_material_is_imported_into_every_related_key():
    origin = {"origin": Origin.EXTERNAL, "material": MATERIAL}
    made = plan(declares(wants(**WIDE, **origin), wants_replica(enabled=False, **origin)), NOTHING)
    assert kinds(by_name(made)[KEY]) == ["CreateKey", "ImportMaterial"]
    assert kinds(by_name(made)[REPLICA]) == ["ReplicateKey", "ImportMaterial", "DisableKey"]
    after = simulate(made, NOTHING)
    assert after.targets[EU].keys[after.targets[RUN_TARGET].keys.copy().popitem()[0]].material


def test_a_rotation_to_new_material_is_left_to_hands_while_there_are_replicas():
    origin = {"origin": Origin.EXTERNAL, "material": replace(MATERIAL, serial=2)}
    held = ObservedMaterials(Material("one"))
    there_too = {"origin": Origin.EXTERNAL, "materials": held, "tags": {ROTATION_TAG: "1/0"}}
    key = has_primary(rotation=ObservedRotation(enabled=False, on_demand_rotations=0), **there_too)
    change = planned(declares(wants(**WIDE, **origin), wants_replica(**origin)), everywhere(there(key), has_replica()))
    assert (change[KEY].action, change[KEY].reason) == (Action.BLOCKED, Reason.UNRESOLVED)
    assert "by hand" in change[KEY].detail


class TestThePrimaryMoves:
    def test_in_one_step_when_every_key_is_prepared_and_before_any_is_closed(self):
        desired = declares(wants(primary_region="eu-west-1", enabled=False, **WIDE), wants_replica(enabled=False))
        made = plan(desired, related())
        assert kinds(by_name(made)[KEY]) == ["UpdatePrimary", "DisableKey"]
        assert by_name(made)[KEY].steps[0] == UpdatePrimary(ExistingKey("mrk-1"), RUN_TARGET, EU, "eu-west-1")
        assert names(by_name(made)[KEY])[-1] == "moves-primary"
        assert [(node.id.address, node.id.phase) for node in nodes(made)] == [
            (DB, Phase.MOVE),
            (DB_EU, Phase.FINISH),
            (DB, Phase.FINISH),
        ]

    def test_disabled_keys_are_opened_for_it(self):
        desired = declares(wants(primary_region="eu-west-1", enabled=False, **WIDE), wants_replica(enabled=False))
        changes = planned(desired, related(state=KeyState.DISABLED))
        assert kinds(changes[KEY]) == ["EnableKey", "UpdatePrimary", "DisableKey"]
        assert kinds(changes[REPLICA]) == ["EnableKey", "DisableKey"]

    def test_back_from_where_it_is(self):
        desired = declares(wants(primary_region="us-east-1", **WIDE), wants_replica())
        (step,) = planned(desired, related(regions=ELSEWHERE))[KEY].steps
        assert (step.at, step.to, step.region) == (EU, RUN_TARGET, "us-east-1")

    def test_of_a_new_key_once_its_replica_is_there(self):
        made = plan(declares(wants(primary_region="eu-west-1", **WIDE), wants_replica()), NOTHING)
        assert kinds(by_name(made)[KEY]) == ["CreateKey", "UpdatePrimary"]
        order = [(node.id.address, node.id.phase) for node in nodes(made)]
        assert order == [(DB, Phase.PREPARE), (DB_EU, Phase.PREPARE), (DB, Phase.MOVE)]
        after = simulate(made, NOTHING)
        assert {key.regions for target in after.targets.values() for key in target.keys.values()} == {ELSEWHERE}

    def test_of_which_targets_without_a_related_key_hear_nothing(self):
        observed = related()
        account = replace(observed.targets[EU].account, region="ap-south-1")
        far = replace(observed.targets[EU], account=account, keys={})
        three = ObservedState({**observed.targets, TargetName("far"): far})
        made = plan(declares(wants(primary_region="eu-west-1", **WIDE), wants_replica()), three)
        assert simulate(made, three).targets[TargetName("far")] == far

    def test_it_is_left_where_it_is_when_nothing_is_declared(self):
        changes = planned(declares(wants(**WIDE), wants_replica()), related(regions=ELSEWHERE))
        assert {change.action for change in changes.values()} == {Action.NO_OP}

    @pytest.mark.parametrize(
        ("wanted", "regions", "why"),
        [
            pytest.param("eu-west-1", Regions("ap-south-1", ("us-east-1",)), "no target of the run", id="from nowhere"),
            pytest.param("ap-south-1", Regions("us-east-1", ("ap-south-1",)), "no replica in", id="to nowhere"),
            pytest.param("eu-west-1", ALONE, "no replica in", id="to a Region without one"),
        ],
    )
    def test_only_between_regions_that_the_run_reaches(self, wanted, regions, why):
        observed = everywhere(there(has_primary(regions=regions)))
        change = planned(declares(wants(primary_region=wanted, **WIDE)), observed)[KEY]
        assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)
        assert why in change.detail

    def test_a_new_key_whose_primary_would_go_nowhere_is_made_and_the_next_plan_says_why_it_stays(self):
        change = planned(declares(wants(primary_region="ap-south-1", **WIDE)), NOTHING)[KEY]
        assert kinds(change) == ["CreateKey"]

    def test_to_a_replica_that_somebody_else_declares(self):
        observed = everywhere(there(has_primary()), has_replica(name=None))
        change = planned(declares(wants(primary_region="eu-west-1", **WIDE)), observed)[KEY]
        assert kinds(change) == ["UpdatePrimary"]


class TestRotationIsThePrimarys:
    OFF = ObservedRotation(enabled=False, on_demand_rotations=0)

    def test_and_is_changed_where_the_primary_is(self):
        desired = declares(wants(rotation=AutomaticRotation(), **WIDE), wants_replica(enabled=False))
        observed = related(regions=ELSEWHERE, rotation=self.OFF, state=KeyState.DISABLED)
        made = plan(desired, observed)
        assert by_name(made)[KEY].steps[-1] == EnableRotation(ExistingKey("mrk-1"), Days(365), EU)
        assert kinds(by_name(made)[KEY]) == ["EnableKey", "EnableRotation"]
        assert kinds(by_name(made)[REPLICA]) == ["EnableKey", "DisableKey"]
        order = [(node.id.address, node.id.phase) for node in nodes(made)]
        assert order[-2:] == [(DB, Phase.MOVE), (DB_EU, Phase.FINISH)]

    def test_on_demand_too_and_its_mark_stays_with_the_key(self):
        mark = {ROTATION_TAG: "1/0"}
        desired = declares(wants(rotation=OnDemandRotation(2), **WIDE), wants_replica())
        key = has_primary(regions=ELSEWHERE, rotation=self.OFF, tags=mark)
        change = planned(desired, everywhere(there(key), has_replica(regions=ELSEWHERE)))[KEY]
        assert [step for step in change.steps if isinstance(step, RotateOnDemand)] == [
            RotateOnDemand(ExistingKey("mrk-1"), 0, EU)
        ]
        assert kinds(change) == ["TagKey", "RotateOnDemand", "TagKey"]

    @pytest.mark.parametrize(
        ("replicas", "why"),
        [((has_replica(regions=ELSEWHERE, state=KeyState.DISABLED),), "is not"), ((), "is not")],
        ids=["disabled", "not there"],
    )
    def test_on_demand_only_while_the_primary_is_enabled(self, replicas, why):
        desired = declares(wants(rotation=OnDemandRotation(2), **WIDE))
        key = has_primary(regions=ELSEWHERE, rotation=self.OFF, tags={ROTATION_TAG: "1/0"})
        change = planned(desired, everywhere(there(key), *replicas))[KEY]
        assert change.action is Action.BLOCKED
        assert why in change.detail

    def test_and_blocked_where_nobody_looks(self):
        desired = declares(wants(rotation=AutomaticRotation(), **WIDE))
        key = has_primary(regions=Regions("ap-south-1", ("us-east-1",)), rotation=self.OFF)
        change = planned(desired, everywhere(there(key)))[KEY]
        assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)

    def test_of_an_adopted_key_likewise(self):
        from reconciler.model.desired import AdoptKeyId

        desired = declares(wants(rotation=AutomaticRotation(), adopt=AdoptKeyId("mrk-1"), **WIDE))
        key = has_primary(name=None, regions=Regions("ap-south-1", ("us-east-1",)), rotation=self.OFF)
        change = planned(desired, everywhere(there(key)))[KEY]
        assert (change.action, change.resource_id) == (Action.BLOCKED, "mrk-1")


class TestThePrimaryIsNotDeclared:
    def test_it_is_replicated_all_the_same(self):
        change = planned(declares(external()), everywhere(there(has_primary(name=None, regions=ALONE))))[REPLICA]
        assert change.steps[0].primary == ExistingKey("mrk-1")
        assert (change.depends_on, differing(change)["primary"]) == ((), (ABSENT, ARN))

    def test_it_is_left_alone_when_all_is_well(self):
        observed = everywhere(there(has_primary(name=None)), has_replica())
        assert planned(declares(external()), observed)[REPLICA].action is Action.NO_OP

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            pytest.param({"state": KeyState.DISABLED}, "enabled primaries alone", id="disabled"),
            pytest.param({"multi_region": False, "regions": None}, "no multi-Region key", id="of one Region"),
            pytest.param({"key_spec": KeySpec.HMAC_256}, "declare under `primary`", id="another spec"),
            pytest.param({"regions": Regions("ap-south-1", ("us-east-1",))}, "no target of the run", id="elsewhere"),
        ],
    )
    def test_it_must_be_fit_to_be_replicated(self, fields, why):
        observed = everywhere(there(has_primary(name=None, **{"regions": ALONE, **fields})))
        change = planned(declares(external()), observed)[REPLICA]
        assert change.action is Action.BLOCKED
        assert why in change.detail

    def test_what_it_is_can_be_declared(self):
        nature = {"key_spec": KeySpec.HMAC_256, "key_usage": KeyUsage.GENERATE_VERIFY_MAC}
        observed = everywhere(there(has_primary(name=None, regions=ALONE, **nature)))
        assert planned(declares(external(**nature)), observed)[REPLICA].action is Action.CREATE

    def test_one_that_is_not_there_blocks_the_plan(self):
        change = planned(declares(external()), NOTHING)[REPLICA]
        assert (change.action, change.reason) == (Action.BLOCKED, Reason.UNRESOLVED)

    def test_imported_material_is_waited_for(self):
        origin = {"origin": Origin.EXTERNAL}
        key = has_primary(name=None, regions=ALONE, state=KeyState.PENDING_IMPORT, **origin)
        change = planned(declares(external(**origin)), everywhere(there(key)))[REPLICA]
        assert change.action in (Action.NO_OP, Action.BLOCKED)

    def test_an_orphan_that_is_named_as_a_primary_is_left_alone(self):
        observed = everywhere(there(has_primary(deletion=Deletion("Schedule"))), has_replica())
        change = planned(declares(external()), observed, PRUNE)[KEY]
        assert change.action is Action.ORPHAN
        assert "ReplicaKey/db-eu@eu is on it" in change.detail

    def test_an_orphan_that_is_none_goes(self):
        observed = there(has_primary("mrk-9", deletion=Deletion("Schedule"), regions=ALONE))
        change = planned(declares(external()), everywhere(observed), PRUNE)[KEY]
        assert change.action is Action.SCHEDULE_DELETION


class TestGivenUp:
    GONE: ClassVar = {"deletion": Deletion("Schedule", Days(7))}

    def test_replicas_go_before_their_primary_which_waits_for_them(self):
        observed = related(**self.GONE)
        made = plan(declares(), observed, PRUNE)
        assert [node.id.address for node in nodes(made)] == [DB_EU, DB]
        assert "waits-for-replicas" in names(by_name(made)[KEY])
        assert differing(by_name(made)[KEY]) == {
            "state": ("Enabled", "PendingReplicaDeletion (7 days after its replicas)")
        }
        after = simulate(made, observed)
        assert after.targets[RUN_TARGET].keys["mrk-1"].state is KeyState.PENDING_REPLICA_DELETION
        assert after.targets[EU].keys["mrk-1"].state is KeyState.PENDING_DELETION

    def test_a_primary_whose_replicas_stay_is_a_danger(self):
        observed = everywhere(there(has_primary(**self.GONE)), has_replica())
        change = planned(declares(), observed, PRUNE)[KEY]
        assert "replicas-left" in names(change)

    def test_and_so_is_one_whose_replicas_are_out_of_sight(self):
        assert "replicas-left" in names(planned(declares(), there(has_primary(**self.GONE)), PRUNE)[KEY])

    def test_a_replica_that_is_scheduled_already_goes_too(self):
        replica = has_replica(state=KeyState.PENDING_DELETION)
        observed = everywhere(there(has_primary(**self.GONE)), replica)
        assert "waits-for-replicas" in names(planned(declares(), observed, PRUNE)[KEY])

    def test_a_replica_alone_goes_without_further_ado(self):
        observed = everywhere(there(has_primary()), has_replica(**self.GONE))
        change = planned(declares(wants(**WIDE)), observed, PRUNE)[REPLICA]
        assert isinstance(change.steps[0], ScheduleDeletion)
        assert not {"replicas-left", "waits-for-replicas"} & set(names(change))

    def test_the_key_of_a_primary_that_moves_away_goes_after_the_move(self):
        observed = everywhere(there(has_primary(regions=ELSEWHERE)), has_replica(regions=ELSEWHERE, **self.GONE))
        made = plan(declares(wants(primary_region="us-east-1", **WIDE)), observed, PRUNE)
        order = [(node.id.address.name, node.id.phase) for node in nodes(made)]
        assert order == [("db", Phase.MOVE), ("db-eu", Phase.FINISH)]
        assert "replicas-left" not in {risk.name for change in made.changes for risk in change.risks}

    def test_an_orphan_is_called_by_what_kms_says_it_is(self):
        changes = planned(declares(), related())
        assert {change.action for change in changes.values()} == {Action.ORPHAN}
        assert set(changes) == {KEY, REPLICA}

    def test_an_orphan_whose_primary_is_nobodys_waits_for_nothing(self):
        observed = everywhere(there(has_primary(name=None)), has_replica(**self.GONE))
        assert planned(declares(), observed, PRUNE)[REPLICA].depends_on == ()


def test_a_key_of_one_region_has_nothing_to_do_with_it():
    changes = planned(declares(wants()), everywhere(there(has()), pending("k-9", "gone")))
    assert changes[KEY].action is Action.NO_OP
