"""What is acknowledged is on disk and known to every process at that moment: for every operation that changes anything.

A copy of the folder, taken while the process lives and between two calls, is what the folder is if the process is then
killed: `kill -9` takes what is in memory, and nothing of what was written. Some processes are really killed.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.engine.engine import Engine
from tests.engine.laws.durability.mutations import MUTATIONS, prepared
from tests.engine.laws.durability.observing import HOME, observed

PEER = Path(__file__).with_name("peer.py")
ROOT = Path(__file__).parents[4]


@contextmanager
def peer(folder):
    """A process on the store; a function that gives it an order and returns its answer."""
    process = subprocess.Popen(
        [sys.executable, PEER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRON
    )

    def order(*words):
        process.stdin.write(json.dumps(words) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    order.process = process
    with process:
        yield order
        process.stdin.close()


ENVIRON = {"PYTHONPATH": str(ROOT)}


def seen(engine):
    return observed(lambda region: engine.client(region=region))


@pytest.mark.parametrize("operation", MUTATIONS)
def test_what_is_acknowledged_is_in_a_copy_of_the_folder(tmp_path, one_wrapping_pair, operation):
    data, copy = tmp_path / "data", tmp_path / "copy"
    with Engine.open(data) as engine:
        kms = engine.client(region=HOME)
        parameters = prepared(kms, operation)
        before = seen(engine)
        kms(operation, parameters)
        shutil.copytree(data, copy)
        after = seen(engine)
    assert before != after, "the call changed nothing, so that this proves nothing"
    with Engine.open(copy) as survivor:
        assert seen(survivor) == after
        assert list(survivor.events(name=operation)), "the event is written with what it tells"


def test_two_processes_agree_after_every_acknowledged_write(tmp_path, one_wrapping_pair):
    data = tmp_path / "data"
    with Engine.open(data) as engine, peer(data) as order:
        kms = engine.client(region=HOME)
        for operation in MUTATIONS:
            kms(operation, prepared(kms, operation))
            assert order("observe") == seen(engine), operation
        for operation in MUTATIONS:
            clear_aliases(kms)
            assert order("mutate", operation) == seen(engine), operation


def clear_aliases(kms):
    """So that names can be given again."""
    for alias in kms("ListAliases", {})["Aliases"]:
        kms("DeleteAlias", {"AliasName": alias["AliasName"]})


@pytest.mark.crash
@pytest.mark.parametrize("operation", ["CreateGrant", "ImportKeyMaterial", "ReplicateKey"])
def test_what_is_acknowledged_survives_kill_9_and_is_known_to_who_lives(tmp_path, operation):
    data = tmp_path / "data"
    with Engine.open(data) as engine, peer(data) as order:
        before = seen(engine)
        assert order("die", operation) == "acknowledged"
        assert order.process.wait(20) == -signal.SIGKILL
        after = seen(engine)
        assert after != before
        assert list(engine.events(name=operation))
    with Engine.open(data) as again:
        assert seen(again) == after
