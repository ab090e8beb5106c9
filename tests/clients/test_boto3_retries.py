"""Throttling: botocore's retries ride out a quota, and envelopes with a cached data key hardly meet it."""

from __future__ import annotations

import json
import os
from contextlib import suppress

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.support.world import REGION, user_credentials

HURRY = 8
"""Calls in a row of an operation whose quota is 5 a second."""


@pytest.fixture
def key(throttled):
    return throttled.user().create_key(Description="throttled")["KeyMetadata"]["Arn"]


def client(throttled, **retries):
    """A client that counts its requests, retried ones too."""
    made = throttled.client("kms", user_credentials(), config=Config(retries=retries or None))
    made.sent = []
    made.meta.events.register("before-send.kms", lambda request, **_: made.sent.append(request.url))
    return made


def hurried(kms, key):
    for number in range(HURRY):
        kms.update_key_description(KeyId=key, Description=str(number))


def test_without_retries_a_caller_in_a_hurry_is_throttled(throttled, key):
    kms = client(throttled, total_max_attempts=1)
    with pytest.raises(ClientError) as caught:
        for _ in range(3):
            hurried(kms, key)
    error = caught.value.response
    assert error["Error"] == {
        "Code": "ThrottlingException",
        "Message": "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
    }
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_mode_of_retries_rides_out_the_quota(throttled, key, mode):
    kms = client(throttled, mode=mode, total_max_attempts=8)
    hurried(kms, key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == str(HURRY - 1)
    assert len(kms.sent) >= HURRY + 1


def test_a_client_as_boto3_makes_it_tries_again_before_it_gives_up(throttled, key):
    # Its three attempts may all fall into one second: whether the last of them passes is left to chance.
    kms, calls = client(throttled), 0
    with suppress(ClientError):
        while len(kms.sent) <= calls:
            calls += 1
            kms.update_key_description(KeyId=key, Description=str(calls))
    assert len(kms.sent) > calls


def test_what_is_throttled_is_on_record_with_its_code(throttled, key):
    # The account's quota may be used up when this test begins: the first call waits for its turn.
    client(throttled, mode="standard", total_max_attempts=8).update_key_description(KeyId=key, Description="first")
    kms = client(throttled, total_max_attempts=1)
    with pytest.raises(ClientError, match="ThrottlingException"):
        for _ in range(3):
            hurried(kms, key)
    codes = {event.get("errorCode") for event in throttled.record(key, "UpdateKeyDescription")}
    assert codes == {None, "ThrottlingException"}


@pytest.fixture
def lowered(throttled):
    """The pool of symmetric cryptography, lowered to 5 calls a second by `kmsctl local quota`."""
    from reconciler.cli.context import Context
    from reconciler.cli.main import main

    def quota(*words):
        import io

        from reconciler.kit.clock import SystemClock

        environ = {"KMSCTL_HOME": str(throttled.served.data)}
        context = Context(environ, io.BytesIO(), io.StringIO(), io.StringIO(), SystemClock)
        assert main(["local", "quota", *words, "--region", REGION], context) == 0

    quota("set", "symmetric", "5")
    yield
    quota("reset")


def test_a_cached_data_key_spares_the_calls_that_would_be_throttled(throttled, key, lowered):
    kms = client(throttled, total_max_attempts=1)
    messages = [os.urandom(100) for _ in range(100)]
    with pytest.raises(ClientError, match="ThrottlingException"):
        for message in messages:
            kms.encrypt(KeyId=key, Plaintext=message)
    watch = throttled.watch(key)
    patient = client(throttled, mode="standard", total_max_attempts=8)
    data_key = patient.generate_data_key(KeyId=key, KeySpec="AES_256")
    cipher = AESGCM(data_key["Plaintext"])
    sealed = [(nonce := os.urandom(12), cipher.encrypt(nonce, message, None)) for message in messages]
    opener = AESGCM(patient.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"])
    assert [opener.decrypt(nonce, text, None) for nonce, text in sealed] == messages
    events = watch.events()
    done = [event["eventName"] for event in events if "errorCode" not in event]
    assert done == ["GenerateDataKey", "Decrypt"]
    assert "Plaintext" not in json.dumps(events)
