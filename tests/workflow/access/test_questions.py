"""Principals, actions and facts as command lines say them."""

from datetime import UTC, datetime

import pytest

from reconciler.kit.errors import KmsctlError
from reconciler.policy.actions import KEY_ACTIONS
from reconciler.workflow.access.questions import Question, action_called, actions_called, ask_of, principal_called
from tests.policy.access.world import ACCOUNT, APP, OTHER, ROOT, allow, key

KEY = key(allow(APP))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("role/App", APP),
        ("user/a/b", f"arn:aws:iam::{ACCOUNT}:user/a/b"),
        ("root", ROOT),
        ("assumed-role/App/i-1", f"arn:aws:sts::{ACCOUNT}:assumed-role/App/i-1"),
        (OTHER, f"arn:aws:iam::{OTHER}:root"),
        (APP, APP),
        ("logs.amazonaws.com", "logs.amazonaws.com"),
    ],
)
def test_short_names_are_principals_of_the_keys_account(name, arn):
    assert principal_called(name, KEY) == arn


@pytest.mark.parametrize("name", ["", "App", "group/x", "role/*", "arn:aws:s3:::bucket", "*"])
def test_what_cannot_ask_is_refused(name):
    with pytest.raises(KmsctlError, match="is no principal that can ask"):
        principal_called(name, KEY)


@pytest.mark.parametrize("name", ["kms:Decrypt", "Decrypt", "decrypt", "KMS:DECRYPT"])
def test_an_action_may_be_written_in_any_case(name):
    assert action_called(name) == "kms:Decrypt"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Decript", "did you mean kms:Decrypt"),
        ("kms:ReEncrypt", "did you mean kms:ReEncrypt"),
        ("s3:GetObject", "such as kms:Decrypt"),
    ],
)
def test_what_is_no_action_is_told_with_what_may_be_meant(name, told):
    with pytest.raises(KmsctlError, match="is no action on a key") as refused:
        action_called(name)
    assert told in refused.value.fix


def test_a_pattern_is_not_one_action():
    with pytest.raises(KmsctlError, match="several actions") as refused:
        action_called("ReEncrypt*")
    assert refused.value.why == "kms:ReEncryptFrom, kms:ReEncryptTo"


def test_patterns_are_put_together_and_sorted():
    assert actions_called(["ReEncrypt*", "kms:Decrypt", "decrypt"], KEY) == (
        "kms:Decrypt",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    )


def test_without_patterns_it_is_all_that_the_key_can_be_asked():
    every = actions_called([], KEY)
    assert "kms:Decrypt" in every
    assert "kms:Sign" not in every
    assert actions_called(["*"], KEY) == KEY_ACTIONS


def test_a_pattern_of_nothing_is_refused():
    with pytest.raises(KmsctlError, match="is no action on a key"):
        actions_called(["Decrypt", "Nothing*"], KEY)


def test_a_question_has_the_time_and_its_facts_in_lower_case():
    asked = ask_of(Question("role/App", "decrypt", {"a": "b"}, "s3", {"aws:SourceIp": ("10.0.0.1",)}), KEY, NOW)
    assert (asked.principal, asked.action, asked.context, asked.via) == (APP, "kms:Decrypt", {"a": "b"}, "s3")
    assert asked.facts == {
        "aws:currenttime": ("2026-11-22T12:00:00Z",),
        "aws:epochtime": ("1795348800",),
        "aws:sourceip": ("10.0.0.1",),
    }


def test_the_time_may_be_said():
    asked = ask_of(Question("role/App", "decrypt", facts={"aws:CurrentTime": ("2030-01-01",)}), KEY, NOW)
    assert asked.facts["aws:currenttime"] == ("2030-01-01",)
