"""sts:AssumeRole: who may, and what the session is.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from reconciler.engine.authz.tokens import Temporary
from reconciler.engine.caller import Session
from reconciler.engine.engine import Engine
from tests.engine.authz.world import lets, outcome
from tests.support.people import ALL_OF_KMS, MAIN, OTHER, allow, deny, role, user

BOB = f"arn:aws:iam::{MAIN}:user/bob"
EVE = f"arn:aws:iam::{OTHER}:user/eve"
APP = f"arn:aws:iam::{MAIN}:role/service/app"
NEXT = f"arn:aws:iam::{MAIN}:role/next"
SESSION = f"arn:aws:sts::{MAIN}:assumed-role/app/one"
ASK = {"RoleArn": APP, "RoleSessionName": "one"}
ASSUME = "sts:AssumeRole"
MAY_ASSUME = allow("sts:*", resource=APP)


def trusts(principal, *actions, effect="Allow", **conditions):
    made = {"Effect": effect, "Principal": {"AWS": principal}, "Action": list(actions or (ASSUME,))}
    return {"Version": "2012-10-17", "Statement": made | ({"Condition": conditions} if conditions else {})}


def assumed(world, principal, **more):
    """A client with the session that `principal` gets."""
    credentials = world.client(principal)("sts:AssumeRole", ASK | more)["Credentials"]
    found = world.engine.open_token(credentials["AccessKeyId"], credentials["SessionToken"])
    return world.client(found.principal, session=found.session)


# case: trust policy, identities, who asks, further parameters, verdict
TRUST = {
    "a user that is named": (trusts(BOB), [user(BOB)], BOB, {}, "ok"),
    "a user of a trusted account, with IAM": (trusts(MAIN), [user(BOB, MAY_ASSUME)], BOB, {}, "ok"),
    "a user of a trusted account, without": (trusts(MAIN), [user(BOB)], BOB, {}, "AccessDenied"),
    "a user that IAM denies": (trusts(BOB), [user(BOB, deny("sts:*"))], BOB, {}, "AccessDenied"),
    "somebody else": (trusts(BOB), [user(f"{BOB}2", MAY_ASSUME)], f"{BOB}2", {}, "AccessDenied"),
    "another account, both sides": (trusts(OTHER), [user(EVE, MAY_ASSUME)], EVE, {}, "ok"),
    "another account, one side": (trusts(EVE), [user(EVE)], EVE, {}, "AccessDenied"),
    "a role": (trusts(NEXT), [role(NEXT)], f"arn:aws:sts::{MAIN}:assumed-role/next/x", {}, "ok"),
    "a root user": (trusts(MAIN), [], f"arn:aws:iam::{MAIN}:root", {}, "AccessDenied"),
    "the external id": (
        trusts(EVE, StringEquals={"sts:ExternalId": "a1"}),
        [user(EVE, MAY_ASSUME)],
        EVE,
        {"ExternalId": "a1"},
        "ok",
    ),
    "another external id": (
        trusts(EVE, StringEquals={"sts:ExternalId": "a1"}),
        [user(EVE, MAY_ASSUME)],
        EVE,
        {"ExternalId": "a2"},
        "AccessDenied",
    ),
    "no external id": (
        trusts(EVE, StringEquals={"sts:ExternalId": "a1"}),
        [user(EVE, MAY_ASSUME)],
        EVE,
        {},
        "AccessDenied",
    ),
    "a session named after the user": (
        trusts(BOB, StringLike={"sts:RoleSessionName": "${aws:username}"}),
        [user(BOB)],
        BOB,
        {"RoleSessionName": "bob"},
        "ok",
    ),
    "a session named otherwise": (
        trusts(BOB, StringLike={"sts:RoleSessionName": "${aws:username}"}),
        [user(BOB)],
        BOB,
        {},
        "AccessDenied",
    ),
    "tags, with permission": (
        trusts(BOB, ASSUME, "sts:TagSession"),
        [user(BOB)],
        BOB,
        {"Tags": [{"Key": "team", "Value": "a"}]},
        "ok",
    ),
    "tags, without": (trusts(BOB), [user(BOB)], BOB, {"Tags": [{"Key": "team", "Value": "a"}]}, "AccessDenied"),
    "tags that the trust policy asks for": (
        trusts(
            BOB,
            ASSUME,
            "sts:TagSession",
            StringEquals={"aws:RequestTag/team": "a"},
            **{"ForAllValues:StringEquals": {"aws:TagKeys": ["team"], "sts:TransitiveTagKeys": ["team"]}},
        ),
        [user(BOB)],
        BOB,
        {"Tags": [{"Key": "team", "Value": "a"}], "TransitiveTagKeys": ["team"]},
        "ok",
    ),
    "a source identity, with permission": (
        trusts(BOB, ASSUME, "sts:SetSourceIdentity", StringEquals={"sts:SourceIdentity": "bob"}),
        [user(BOB)],
        BOB,
        {"SourceIdentity": "bob"},
        "ok",
    ),
    "a source identity, without": (trusts(BOB), [user(BOB)], BOB, {"SourceIdentity": "bob"}, "AccessDenied"),
    "a second factor that nobody has": (
        trusts(BOB),
        [user(BOB)],
        BOB,
        {"SerialNumber": "GAHT12345678", "TokenCode": "123456"},
        "AccessDenied",
    ),
    "a second factor that the trust policy asks for": (
        trusts(BOB, Bool={"aws:MultiFactorAuthPresent": "true"}),
        [user(BOB)],
        BOB,
        {},
        "AccessDenied",
    ),
}


@pytest.mark.parametrize("case", TRUST)
def test_a_role_is_assumed_by_whom_it_trusts_and_whom_iam_lets(make_world, case):
    trust, identities, principal, more, verdict = TRUST[case]
    world = make_world(role(APP, trust=trust), *identities)
    assert outcome(world.client(principal), "sts:AssumeRole", **ASK | more) == verdict


@pytest.mark.parametrize(
    "arn",
    [
        f"{APP}2",
        f"arn:aws:iam::{MAIN}:role/app",
        f"arn:aws:iam::{OTHER}:role/service/app",
        BOB,
        "no arn, but long enough",
    ],
    ids=["another name", "another path", "another account", "a user", "no ARN"],
)
def test_a_role_that_is_not_there_is_denied_like_one_that_does_not_trust(make_world, arn):
    world = make_world(role(APP, trust=trusts(BOB)), user(BOB, allow("*")))
    call = world.asked(world.client(BOB), "sts:AssumeRole", RoleArn=arn, RoleSessionName="one")
    assert call.result["refused"].code == "AccessDenied"
    assert call.result["refused"].message == f"User: {BOB} is not authorized to perform: {ASSUME} on resource: {arn}"


def test_the_answer_has_credentials_for_an_hour_that_any_process_on_the_store_can_open(make_world, clock, data):
    world = make_world(role(APP, trust=trusts(BOB)), user(BOB))
    answer = world.client(BOB)("sts:AssumeRole", ASK)
    credentials = answer["Credentials"]
    assert answer["AssumedRoleUser"]["Arn"] == SESSION
    assert answer["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA")
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert len(credentials["AccessKeyId"]) == 20
    assert len(credentials["SecretAccessKey"]) == 40
    assert credentials["Expiration"] == clock.now() + timedelta(hours=1)
    with Engine.open(data, clock=clock) as other:
        found = other.open_token(credentials["AccessKeyId"], credentials["SessionToken"])
    assert (found.principal, found.secret) == (SESSION, credentials["SecretAccessKey"])
    assert found.session.expires - found.session.issued == 3_600_000_000


def test_a_token_that_was_altered_or_belongs_to_another_key_opens_nothing(make_world):
    world = make_world(role(APP, trust=trusts(BOB)), user(BOB))
    one, two = (world.client(BOB)("sts:AssumeRole", ASK)["Credentials"] for _ in range(2))
    key_id, token = one["AccessKeyId"], one["SessionToken"]
    altered = token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]
    for wrong in (altered, two["SessionToken"], token[4:], "", "x", "é"):
        assert world.engine.open_token(key_id, wrong) is None
    assert world.engine.open_token(two["AccessKeyId"], token) is None


def test_a_token_holds_no_secret_in_the_clear_and_none_is_recorded(make_world):
    world = make_world(role(APP, trust=trusts(BOB)), user(BOB))
    credentials = world.client(BOB)("sts:AssumeRole", ASK)["Credentials"]
    (event,) = world.engine.events(name="AssumeRole")
    told = json.dumps(event)
    assert credentials["SecretAccessKey"] not in told
    assert credentials["SessionToken"] not in told
    assert event["requestParameters"] == {"roleArn": APP, "roleSessionName": "one"}


def test_a_session_may_what_its_role_may(make_world):
    world = make_world(role(APP, allow("kms:DescribeKey"), trust=trusts(BOB)), user(BOB))
    key = world.key()
    session = assumed(world, BOB)
    assert session("sts:GetCallerIdentity", {})["Arn"] == SESSION
    assert outcome(session, "DescribeKey", KeyId=key) == "ok"
    assert outcome(session, "EnableKey", KeyId=key) == "AccessDeniedException"


def test_a_session_policy_in_the_request_and_one_by_name_limit_the_session(make_world):
    world = make_world(
        role(APP, ALL_OF_KMS, trust=trusts(BOB)), user(BOB), policies={"describe": allow("kms:DescribeKey")}
    )
    key = world.key()
    named = {"PolicyArns": [{"arn": f"arn:aws:iam::{MAIN}:policy/describe"}]}
    inline = {"Policy": json.dumps(allow("kms:EnableKey"))}
    for more, allowed in (
        (named, {"DescribeKey"}),
        (inline, {"EnableKey"}),
        (named | inline, {"DescribeKey", "EnableKey"}),
    ):
        session = assumed(world, BOB, **more)
        for operation in ("DescribeKey", "EnableKey", "DisableKeyRotation"):
            verdict = "ok" if operation in allowed else "AccessDeniedException"
            assert outcome(session, operation, KeyId=key) == verdict


def test_the_tags_of_a_session_decide_and_transitive_ones_go_on(make_world):
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    both = trusts(MAIN, ASSUME, "sts:TagSession")
    world = make_world(
        role(APP, allow("kms:DescribeKey", **same), allow("sts:*"), trust=both),
        role(NEXT, allow("kms:DescribeKey", **same), trust=both),
        user(BOB, allow("sts:*")),
    )
    key = world.key(Tags=[{"TagKey": "team", "TagValue": "a"}])
    team = {"Tags": [{"Key": "team", "Value": "a"}]}
    assert outcome(assumed(world, BOB), "DescribeKey", KeyId=key) == "AccessDeniedException"
    for transitive, verdict in (([], "AccessDeniedException"), (["team"], "ok")):
        first = assumed(world, BOB, **team, TransitiveTagKeys=transitive)
        assert outcome(first, "DescribeKey", KeyId=key) == "ok"
        credentials = first("sts:AssumeRole", {"RoleArn": NEXT, "RoleSessionName": "two"})["Credentials"]
        found = world.engine.open_token(credentials["AccessKeyId"], credentials["SessionToken"])
        second = world.client(found.principal, session=found.session)
        assert outcome(second, "DescribeKey", KeyId=key) == verdict
    again = {"RoleArn": NEXT, "RoleSessionName": "two", "Tags": [{"Key": "Team", "Value": "b"}]}
    assert outcome(first, "sts:AssumeRole", **again) == "ValidationError"


def test_a_source_identity_stays_through_the_chain(make_world):
    trust = trusts(MAIN, ASSUME, "sts:SetSourceIdentity")
    world = make_world(role(APP, allow("sts:*"), trust=trust), role(NEXT, trust=trust), user(BOB, allow("sts:*")))
    answer = world.client(BOB)("sts:AssumeRole", {**ASK, "SourceIdentity": "bob"})
    assert answer["SourceIdentity"] == "bob"
    first = assumed(world, BOB, SourceIdentity="bob")
    assert first("sts:AssumeRole", {"RoleArn": NEXT, "RoleSessionName": "two"})["SourceIdentity"] == "bob"


# case: who asks, parameters, the role's limit, verdict
DURATIONS = {
    "as long as the role allows": (BOB, 7200, 7200, "ok"),
    "longer than the role allows": (BOB, 7201, 7200, "ValidationError"),
    "an hour for a session": (SESSION, 3600, 7200, "ok"),
    "more than an hour for a session": (SESSION, 3601, 7200, "ValidationError"),
    "shorter than STS takes": (BOB, 899, 7200, "ValidationError"),
}


@pytest.mark.parametrize("case", DURATIONS)
def test_a_session_lasts_no_longer_than_it_may(make_world, case):
    principal, seconds, most, verdict = DURATIONS[case]
    world = make_world(
        role(NEXT, trust=trusts(MAIN), max_session=most), role(APP, allow("sts:*")), user(BOB, allow("sts:*"))
    )
    given = {"RoleArn": NEXT, "RoleSessionName": "one", "DurationSeconds": seconds}
    assert outcome(world.client(principal), "sts:AssumeRole", **given) == verdict


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Policy": "{"}, "MalformedPolicyDocument"),
        ({"Policy": json.dumps(lets("*", "kms:*"))}, "MalformedPolicyDocument"),
        ({"Policy": json.dumps(allow("kms:*", resource="x" * 2048))}, "ValidationError"),
        ({"PolicyArns": [{"arn": f"arn:aws:iam::{MAIN}:policy/none"}]}, "ValidationError"),
        ({"RoleSessionName": "a b"}, "ValidationError"),
        ({"Tags": [{"Key": "a\n", "Value": "b"}]}, "ValidationError"),
        ({"Tags": [{"Key": "Team", "Value": "b"}, {"Key": "team", "Value": "c"}]}, "ValidationError"),
        ({"Tags": [{"Key": "a", "Value": "b"}], "TransitiveTagKeys": ["c"]}, "ValidationError"),
    ],
    ids=[
        "no JSON",
        "a key policy",
        "too long",
        "no such policy",
        "no name",
        "no tag",
        "tag keys that differ in case alone",
        "a transitive tag that is none",
    ],
)
def test_what_cannot_be_a_session_is_refused(make_world, more, code):
    world = make_world(role(APP, trust=trusts(BOB, ASSUME, "sts:TagSession")), user(BOB))
    assert outcome(world.client(BOB), "sts:AssumeRole", **ASK | more) == code


def test_what_takes_room_is_told(make_world):
    world = make_world(role(APP, trust=trusts(BOB)), user(BOB))
    assert "PackedPolicySize" not in world.client(BOB)("sts:AssumeRole", ASK)
    answer = world.client(BOB)("sts:AssumeRole", {**ASK, "Policy": json.dumps(allow("kms:*"))})
    assert 0 < answer["PackedPolicySize"] < 100


def test_credentials_show_no_secret():
    assert "hidden" not in repr(Temporary("ASIA", "hidden", SESSION, Session(0, 1)))


def test_a_session_ends_when_its_time_is_over_wherever_time_was_moved(make_world, clock):
    world = make_world(role(APP, ALL_OF_KMS, trust=trusts(BOB)), user(BOB))
    session = assumed(world, BOB)
    clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    assert outcome(session, "ListKeys") == "ok"
    clock.advance(timedelta(microseconds=1))
    assert outcome(session, "ListKeys") == "ExpiredTokenException"
