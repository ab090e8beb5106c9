"""The cases of AWS's Signature Version 4 test suite: requests, and the signatures that AWS published for them.

Source: https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html. All are signed with one key, at
one instant, for the Region us-east-1 and the service called `service`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from reconciler.engine.sigv4.canonical import SignedRequest
from reconciler.engine.sigv4.outcome import Refused, Verified
from reconciler.engine.sigv4.verify import verify

NOW = int(datetime(2015, 8, 30, 12, 36, tzinfo=UTC).timestamp())
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
NO_HEADERS: dict[str, str] = {}
FORM = {"content-type": "application/x-www-form-urlencoded"}

CASES = [
    ("get-vanilla", "GET", "/", "", NO_HEADERS, b"", VANILLA),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        "/",
        "Param2=value2&Param1=value1",
        NO_HEADERS,
        b"",
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        "get-vanilla-empty-query-key",
        "GET",
        "/",
        "Param1=value1",
        NO_HEADERS,
        b"",
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ),
    (
        "get-vanilla-utf8-query",
        "GET",
        "/",
        "ሴ=bar",
        NO_HEADERS,
        b"",
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ),
    (
        "get-utf8",
        "GET",
        "/ሴ",
        "",
        NO_HEADERS,
        b"",
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
    ),
    (
        "get-header-key-duplicate",
        "GET",
        "/",
        "",
        {"my-header1": "value2,value2,value1"},
        b"",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    (
        "get-header-value-trim",
        "GET",
        "/",
        "",
        {"my-header1": " value1", "my-header2": ' "a   b   c"'},
        b"",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    ("get-relative", "GET", "/example/..", "", NO_HEADERS, b"", VANILLA),
    ("get-relative-relative", "GET", "/example1/example2/../..", "", NO_HEADERS, b"", VANILLA),
    ("get-slash", "GET", "//", "", NO_HEADERS, b"", VANILLA),
    ("get-slash-dot-slash", "GET", "/./", "", NO_HEADERS, b"", VANILLA),
    (
        "get-slash-pointless-dot",
        "GET",
        "/./example",
        "",
        NO_HEADERS,
        b"",
        "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
    ),
    (
        "get-slashes",
        "GET",
        "//example//",
        "",
        NO_HEADERS,
        b"",
        "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
    ),
    (
        "get-space",
        "GET",
        "/example space/",
        "",
        NO_HEADERS,
        b"",
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
    ),
    (
        "post-vanilla",
        "POST",
        "/",
        "",
        NO_HEADERS,
        b"",
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    (
        "post-vanilla-query",
        "POST",
        "/",
        "Param1=value1",
        NO_HEADERS,
        b"",
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ),
    (
        "post-x-www-form-urlencoded",
        "POST",
        "/",
        "",
        FORM,
        b"Param1=value1",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
]


def signed(method, path, query, headers, body, signature):
    given = {"host": "example.amazonaws.com", "x-amz-date": "20150830T123600Z", **headers}
    credential = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    names = ";".join(sorted(given))
    authorization = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return SignedRequest(method, path, query, {**given, "authorization": authorization}, body)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_request_that_aws_signed_is_verified(case):
    outcome = verify(signed(*case[1:]), lambda key, token: SECRET, NOW)
    assert isinstance(outcome, Verified)
    assert (outcome.access_key, outcome.region, outcome.service) == ("AKIDEXAMPLE", "us-east-1", "service")
    assert outcome.signature.hex() == case[-1]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_with_another_secret_it_is_refused(case):
    assert isinstance(verify(signed(*case[1:]), lambda key, token: SECRET + "x", NOW), Refused)
