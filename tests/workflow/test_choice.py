"""Which target a run means."""

from __future__ import annotations

import pytest

from reconciler.kit.errors import KmsctlError
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import SecretCredentials, Target
from reconciler.workflow.choice import Choice, chosen, must_be_for_commands

PROD = TargetName("prod")
EU = TargetName("eu")
DECLARED = {
    PROD: Target(PROD, backend="aws", region="us-east-1", profile="ops", role_arn="arn:aws:iam::1:role/r"),
    EU: Target(EU, backend="aws", region="eu-west-1", account_id="222233334444"),
    TargetName("lab"): Target(TargetName("lab"), backend="local", account_id="333344445555"),
}


def test_without_a_word_the_run_goes_to_the_bundled_kms():
    assert chosen({}, [], Choice()) == {RUN_TARGET: Target()}
    assert chosen(DECLARED, [RUN_TARGET], Choice())[RUN_TARGET].backend == "local"


def test_a_target_is_chosen_by_name_and_opened_once():
    targets = chosen(DECLARED, [RUN_TARGET, PROD, EU], Choice(target=PROD))
    assert targets == {RUN_TARGET: DECLARED[PROD], EU: DECLARED[EU]}


def test_the_run_s_own_target_is_left_closed_when_every_resource_names_another():
    assert set(chosen(DECLARED, [EU], Choice())) == {EU}
    assert set(chosen(DECLARED, [EU], Choice(target=PROD))) == {RUN_TARGET, EU}
    assert set(chosen(DECLARED, [EU], Choice(backend="aws"))) == {RUN_TARGET, EU}


def test_local_is_built_in_and_may_be_declared_otherwise():
    assert chosen({}, [], Choice(target=TargetName("local")))[RUN_TARGET].backend == "local"
    mine = Target(TargetName("local"), region="eu-west-1")
    assert chosen({mine.name: mine}, [], Choice(target=mine.name))[RUN_TARGET] is mine


def test_backend_aws_takes_the_run_s_own_target_to_aws_and_no_other():
    targets = chosen(DECLARED, [RUN_TARGET, TargetName("lab")], Choice(backend="aws"))
    assert targets[RUN_TARGET].backend == "aws"
    assert targets[TargetName("lab")].backend == "local"


def test_backend_local_takes_every_target_to_the_bundled_kms_and_keeps_its_account():
    targets = chosen(DECLARED, [RUN_TARGET, EU], Choice(target=PROD, backend="local"))
    assert {target.backend for target in targets.values()} == {"local"}
    assert targets[EU].account_id == "222233334444"
    assert targets[RUN_TARGET].role_arn is None
    assert targets[RUN_TARGET].profile is None


def test_an_endpoint_holds_for_every_aws_target():
    targets = chosen(DECLARED, [EU, TargetName("lab")], Choice(target=PROD, endpoint_url="http://127.0.0.1:1"))
    assert targets[RUN_TARGET].endpoint_url == targets[EU].endpoint_url == "http://127.0.0.1:1"
    assert targets[TargetName("lab")].endpoint_url is None


def test_profile_and_region_are_of_the_run_s_own_target():
    targets = chosen(DECLARED, [EU], Choice(target=PROD, profile="me", region="ap-south-1"))
    assert (targets[RUN_TARGET].profile, targets[RUN_TARGET].region) == ("me", "ap-south-1")
    assert targets[EU] == DECLARED[EU]


@pytest.mark.parametrize(
    "choice",
    [
        Choice(endpoint_url="http://127.0.0.1:1"),
        Choice(profile="ops"),
        Choice(backend="local", target=PROD, profile="x"),
    ],
    ids=["endpoint", "profile", "profile and local"],
)
def test_an_option_for_aws_is_refused_where_the_run_does_not_go_there(choice):
    with pytest.raises(KmsctlError) as caught:
        chosen(DECLARED, [], choice)
    assert "--backend aws" in caught.value.fix


@pytest.mark.parametrize(
    ("choice", "names"),
    [(Choice(target=TargetName("prdo")), []), (Choice(), [TargetName("prdo")])],
    ids=["chosen", "referred to"],
)
def test_a_target_that_is_not_declared_is_told_with_the_nearest_name(choice, names):
    with pytest.raises(KmsctlError) as caught:
        chosen(DECLARED, names, choice)
    assert "prdo" in caught.value.what
    assert caught.value.fix == "did you mean 'prod'?"


def test_a_target_that_is_like_no_other_is_told_too():
    with pytest.raises(KmsctlError, match="there is no Target 'xyz'"):
        chosen({}, [], Choice(target=TargetName("xyz")))


SECRET = TargetName("secret")
OPERATED = {SECRET: Target(SECRET, backend="aws", region="us-east-1", credentials=SecretCredentials("aws-credentials"))}


def test_a_target_whose_credentials_only_the_operator_can_read_is_not_for_commands():
    targets = chosen(OPERATED, [SECRET], Choice())
    with pytest.raises(KmsctlError, match=r"the Target 'secret' are in the Secret 'aws-credentials'") as caught:
        must_be_for_commands(targets.values())
    assert "--profile" in caught.value.fix
    must_be_for_commands(DECLARED.values())


@pytest.mark.parametrize(
    "choice", [Choice(target=SECRET, profile="me"), Choice(backend="local")], ids=["a profile", "the bundled KMS"]
)
def test_who_says_otherwise_where_credentials_come_from_needs_no_secret(choice):
    must_be_for_commands(chosen(OPERATED, [SECRET], choice).values())
