"""What the processes of a server, and commands beside it, share: counts of requests, the time, the record."""

from __future__ import annotations

import json
import signal
import subprocess
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.support.serving import KMSCTL, serving


def local(served, *argv):
    """Run a command on the server's data."""
    done = subprocess.run(
        [KMSCTL, "local", *argv],
        env={"KMSCTL_HOME": str(served.data)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


@pytest.fixture(scope="module")
def throttling(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("throttling") / "data", "--quotas", workers=2) as served:
        yield served


def test_all_processes_of_a_server_count_together(throttling):
    local(throttling, "quota", "set", "ListKeys", "0.001", "--account", "123456789012")
    codes = []
    for _ in range(8):
        try:
            throttling.client().list_keys()
            codes.append("ok")
        except ClientError as error:
            codes.append(error.response["Error"]["Code"])
    assert set(codes) == {"ok", "ThrottlingException"}
    assert codes.count("ok") <= 2  # the second may have been the first of the next window


def test_time_is_advanced_under_a_server_that_runs(throttling):
    kms = throttling.client()
    key = kms.create_key()["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    told = json.loads(local(throttling, "advance", "100d", "--output", "json"))
    assert [event["eventName"] for event in told["events"]] == ["RotateKey"]
    (rotation,) = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert timedelta(days=89) < rotation["RotationDate"] - key["CreationDate"] < timedelta(days=91)
    assert kms.create_key()["KeyMetadata"]["CreationDate"] - key["CreationDate"] > timedelta(days=99)


def test_calls_of_an_idle_server_show_in_the_record_that_is_followed(throttling):
    follower = subprocess.Popen(
        [KMSCTL, "local", "audit", "--follow", "--failed", "--event", "DescribeKey", "--output", "json"],
        env={"KMSCTL_HOME": str(throttling.data)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with pytest.raises(ClientError):
            throttling.client().describe_key(KeyId="alias/none")
        event = json.loads(follower.stdout.readline())
        assert (event["eventName"], event["errorCode"]) == ("DescribeKey", "NotFoundException")
    finally:
        follower.send_signal(signal.SIGINT)
        follower.communicate(timeout=30)
