"""Keys of another account: who has what on record.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
"""

from __future__ import annotations

import json

import pytest

from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError
from tests.support.people import EVERYTHING, MAIN, OTHER, people, user

OWNER = f"arn:aws:iam::{MAIN}:user/owner"
GUEST = f"arn:aws:iam::{OTHER}:user/guest"


@pytest.fixture
def engine(data, clock):
    with Engine.open(data, clock=clock, identities=people(user(OWNER, EVERYTHING), user(GUEST, EVERYTHING))) as opened:
        yield opened


@pytest.fixture
def key(engine):
    """A key that the other account may encrypt with."""
    allow = {"Effect": "Allow", "Resource": "*"}
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            allow | {"Principal": {"AWS": OWNER}, "Action": "kms:*"},
            allow | {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": ["kms:Encrypt", "kms:CreateGrant"]},
        ],
    }
    made = engine.client(principal=OWNER)("CreateKey", {"Policy": json.dumps(policy)})
    return made["KeyMetadata"]["Arn"]


@pytest.fixture
def events(engine):
    """The events of an operation that an account has on record."""

    def find(name, account):
        client = engine.client(principal=OWNER if account == MAIN else GUEST)
        asked = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]}
        return [json.loads(event["CloudTrailEvent"]) for event in client("cloudtrail:LookupEvents", asked)["Events"]]

    return find


GRANT = {"GranteePrincipal": GUEST, "Operations": ["Encrypt"]}


@pytest.mark.parametrize(
    ("name", "parameters"), [("Encrypt", {"Plaintext": b"x"}), ("CreateGrant", GRANT)], ids=["a use", "a mutation"]
)
def test_what_is_done_is_on_record_in_both_accounts(engine, key, events, name, parameters):
    engine.client(principal=GUEST)(name, {"KeyId": key, **parameters})
    (own,), (owners,) = events(name, OTHER), events(name, MAIN)
    assert (own["recipientAccountId"], owners["recipientAccountId"]) == (OTHER, MAIN)
    assert own["userIdentity"]["arn"] == GUEST
    assert set(owners["userIdentity"]) == {"type", "principalId", "accountId"}
    assert (owners["userIdentity"]["type"], owners["userIdentity"]["accountId"]) == ("AWSAccount", OTHER)
    assert own["eventID"] != owners["eventID"]
    for shared in ("sharedEventID", "requestID", "requestParameters", "resources"):
        assert own[shared] == owners[shared]


def test_what_failed_for_another_reason_is_on_record_in_both_accounts(engine, key, events):
    engine.client(principal=OWNER)("DisableKey", {"KeyId": key})
    with pytest.raises(KmsError):
        engine.client(principal=GUEST)("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    assert [event["errorCode"] for account in (OTHER, MAIN) for event in events("Encrypt", account)] == [
        "DisabledException"
    ] * 2


def test_what_is_denied_is_on_record_in_the_account_of_the_caller_alone(engine, key, events):
    with pytest.raises(KmsError):
        engine.client(principal=GUEST)("DescribeKey", {"KeyId": key})
    (own,) = events("DescribeKey", OTHER)
    assert own["errorCode"] == "AccessDenied"
    assert "sharedEventID" not in own
    assert events("DescribeKey", MAIN) == []


def test_within_an_account_there_is_one_event_that_is_shared_with_nobody(engine, key, events):
    engine.client(principal=OWNER)("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    (event,) = events("Encrypt", MAIN)
    assert "sharedEventID" not in event
    assert events("Encrypt", OTHER) == []


def test_a_use_by_another_account_is_the_last_use_once(engine, key):
    engine.client(principal=GUEST)("Encrypt", {"KeyId": key, "Plaintext": b"x"})
    usage = engine.client(principal=OWNER)("GetKeyLastUsage", {"KeyId": key})
    assert usage["KeyLastUsage"]["Operation"] == "Encrypt"
