"""Callers proved by their signature: who is believed, and who is told what."""

from __future__ import annotations

from types import MappingProxyType

import pytest

from reconciler.engine.authz.tokens import Temporary
from reconciler.engine.caller import ServiceCall, Session
from reconciler.engine.identities import AccessKey, Account, Identities
from reconciler.engine.instants import SECOND
from reconciler.engine.server.messages import Request
from reconciler.engine.server.replay import Replays, Seen
from reconciler.engine.server.signed import FRESH, Signed
from reconciler.kit.errors import KmsError
from tests.support.people import role
from tests.support.signing import KEY_ID, NOW, SECRET, sign

ALICE = "arn:aws:iam::111122223333:user/alice"
CHINESE_KEY = "AKIACHINAEXAMPLE0000"
SERVICE_KEY = "AKIAS3SERVICEEXAMPLE"
TARGET = {"x-amz-target": "TrentService.ListKeys", "user-agent": "sdk/1"}
KEYS = {KEY_ID: AccessKey(KEY_ID, SECRET, ALICE), SERVICE_KEY: AccessKey(SERVICE_KEY, SECRET, "s3.amazonaws.com")}
KEYS[CHINESE_KEY] = AccessKey(CHINESE_KEY, SECRET, "arn:aws-cn:iam::111122223333:user/alice")
ORDERS = role("arn:aws:iam::111122223333:role/app/orders")
ACCOUNTS = MappingProxyType({"111122223333": Account("111122223333", roles={"orders": ORDERS})})
PEOPLE = Identities(ACCOUNTS, MappingProxyType(KEYS))
SESSION_ARN = "arn:aws:sts::111122223333:assumed-role/orders/run"
SESSION = Session(issued=(NOW - 60) * SECOND, expires=(NOW + 60) * SECOND)


def open_token(key_id, token):
    known = (key_id, token) == ("ASIAIOSFODNN7EXAMPLE", "token")
    return Temporary(key_id, SECRET, SESSION_ARN, SESSION) if known else None


class Full(Replays):
    def __init__(self):
        pass

    def see(self, signature, until, now):
        return Seen.FULL


@pytest.fixture
def replays(tmp_path):
    table = Replays(tmp_path)
    yield table
    table.close()


@pytest.fixture
def clock():
    from datetime import UTC, datetime

    from reconciler.kit.clock import ManualClock

    return ManualClock(datetime.fromtimestamp(NOW, UTC))


@pytest.fixture
def authenticate(replays, clock):
    return Signed(lambda: PEOPLE, open_token, replays, clock)


def request(headers=None, unsigned=None, body=b"{}", **how):
    signed = sign(headers={**TARGET, **(headers or {})}, body=body, **how)
    return Request("POST", "/", "", {**signed, **(unsigned or {})}, body, "192.0.2.7", True)


def refused(authenticate, asked, service="kms"):
    with pytest.raises(KmsError) as caught:
        authenticate(asked, service)
    return caught.value.code, caught.value.message


def test_the_caller_is_the_holder_of_the_access_key_in_the_region_of_the_scope(authenticate):
    caller = authenticate(request(region="eu-west-1"), "kms")
    assert (caller.principal, caller.account, caller.region, caller.access_key) == (
        ALICE,
        "111122223333",
        "eu-west-1",
        KEY_ID,
    )
    origin = caller.origin
    assert (origin.source_ip, origin.user_agent, origin.secure_transport) == ("192.0.2.7", "sdk/1", True)


@pytest.mark.parametrize(
    ("key_id", "home", "abroad"),
    [(KEY_ID, "us-east-1", "cn-north-1"), (CHINESE_KEY, "cn-north-1", "us-gov-west-1")],
    ids=["aws", "aws-cn"],
)
def test_credentials_are_good_in_the_regions_of_their_partition_alone(authenticate, key_id, home, abroad):
    caller = authenticate(request(key_id=key_id, region=home), "kms")
    assert caller.principal.split(":")[1] == caller.partition
    assert refused(authenticate, request(key_id=key_id, region=abroad))[0] == "UnrecognizedClientException"


def test_a_service_works_in_every_partition(authenticate):
    asked = request(headers={"X-Kmsctl-On-Behalf-Of": ALICE}, key_id=SERVICE_KEY, region="cn-north-1")
    assert authenticate(asked, "kms").partition == "aws-cn"


def test_a_request_is_believed_once(authenticate):
    asked = request()
    authenticate(asked, "kms")
    code, message = refused(authenticate, asked)
    assert code == "InvalidSignatureException"
    assert "already used" in message
    authenticate(request(at=NOW + 1), "kms")


def told_apart(number, **how):
    return request(unsigned={"amz-sdk-invocation-id": str(number), "amz-sdk-request": "attempt=1"}, **how)


def test_equal_calls_within_a_second_are_told_apart_by_the_id_that_botocore_does_not_sign(authenticate):
    for number in range(5):
        authenticate(told_apart(number), "kms")
        assert "already used" in refused(authenticate, told_apart(number))[1]


def test_an_id_that_is_no_text_tells_requests_apart_too(authenticate):
    for number in ("\ud800", "\udc80"):
        authenticate(told_apart(number), "kms")
        assert "already used" in refused(authenticate, told_apart(number))[1]


def test_an_id_that_is_not_signed_tells_nothing_apart_later(authenticate, clock):
    from datetime import timedelta

    authenticate(told_apart(1), "kms")
    clock.advance(timedelta(seconds=FRESH))
    authenticate(told_apart(2), "kms")
    clock.advance(timedelta(seconds=1))
    for number in (1, 2, 3):
        assert "already used" in refused(authenticate, told_apart(number))[1]


def test_an_id_that_is_not_signed_tells_nothing_apart_when_the_client_s_clock_is_ahead(authenticate):
    authenticate(told_apart(1, at=NOW + 60), "kms")
    assert "already used" in refused(authenticate, told_apart(2, at=NOW + 60))[1]


def test_an_id_that_is_signed_tells_requests_apart_by_their_signature(authenticate):
    for number in range(3):
        asked = request(headers={"amz-sdk-invocation-id": str(number)})
        authenticate(asked, "kms")
        assert "already used" in refused(authenticate, asked)[1]


def test_a_signature_that_cannot_be_remembered_is_not_served(clock):
    full = Signed(lambda: PEOPLE, open_token, Full(), clock)
    assert refused(full, request())[0] == "ThrottlingException"


def test_a_request_that_is_refused_is_not_remembered(authenticate):
    asked = request()
    assert refused(authenticate, asked._replace(body=b"[]"))[0] == "InvalidSignatureException"
    authenticate(asked, "kms")


@pytest.mark.parametrize(
    ("how", "code", "told"),
    [
        (
            {"key_id": "AKIAUNKNOWNEXAMPLE00"},
            "UnrecognizedClientException",
            "security token included in the request is invalid",
        ),
        ({"secret": "x" * 40}, "InvalidSignatureException", "does not match"),
        ({"service": "s3"}, "InvalidSignatureException", "scoped to correct service: 'kms'"),
        ({"region": "mars"}, "InvalidSignatureException", "valid region"),
        ({"token": "token"}, "UnrecognizedClientException", "invalid"),
        ({"at": NOW - 301}, "InvalidSignatureException", "Signature expired"),
    ],
    ids=["unknown key", "wrong secret", "other service", "no region", "token of another key", "too old"],
)
def test_who_is_not_believed_is_told_why_in_the_words_of_aws(authenticate, how, code, told):
    found, message = refused(authenticate, request(**how))
    assert found == code
    assert told in message


def test_temporary_credentials_are_what_their_token_states(authenticate):
    asked = request(key_id="ASIAIOSFODNN7EXAMPLE", token="token")
    caller = authenticate(asked, "kms")
    assert (caller.principal, caller.account, caller.session) == (SESSION_ARN, "111122223333", SESSION)


def test_temporary_credentials_end_when_their_role_is_deleted(replays, clock):
    after = Signed(lambda: Identities(access_keys=MappingProxyType(KEYS)), open_token, replays, clock)
    assert refused(after, request(key_id="ASIAIOSFODNN7EXAMPLE", token="token"))[0] == "UnrecognizedClientException"


def test_temporary_credentials_expire(authenticate, clock):
    from datetime import timedelta

    clock.advance(timedelta(seconds=60))
    asked = request(key_id="ASIAIOSFODNN7EXAMPLE", token="token", at=NOW + 60)
    assert refused(authenticate, asked)[0] == "ExpiredTokenException"


LONGEST = f"{ALICE}{'x' * (2_048 - len(ALICE))}"
LONG = f"{LONGEST}x"


def service_request(headers, unsigned=None):
    return request(headers=headers, unsigned=unsigned, key_id=SERVICE_KEY)


def test_a_service_forwards_the_access_of_a_principal(authenticate):
    caller = authenticate(service_request({"X-Kmsctl-On-Behalf-Of": ALICE}), "kms")
    assert (caller.principal, caller.account) == (ALICE, "111122223333")
    assert caller.service == ServiceCall("s3.amazonaws.com")


def test_a_service_calls_for_itself_because_of_a_resource(authenticate):
    arn = "arn:aws:sns:us-east-1:111122223333:topic"
    caller = authenticate(service_request({"X-Kmsctl-Source-Arn": arn}), "kms")
    assert caller.service == ServiceCall("s3.amazonaws.com", arn, "111122223333")
    assert (caller.principal, caller.account) == ("s3.amazonaws.com", "111122223333")
    caller = authenticate(service_request({"X-Kmsctl-Source-Account": "444455556666"}), "kms")
    assert caller.service == ServiceCall("s3.amazonaws.com", None, "444455556666")


@pytest.mark.parametrize("name", ["On-Behalf-Of", "Source-Arn"])
def test_the_longest_arn_of_aws_is_taken_from_a_service(authenticate, name):
    caller = authenticate(service_request({f"X-Kmsctl-{name}": LONGEST}), "kms")
    assert LONGEST in (caller.principal, caller.service.source_arn)


@pytest.mark.parametrize("name", ["Via-Service", "On-Behalf-Of", "Source-Arn", "Source-Account"])
def test_nobody_else_may_send_the_headers_of_a_service(authenticate, name):
    for how in ({"headers": {f"X-Kmsctl-{name}": "s3"}}, {"unsigned": {f"x-kmsctl-{name.lower()}": "s3"}}):
        assert refused(authenticate, request(**how))[0] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("headers", "unsigned", "code"),
    [
        ({}, None, "ValidationException"),
        ({"X-Kmsctl-Via-Service": "s3"}, None, "ValidationException"),
        ({}, {"x-kmsctl-on-behalf-of": ALICE}, "InvalidSignatureException"),
        ({"X-Kmsctl-On-Behalf-Of": "alice"}, None, "ValidationException"),
        ({"X-Kmsctl-Source-Arn": "topic"}, None, "ValidationException"),
        ({"X-Kmsctl-On-Behalf-Of": LONG}, None, "ValidationException"),
        ({"X-Kmsctl-Source-Arn": LONG}, None, "ValidationException"),
        ({"X-Kmsctl-Source-Account": "1234"}, None, "ValidationException"),
        ({"X-Kmsctl-On-Behalf-Of": ALICE, "X-Kmsctl-Source-Account": "1" * 12}, None, "ValidationException"),
    ],
    ids=[
        "for nobody",
        "another name",
        "unsigned",
        "no principal",
        "no arn",
        "long principal",
        "long arn",
        "no account",
        "both",
    ],
)
def test_a_service_must_say_for_whom_it_calls_and_sign_that(authenticate, headers, unsigned, code):
    assert refused(authenticate, service_request(headers, unsigned))[0] == code


def test_temporary_credentials_end_by_the_time_that_issued_them(replays, clock):
    from datetime import timedelta

    advanced = Signed(lambda: PEOPLE, open_token, replays, clock, lambda: clock.now() + timedelta(days=400))
    assert advanced(request(), "kms").access_key is not None
    asked = request(key_id="ASIAIOSFODNN7EXAMPLE", token="token")
    assert refused(advanced, asked)[0] == "ExpiredTokenException"
