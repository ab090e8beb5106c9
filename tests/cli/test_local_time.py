"""`kmsctl local advance`, `audit --follow` and `quota`."""

from __future__ import annotations

import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.cli.values import duration, instant
from reconciler.kit.clock import ManualClock
from tests.cli.conftest import KMSCTL


def call(kmsctl, operation, **parameters):
    result = kmsctl("local", "call", operation, json.dumps(parameters))
    assert result.code == 0, result.err
    return json.loads(result.out)


@pytest.fixture
def key(kmsctl):
    return call(kmsctl, "CreateKey")["KeyMetadata"]["KeyId"]


def test_advancing_prints_what_happened_and_what_time_it_is(kmsctl, key):
    call(kmsctl, "EnableKeyRotation", KeyId=key, RotationPeriodInDays=180)
    result = kmsctl("local", "advance", "200d")
    (event, now) = result.out.splitlines()
    assert event.startswith("2026-08-28T12:00:00Z  RotateKey ")
    assert key in event
    assert now == "It is 2026-09-17T12:00:00Z now, 200d later."


def test_advancing_to_an_instant_deletes_what_was_due(kmsctl, key):
    call(kmsctl, "ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    told = json.loads(kmsctl("local", "advance", "--to", "2027-01-01", "--output", "json").out)
    assert (told["from"], told["to"]) == ("2026-03-01T12:00:00Z", "2027-01-01T00:00:00Z")
    assert [(event["eventName"], event["eventTime"]) for event in told["events"]] == [
        ("DeleteKey", "2026-03-08T12:00:00Z")
    ]
    assert kmsctl("local", "call", "DescribeKey", json.dumps({"KeyId": key})).code == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        ((), "not clear how far"),
        (("1d", "--to", "2027-01-01"), "not clear how far"),
        (("--to", "2020-01-01"), "cannot be moved back"),
        (("0s",), "cannot be moved back"),
        (("soon",), "no duration"),
        (("--to", "tomorrow"), "no instant"),
    ],
)
def test_a_time_that_cannot_be_is_refused(kmsctl, argv, words):
    result = kmsctl("local", "advance", *argv)
    assert result.code != 0
    assert words in result.err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("400d", timedelta(days=400)),
        ("90m", timedelta(minutes=90)),
        ("P2W", timedelta(weeks=2)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("PT90M", timedelta(minutes=90)),
        ("PT1M30S", timedelta(seconds=90)),
    ],
)
def test_a_duration_is_a_number_with_a_unit_or_iso_8601(text, meant):
    assert duration(text) == meant


@pytest.mark.parametrize("text", ["P", "PT", "P1", "1", "P1Y", "P1DT", "-1d", "1.5d"])
def test_what_is_no_duration_is_refused(text):
    from argparse import ArgumentTypeError

    with pytest.raises(ArgumentTypeError):
        duration(text)


def test_an_instant_is_in_utc_unless_it_says_otherwise():
    assert instant("2027-01-01") == datetime(2027, 1, 1, tzinfo=UTC)
    assert instant("2027-01-01T02:00:00+02:00") == datetime(2027, 1, 1, tzinfo=UTC)


class Impatient(ManualClock):
    """A clock whose owner presses Ctrl-C in the third sleep, and calls something else in each."""

    def __init__(self, then):
        super().__init__(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.left, self.then = 2, then

    def sleep(self, seconds):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        self.then()


def test_following_begins_with_the_last_calls_and_goes_on_until_interrupted(kmsctl, key, tmp_path):
    import io

    from reconciler.cli.context import Context
    from reconciler.cli.main import main

    call(kmsctl, "ListKeys")
    clock = Impatient(lambda: call(kmsctl, "DescribeKey", KeyId=key))
    out = io.StringIO()
    context = Context(environ={}, stdin=io.BytesIO(), stdout=out, stderr=io.StringIO(), clock=lambda: clock)
    assert main(("local", "audit", "--follow", "--limit", "1"), context) == 0
    assert [line.split()[1] for line in out.getvalue().splitlines()] == ["ListKeys", "DescribeKey", "DescribeKey"]


def test_the_record_of_another_process_is_followed(process, tmp_path):
    assert process("local", "call", "CreateKey").code == 0
    follower = subprocess.Popen(
        [KMSCTL, "local", "audit", "--follow", "--output", "json"], stdout=subprocess.PIPE, cwd=tmp_path, text=True
    )
    try:
        assert json.loads(follower.stdout.readline())["eventName"] == "CreateKey"
        assert process("local", "call", "DescribeKey", '{"KeyId": "alias/none"}').code == 1
        event = json.loads(follower.stdout.readline())
        assert (event["eventName"], event["errorCode"]) == ("DescribeKey", "NotFoundException")
    finally:
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=30)
    assert follower.returncode == 0


def test_only_what_failed_of_an_account_and_region_is_printed(kmsctl, key):
    kmsctl("local", "call", "DescribeKey", '{"KeyId": "alias/none"}')
    kmsctl("local", "call", "ListKeys", "--region", "eu-west-1", "--account", "999988887777")
    assert [line.split()[1] for line in kmsctl("local", "audit", "--failed").out.splitlines()] == ["DescribeKey"]
    for options in (("--region", "eu-west-1"), ("--account", "999988887777")):
        assert [line.split()[1] for line in kmsctl("local", "audit", *options).out.splitlines()] == ["ListKeys"]


def test_quotas_are_listed_raised_and_reset(kmsctl):
    listed = kmsctl("local", "quota", "list", "--region", "eu-central-1").out.splitlines()
    assert "symmetric".ljust(44) + "      20,000  requests/s" in listed
    assert "AWS_CLOUDHSM".ljust(44) + "       1,800  requests/s, fixed" in listed
    raised = kmsctl("local", "quota", "set", "CreateKey", "50")
    assert raised.out == "CreateKey".ljust(44) + "          50  requests/s, default 5\n"
    told = json.loads(kmsctl("local", "quota", "list", "--output", "json").out)
    (limit,) = (each for each in told if each["name"] == "CreateKey")
    assert (limit["value"], limit["default"]) == (50, 5)
    assert kmsctl("local", "quota", "reset").out == "All quotas have their default values.\n"
    told = json.loads(kmsctl("local", "quota", "list", "--output", "json").out)
    assert all(limit["value"] == limit["default"] for limit in told)


@pytest.mark.parametrize(
    "argv",
    [("set",), ("set", "CreateKey"), ("list", "CreateKey"), ("set", "Nope", "5"), ("set", "keys", "x"), ("raise",)],
)
def test_a_quota_that_is_not_said_well_is_refused(kmsctl, argv):
    assert kmsctl("local", "quota", *argv).code == 1


def test_quotas_are_listed_as_they_were_in_another_year(kmsctl):
    listed = kmsctl("local", "quota", "list", "--profile", "2021").out.splitlines()
    assert "symmetric".ljust(44) + "      30,000  requests/s" in listed
    assert kmsctl("local", "quota", "list", "--profile", "1999").code == 1
