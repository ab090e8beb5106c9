"""Each preset by evaluation: the service's own calls, as AWS documents them, pass; the same from elsewhere do not."""

import pytest

from reconciler.policy.evaluate import GrantFacts
from reconciler.policy.exposure import is_public
from reconciler.policy.presets import presets
from tests.policy.presets.scenarios import CASES, PLACE, Call, allowed, elsewhere, scenarios

ALL = list(scenarios())


def named(calls):
    return [pytest.param(one, call, id=f"{one.service}: {one.name}: {call.caller} {call.does}") for one, call in calls]


@pytest.mark.parametrize(("scenario", "call"), named((one, call) for one in ALL for call in one.calls))
def test_what_the_service_calls_by_its_page_is_allowed(scenario, call):
    assert allowed(scenario.key(), call)


@pytest.mark.parametrize(("scenario", "call"), named((one, call) for one in ALL for call in one.refused))
def test_what_the_page_does_not_ask_for_is_refused(scenario, call):
    assert not allowed(scenario.key(), call)


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: f"{one.service}: {one.name}")
def test_the_same_calls_from_elsewhere_are_refused(scenario):
    key = scenario.key()
    assert [other for call in scenario.calls for other in elsewhere(scenario, call) if allowed(key, other)] == []


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: f"{one.service}: {one.name}")
def test_no_preset_is_public(scenario):
    assert not is_public(scenario.key().policy)


def test_every_preset_has_cases_and_every_case_a_preset():
    assert {file.stem for file in CASES.glob("*.yaml")} == presets().keys()


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: f"{one.service}: {one.name}")
def test_every_action_of_a_preset_is_one_that_its_cases_call(scenario):
    of_service = [call.action for one in ALL if one.service == scenario.service for call in one.calls]
    granted = {action.removeprefix("kms:") for each in scenario.key().policy.statements for action in each.actions}
    assert [action for action in granted if not any(call.startswith(action.rstrip("*")) for call in of_service)] == []


GRANTS = [(preset, grant) for preset in presets().values() for grant in preset.grants]


@pytest.mark.parametrize(("preset", "grant"), GRANTS, ids=[preset.service for preset, _ in GRANTS])
def test_a_grant_that_the_service_makes_lets_it_do_its_work_in_its_context_alone(preset, grant):
    scenario = next(one for one in ALL if one.service == preset.service)
    grantee = PLACE.fill(grant.grantee)
    caller = grantee if "." in grantee else "arn:aws:sts::111122223333:assumed-role/aws:ec2-infrastructure/i-1"
    context = {key: f"{key} of ours" for key in grant.context}
    made = GrantFacts("g", caller, frozenset(grant.operations), context_subset=context)
    key = scenario.key(made)
    assert any(call.action == "CreateGrant" for call in scenario.calls)
    for operation in set(grant.operations) - {"RetireGrant"}:  # IAM policies decide on that, which allow all here
        call = Call("works", operation, caller, context=context)
        assert allowed(key, call)
        assert not allowed(scenario.key(), call)
    assert not allowed(key, Call("works", "Decrypt", caller, context=dict.fromkeys(context, "another")))
    assert not allowed(key, Call("works", "Decrypt", "arn:aws:iam::111122223333:role/other", context=context))
