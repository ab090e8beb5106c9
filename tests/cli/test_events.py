"""Events of the audit record, for people."""

from __future__ import annotations

from reconciler.cli.events import event_lines

ROOT = {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accountId": "111122223333"}
KEY = "arn:aws:kms:us-east-1:111122223333:key/a"


def event(name, code=None, who=ROOT):
    shown = {"eventTime": "2026-01-01T00:00:00Z", "eventName": name, "userIdentity": who, "resources": [{"ARN": KEY}]}
    return shown | ({"errorCode": code} if code else {})


def places(text, *events):
    return [line.index(text) for line in event_lines(events)]


def test_columns_stay_in_line_with_the_longest_operation():
    lines = list(event_lines([event("Sign"), event("GenerateDataKeyPairWithoutPlaintext", "KMSInvalidStateException")]))
    assert [line.index("arn:aws:iam") for line in lines] == [lines[0].index("arn:aws:iam")] * 2
    assert lines[0] == f"2026-01-01T00:00:00Z  {'Sign':<35}  {'ok':<24}  {ROOT['arn']}  {KEY}\n"


def test_the_column_of_outcomes_grows_with_a_longer_one_and_stays_so():
    code = "CloudHsmClusterInvalidConfigurationException"
    first, second, third = places(ROOT["arn"], event("A"), event("CreateCustomKeyStore", code), event("B"))
    assert (second, third) == (first + len(code) - 24, second)


def test_who_called_is_named_as_far_as_it_is_known():
    who = {
        KEY: {"type": "IAMUser", "arn": KEY, "accountId": "1"},
        "s3.amazonaws.com": {"type": "AWSService", "invokedBy": "s3.amazonaws.com"},
        "444455556666": {"type": "AWSAccount", "principalId": "AIDA", "accountId": "444455556666"},
    }
    for name, identity in who.items():
        assert f"  {name}  {KEY}\n" in next(event_lines([event("Sign", who=identity)]))
