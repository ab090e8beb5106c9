"""What a plan does about multi-Region keys that nobody declares any more."""

from __future__ import annotations

from typing import ClassVar

from reconciler.model.desired import Deletion
from reconciler.model.identifiers import RUN_TARGET, Days
from reconciler.model.keyspec import KeyState
from reconciler.plan.changes import Action
from reconciler.plan.order import Phase, nodes
from reconciler.plan.planner import plan
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import ScheduleDeletion
from tests.plan.build import (
    DB,
    DB_EU,
    EU,
    PRUNE,
    by_name,
    declares,
    differing,
    everywhere,
    has_primary,
    has_replica,
    names,
    planned,
    there,
    wants,
)
from tests.plan.multiregion import ELSEWHERE, KEY, REPLICA, WIDE, related


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
