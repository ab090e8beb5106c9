"""The proof: apply with exactly the printed policy passes and re-plans empty, and with any line less some run fails."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.plan.options import PlanOptions
from reconciler.workflow.permissions import Purpose
from tests.apply.world import copy
from tests.support.secrets import wrapping_keys_made_once
from tests.workflow.permissions.scenarios import SCENARIOS, Scenario
from tests.workflow.permissions.world import Denied, as_it_is, lines, opened, permissions, roles_in, shown, without

LATER = timedelta(hours=1)
"""Than what was there before: the tagging index knows of that."""
UNASKED = ("iam:", "cloudhsm:")
"""Actions of other services, which AWS asks for and the bundled KMS cannot."""


@pytest.fixture(scope="module", autouse=True)
def _quick_wrapping():
    with wrapping_keys_made_once():
        yield


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: scenario.name, scope="module")
def scenario(request):
    return request.param


@pytest.fixture(scope="module")
def staged(scenario, tmp_path_factory):
    """The data folder of a KMS as the scenario finds it, and the printed policy."""
    folder = tmp_path_factory.mktemp("staged")
    with opened(folder / "kms", regions=scenario.regions, named=roles_in(scenario.desired)) as run:
        scenario.stage(run)
        policy = permissions(run, scenario.desired, Purpose.APPLY, prune=scenario.prune)
    return folder, policy


class Stage:
    """One scenario, played again and again, each time from its beginning."""

    def __init__(self, scenario: Scenario, base, tmp_path):
        self.scenario, self.base, self.tmp_path, self.count = scenario, base, tmp_path, 0

    def play(self, policy, around=as_it_is, between=None):
        self.count += 1
        folder = copy(self.base / "kms", self.tmp_path / str(self.count))
        options = PlanOptions(prune=self.scenario.prune)
        with opened(folder, policy, self.scenario.regions, roles_in(self.scenario.desired), around=around) as run:
            run.clock.advance(LATER)
            return run.apply(self.scenario.desired, options)


def test_every_line_of_the_policy_is_needed_and_all_together_are_enough(scenario, staged, tmp_path):
    base, policy = staged
    stage = Stage(scenario, base, tmp_path)
    expected = {}
    for name, around in scenario.runs.items():
        expected[name] = stage.play(None, around)
        assert stage.play(policy, around) == expected[name], name
    unneeded = []
    for line in lines(policy):
        if not line[1].startswith(UNASKED) and not _fails(stage, scenario, without(policy, line), expected):
            unneeded.append(shown(policy, line))
    assert "\n".join(unneeded) == ""


def _fails(stage, scenario, policy, expected):
    for name, around in scenario.runs.items():
        try:
            if stage.play(policy, around) != expected[name]:
                return True
        except Denied:
            return True
    return False
