"""What was acknowledged is there, whoever dies, and whoever else writes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconciler.engine.engine import Engine

WRITER = Path(__file__).with_name("writer.py")


def start(data, count):
    return subprocess.Popen([sys.executable, WRITER, data, str(count)], stdout=subprocess.PIPE, text=True)


def check(data, acknowledged):
    with Engine.open(data) as engine:
        client = engine.client()
        for key, blob, index in acknowledged:
            metadata = client("DescribeKey", {"KeyId": f"alias/{key}"})["KeyMetadata"]
            assert (metadata["KeyId"], metadata["Description"]) == (key, str(index))
            answer = client("Decrypt", {"CiphertextBlob": bytes.fromhex(blob)})
            assert answer["Plaintext"] == str(index).encode()
        created = {event["resources"][0]["ARN"].rpartition("/")[2] for event in engine.events(name="CreateKey")}
        assert created.issuperset(key for key, _, _ in acknowledged)


@pytest.mark.crash
@pytest.mark.parametrize("acknowledgements", [1, 7, 40])
def test_everything_acknowledged_survives_kill_9(data, acknowledgements):
    with start(data, 100_000) as child:
        lines = [child.stdout.readline() for _ in range(acknowledgements)]
        child.send_signal(signal.SIGKILL)
        lines += [line for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    assert child.returncode == -signal.SIGKILL
    check(data, [json.loads(line) for line in lines])


def test_processes_that_share_a_store_agree(data):
    children = [start(data, 15) for _ in range(2)]
    outputs = [child.communicate(timeout=60)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    acknowledged = [json.loads(line) for output in outputs for line in output.splitlines()]
    assert len({key for key, _, _ in acknowledged}) == 30
    check(data, acknowledged)


def test_engines_on_one_folder_see_each_others_changes_at_once(data):
    with Engine.open(data) as one, Engine.open(data) as two:
        first, second = one.client(), two.client()
        key = first("CreateKey", {})["KeyMetadata"]["KeyId"]
        first("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key})
        assert second("DescribeKey", {"KeyId": "alias/a"})["KeyMetadata"]["Description"] == ""
        first("UpdateKeyDescription", {"KeyId": key, "Description": "new"})
        assert second("DescribeKey", {"KeyId": "alias/a"})["KeyMetadata"]["Description"] == "new"
        blob = second("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
        first("RotateKeyOnDemand", {"KeyId": key})
        assert first("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"x"
        other = second("Encrypt", {"KeyId": key, "Plaintext": b"y"})["CiphertextBlob"]
        assert first("Decrypt", {"CiphertextBlob": other})["Plaintext"] == b"y"


def test_32_threads_share_an_engine(engine, kms, new_key):
    key = new_key()["KeyId"]
    barrier = threading.Barrier(32)

    def work(index):
        barrier.wait()
        mine = kms("CreateKey", {"Description": str(index)})["KeyMetadata"]["KeyId"]
        kms("TagResource", {"KeyId": key, "Tags": [{"TagKey": f"t{index}", "TagValue": mine}]})
        blob = kms("Encrypt", {"KeyId": mine, "Plaintext": str(index).encode()})["CiphertextBlob"]
        return kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"]

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(work, range(32))) == [str(index).encode() for index in range(32)]
    assert len(kms("ListResourceTags", {"KeyId": key})["Tags"]) == 32
    ids = [event["eventID"] for event in engine.events()]
    assert len(ids) == len(set(ids)) == 1 + 32 * 4 + 1
