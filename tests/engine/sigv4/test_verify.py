"""Verification, with botocore's signer as the judge."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.sigv4.canonical import SignedRequest
from reconciler.engine.sigv4.outcome import Reason, Refused, Verified
from reconciler.engine.sigv4.verify import verify
from tests.support.signing import KEY_ID, NOW, SECRET, sign

TARGET = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Encrypt"}
BODY = b'{"KeyId":"alias/a","Plaintext":"aGVsbG8="}'


def request(body=BODY, headers=TARGET, path="/", query="", method="POST", **how):
    return SignedRequest(method, path, query, sign(method, path, query, headers, body, **how), body)


def secret_of(key_id, token):
    return SECRET if key_id == KEY_ID else Refused(Reason.UNKNOWN_KEY, "unknown")


def judged(signed, now=NOW):
    return verify(signed, secret_of, now)


def reason(signed, now=NOW):
    outcome = judged(signed, now)
    assert isinstance(outcome, Refused), outcome
    return outcome.reason, outcome.message


def with_header(signed, name, value):
    return signed._replace(headers={**signed.headers, name: value})


def test_what_botocore_signs_is_verified():
    outcome = judged(request(token="token"))
    assert isinstance(outcome, Verified)
    assert (outcome.access_key, outcome.region, outcome.service) == (KEY_ID, "us-east-1", "kms")
    assert (outcome.token, outcome.signed_at) == ("token", NOW)
    assert {"host", "x-amz-date", "x-amz-target", "x-amz-security-token"} <= outcome.signed
    assert len(outcome.signature) == 32


@settings(max_examples=150, deadline=None)
@given(
    path=st.text("abc/. ~%-_é", max_size=12).map(lambda text: f"/{text}"),
    pairs=st.lists(
        st.tuples(st.text("ab%20+=~ é", min_size=1, max_size=5), st.text("xyz+/é ", max_size=5)), max_size=3
    ),
    body=st.binary(max_size=40),
    value=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=20),
)
def test_whatever_botocore_signs_is_verified(path, pairs, body, value):
    from urllib.parse import quote

    sent = quote(path)
    query = "&".join(f"{quote(name, safe='')}={quote(item, safe='')}" for name, item in sorted(set(pairs)))
    signed = request(body, {**TARGET, "x-amz-meta": value}, sent, query)
    assert isinstance(judged(signed), Verified)


@pytest.mark.parametrize("path", ["/a/.", "/a/..", "/a/b/..", "/a//", "/.", "//a/./b/"])
def test_paths_are_normalised_as_botocore_does(path):
    assert isinstance(judged(request(path=path)), Verified)


def test_every_altered_byte_of_the_body_is_refused():
    signed = request()
    for place in range(len(BODY)):
        altered = BODY[:place] + bytes([BODY[place] ^ 1]) + BODY[place + 1 :]
        assert reason(signed._replace(body=altered))[0] is Reason.WRONG
    assert reason(signed._replace(body=BODY + b" "))[0] is Reason.WRONG
    assert reason(signed._replace(body=b""))[0] is Reason.WRONG


def test_every_altered_character_of_a_signed_header_is_refused():
    signed = request(token="token")
    for name in ("host", "content-type", "x-amz-target", "x-amz-security-token"):
        value = signed.headers[name]
        for place in range(len(value)):
            altered = value[:place] + chr(ord(value[place]) ^ 1) + value[place + 1 :]
            assert reason(with_header(signed, name, altered))[0] is Reason.WRONG


def test_every_altered_character_of_the_authorization_is_refused():
    signed = request()
    text = signed.headers["authorization"]
    for place in range(len(text)):
        altered = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
        assert isinstance(judged(with_header(signed, "authorization", altered)), Refused), altered


@pytest.mark.parametrize(
    "altered", [{"method": "GET"}, {"path": "/x"}, {"query": "a=b"}], ids=["method", "path", "query"]
)
def test_an_altered_request_line_is_refused(altered):
    assert reason(request()._replace(**altered))[0] is Reason.WRONG


def test_an_altered_query_is_refused():
    signed = request(query="a=b&c=d")
    assert isinstance(judged(signed), Verified)
    assert isinstance(judged(signed._replace(query="c=d&a=b")), Verified)
    for query in ("a=b&c=e", "a=b", "a=b&c=d&c=d", "a=b&c="):
        assert reason(signed._replace(query=query))[0] is Reason.WRONG


@pytest.mark.parametrize(
    ("offset", "refused"),
    [(-301, "Signature expired: "), (-300, None), (0, None), (300, None), (301, "Signature not yet current: ")],
)
def test_a_request_is_good_for_five_minutes_before_and_after(offset, refused):
    signed = request(at=NOW + offset)
    if refused is None:
        assert isinstance(judged(signed), Verified)
    else:
        found, message = reason(signed)
        assert found is Reason.WRONG
        assert message.startswith(refused)
        assert message.endswith(" 5 min.)")


def test_the_words_about_time_are_those_of_aws():
    message = reason(request(at=NOW - 400))[1]
    pattern = r"Signature expired: (\d{8}T\d{6}Z) is now earlier than (\d{8}T\d{6}Z) \((\d{8}T\d{6}Z) - 5 min\.\)"
    found = re.fullmatch(pattern, message)
    assert found is not None
    assert found.groups() == ("20261122T115320Z", "20261122T115500Z", "20261122T120000Z")


def test_the_day_of_the_scope_must_be_that_of_the_request():
    signed = request()
    moved = signed.headers["authorization"].replace("/20261122/", "/20261121/")
    found, message = reason(with_header(signed, "authorization", moved))
    assert found is Reason.WRONG
    assert "'20261121' != '20261122', from '20261122T120000Z'" in message


@pytest.mark.parametrize(
    "stamp", ["20261122T120060Z", "20261322T120000Z", "2026-11-22T12:00:00Z", "", "\u0662\u0660261122T120000Z"]
)
def test_a_time_that_is_none_is_refused(stamp):
    assert reason(with_header(request(), "x-amz-date", stamp))[0] is Reason.INCOMPLETE


def test_a_request_without_a_signature_lacks_its_token():
    signed = request()
    for headers in ({}, {**signed.headers, "authorization": ""}):
        assert reason(signed._replace(headers=headers)) == (Reason.MISSING, "Missing Authentication Token")


def test_a_request_without_a_date_is_incomplete():
    signed = request()
    headers = {name: value for name, value in signed.headers.items() if name != "x-amz-date"}
    found, message = reason(signed._replace(headers=headers))
    assert found is Reason.INCOMPLETE
    assert "'X-Amz-Date'" in message


def resigned(signed, names):
    text = signed.headers["authorization"]
    return with_header(signed, "authorization", re.sub("SignedHeaders=[^,]*", f"SignedHeaders={';'.join(names)}", text))


@pytest.mark.parametrize("name", ["host", "x-amz-date", "x-amz-target", "x-amz-security-token"])
def test_a_header_that_means_something_must_be_signed(name):
    signed = request(token="token")
    names = [each for each in ("host", "x-amz-date", "x-amz-security-token", "x-amz-target") if each != name]
    found, message = reason(resigned(signed, names))
    assert found is Reason.WRONG
    assert "must be a 'SignedHeader'" in message


def test_a_target_that_was_added_later_is_refused():
    signed = request(headers={})
    assert reason(with_header(signed, "x-amz-target", "TrentService.ListKeys"))[0] is Reason.WRONG


@pytest.mark.parametrize(
    "names", [["host", "x-amz-date", "x-amz-target", "absent"], ["host", "host", "x-amz-date", "x-amz-target"]]
)
def test_signed_headers_that_are_not_there_or_named_twice_are_refused(names):
    assert reason(resigned(request(), names))[0] is Reason.WRONG


def test_an_unknown_access_key_is_refused_as_the_lookup_says():
    assert reason(request(key_id="AKIAI44QH8DHBEXAMPLE")) == (Reason.UNKNOWN_KEY, "unknown")


def test_a_wrong_secret_is_told_in_the_words_of_aws():
    message = reason(request(secret=SECRET[::-1]))[1]
    assert message.startswith("The request signature we calculated does not match the signature you provided.")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Bearer abc", "Authorization header requires 'Credential' parameter."),
        ("AWS4-HMAC-SHA256", "requires 'Signature' parameter."),
        ("AWS4-HMAC-SHA256 Credential=a/20261122/us-east-1/kms/aws4_request", "requires 'SignedHeaders' parameter."),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", "only AWS4-HMAC-SHA256 is supported"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0", "exactly 5 slash-delimited elements"),
        (
            "AWS4-HMAC-SHA256 Credential=a/20261122/r/kms/aws4_request, SignedHeaders=Host, Signature=0",
            "names of headers in lower case",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/20261122/r/kms/aws4_request, SignedHeaders=host, Signature=0",
            "64 hexadecimal digits",
        ),
    ],
)
def test_a_malformed_authorization_is_incomplete_and_not_repeated(header, told):
    found, message = reason(with_header(request(), "authorization", header))
    assert found is Reason.INCOMPLETE
    assert told in message


def test_an_authorization_that_says_anything_twice_is_refused():
    text = request().headers["authorization"]
    for twice in (text + text, f"{text}, Signature={'0' * 64}", f"{text}, Credential=a/20261122/r/kms/aws4_request"):
        assert reason(with_header(request(), "authorization", twice))[0] is Reason.INCOMPLETE


def test_another_terminator_is_refused():
    text = request().headers["authorization"].replace("aws4_request", "aws5_request")
    assert "valid terminator" in reason(with_header(request(), "authorization", text))[1]


def test_the_parts_of_the_authorization_may_come_in_any_order_and_without_spaces():
    signed = request()
    scheme, _, parts = signed.headers["authorization"].partition(" ")
    for text in (f"{scheme} {','.join(reversed(parts.split(', ')))}", f"{scheme} {parts.replace(', ', ',')}"):
        assert isinstance(judged(with_header(signed, "authorization", text)), Verified)


def test_nothing_of_a_secret_or_a_signature_shows():
    outcome = judged(request(token="session-token"))
    assert "session-token" not in repr(outcome)
    assert outcome.signature.hex()[:8] not in repr(outcome)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_no_authorization_header_brings_the_verifier_down(text):
    for header in (
        text,
        f"AWS4-HMAC-SHA256 {text}",
        f"AWS4-HMAC-SHA256 Credential={text}, SignedHeaders={text}, Signature={text}",
    ):
        assert isinstance(judged(with_header(request(), "authorization", header)), Refused)


@pytest.mark.parametrize("name", ["host", "content-type", "x-amz-target", "x-amz-date", "x-amz-security-token"])
def test_a_header_that_is_no_text_is_refused(name):
    signed = with_header(request(token="token"), name, "a\ud800")
    assert reason(signed)[0] in (Reason.WRONG, Reason.INCOMPLETE)


def test_a_scope_that_is_no_text_is_refused():
    signed = request()
    header = signed.headers["authorization"].replace("/us-east-1/", "/\ud800/")
    assert reason(with_header(signed, "authorization", header))[0] is Reason.WRONG
