"""STS at the application without a socket: the Query protocol, answers in XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from reconciler.engine.server.messages import Request


def form(application, text, method="POST"):
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    sent = Request(
        method, "/", "" if method == "POST" else text, headers, text.encode() if method == "POST" else b"", "", False
    )
    response = application.answer(sent)
    return response.status, ET.fromstring(response.body)


NAMESPACE = "{https://sts.amazonaws.com/doc/2011-06-15/}"


def test_sts_speaks_the_query_protocol(application):
    for method in ("POST", "GET"):
        status, answer = form(application, "Action=GetCallerIdentity&Version=2011-06-15", method)
        assert status == 200
        assert answer.tag == f"{NAMESPACE}GetCallerIdentityResponse"
        assert answer.findtext(f"{NAMESPACE}GetCallerIdentityResult/{NAMESPACE}Account") == "111122223333"
        assert len(answer.findtext(f"{NAMESPACE}ResponseMetadata/{NAMESPACE}RequestId")) == 36


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("Action=Nonsense&Version=2011-06-15", 400, "InvalidAction"),
        ("Action=GetCallerIdentity&Version=1999-01-01", 400, "InvalidAction"),
        ("", 400, "InvalidAction"),
        ("Action=%FF", 400, "MalformedInput"),
        ("&".join(f"a{n}=b" for n in range(2_000)), 400, "MalformedInput"),
        ("Action=AssumeRole&Version=2011-06-15", 400, "ValidationError"),
        ("Action=AssumeRole&RoleArn=x&RoleSessionName=%00%1b<&DurationSeconds=many", 400, "ValidationError"),
        (
            (
                "Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/nobody&RoleSessionName=run&DurationSeconds=900"
                "&Tags.member.1.Key=a&Tags.member.1.Value=b&TransitiveTagKeys.member.1=a"
            ),
            403,
            "AccessDenied",
        ),
    ],
)
def test_sts_errors_are_xml(application, text, status, code):
    found, answer = form(application, text)
    assert answer.tag == f"{NAMESPACE}ErrorResponse"
    assert (found, answer.findtext(f"{NAMESPACE}Error/{NAMESPACE}Code")) == (status, code)
    assert answer.findtext(f"{NAMESPACE}Error/{NAMESPACE}Type") == "Sender"
    assert len(answer.findtext(f"{NAMESPACE}RequestId")) == 36
