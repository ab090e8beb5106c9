"""The proof: apply with exactly the printed policy passes and re-plans empty, and with any line less some run fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.plan.options import PlanOptions
from reconciler.workflow.permissions import Purpose
from tests.apply.world import copy
from tests.engine.laws.effort import SOAK
from tests.support.secrets import wrapping_keys_made_once
from tests.workflow.permissions.scenarios import EU, SCENARIOS, Scenario, example, late, revoked, somebodys
from tests.workflow.permissions.world import Denied, as_it_is, lines, opened, permissions, roles_in, shown, without

LATER = timedelta(hours=1)
"""Than what was there before: the tagging index knows of that."""
SOME = 15
"""Lines of a policy that are taken away in every run of the tests; `make soak` takes away each."""
UNASKED = ("iam:", "cloudhsm:")
"""Actions of other services, which AWS asks for and the bundled KMS cannot."""


@pytest.fixture(scope="module", autouse=True)
def _quick_wrapping():
    with wrapping_keys_made_once():
        yield


class Stage:
    """One scenario, played again and again, each time from its beginning."""

    def __init__(self, scenario: Scenario, tmp_path, purpose=Purpose.APPLY):
        self.scenario, self.tmp_path, self.purpose, self.count = scenario, tmp_path, purpose, 0
        desired = scenario.desired
        with opened(tmp_path / "base", regions=scenario.regions, named=scenario.roles) as run:
            self.desired = desired if not callable(desired) else desired(run)
            self.start = run.clock.now()
            self.policy = permissions(run, self.desired, purpose, prune=scenario.prune)
        self.expected = {name: self.play(None, around) for name, around in scenario.runs.items()}

    def play(self, policy, around=as_it_is):
        """What came out of a run of somebody who has `policy` alone; None: who may do everything."""
        self.count += 1
        folder = copy(self.tmp_path / "base", self.tmp_path / str(self.count))
        named = self.scenario.roles | roles_in(self.desired)
        with opened(folder, policy, self.scenario.regions, named, around=around) as run:
            run.clock.advance(self.start - run.clock.now() + LATER)
            match self.purpose:
                case Purpose.APPLY:
                    return run.apply(self.desired, PlanOptions(prune=self.scenario.prune))
                case Purpose.PLAN:
                    return run.looks(self.desired)
                case _:
                    return run.drifts(self.desired)

    def prove(self):
        """The policy is enough for all runs, and each line of it is needed by one."""
        for name, around in self.scenario.runs.items():
            assert self.play(self.policy, around) == self.expected[name], name
        every = [line for line in lines(self.policy) if not line[1].startswith(UNASKED)]
        asked = every if SOAK else every[:: -(-len(every) // SOME)]
        unneeded = [shown(self.policy, line) for line in asked if not self.fails(without(self.policy, line))]
        assert "\n".join(unneeded) == ""

    def fails(self, policy):
        return any(self.ends_otherwise(policy, name, around) for name, around in self.scenario.runs.items())

    def ends_otherwise(self, policy, name, around):
        try:
            return self.play(policy, around) != self.expected[name]
        except Denied:
            return True


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_line_of_the_policy_of_an_apply_is_needed_and_all_together_are_enough(scenario, tmp_path):
    Stage(scenario, tmp_path).prove()


QUICKSTART = example("quickstart/keys.yaml")


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("quickstart", QUICKSTART, runs={"as it is": as_it_is, "the index lags": late}),
        Scenario("a grant that somebody revoked", revoked),
        Scenario(
            "imported-key",
            example("imported-key/keys.yaml", regions=EU),
            regions=EU,
            runs={"as it is": as_it_is, "the index lags": late},
        ),
    ],
    ids=lambda scenario: scenario.name,
)
def test_every_line_of_the_policy_of_a_plan_is_needed_before_or_after_its_apply(scenario, tmp_path):
    Stage(scenario, tmp_path, Purpose.PLAN).prove()


def _beside_others(run):
    run.apply(QUICKSTART, PlanOptions())
    somebodys(run)
    return QUICKSTART


@pytest.mark.parametrize(
    "scenario",
    [Scenario("quickstart", _beside_others), Scenario("a grant that somebody revoked", revoked)],
    ids=lambda scenario: scenario.name,
)
def test_every_line_of_the_policy_of_a_check_for_drift_is_needed(scenario, tmp_path):
    Stage(scenario, tmp_path, Purpose.DRIFT).prove()
