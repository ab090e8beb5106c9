"""What a plan does about a replica whose primary no manifest declares."""

from __future__ import annotations

import pytest

from reconciler.kit.absent import ABSENT
from reconciler.model.desired import Deletion
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import Regions
from reconciler.plan.changes import Action, Reason
from reconciler.plan.steps import ExistingKey
from tests.plan.build import PRUNE, declares, differing, everywhere, has_primary, has_replica, planned, there
from tests.plan.multiregion import ALONE, ARN, KEY, NOTHING, REPLICA, external


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
