"""Who writes has the turn; whoever waits for it gets it next, and nobody keeps it beyond his death."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading

import pytest

from reconciler.engine.engine import Engine
from reconciler.engine.store import generation, turn
from reconciler.engine.store.turn import Turn

TAKE = (
    "import sys; from pathlib import Path; from reconciler.engine.store.turn import Turn\n"
    "with Turn(Path(sys.argv[1])).taken(): print('taken', flush=True); sys.stdin.read()"
)


@pytest.fixture
def file(tmp_path):
    return tmp_path / generation.FILE_NAME


@pytest.fixture
def two(file):
    one, other = Turn(file), Turn(file)
    yield one, other
    one.close()
    other.close()


@pytest.fixture
def holder(file):
    """Another process that has the turn until it is told to end."""
    with subprocess.Popen(
        [sys.executable, "-c", TAKE, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "taken\n"
        yield process
        process.kill()


def waiting(each, done):
    def take():
        with each.taken():
            done.set()

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def test_one_has_the_turn_at_a_time(two):
    done = threading.Event()
    with two[0].taken():
        thread = waiting(two[1], done)
        assert not done.wait(0.05)
    thread.join(10)
    assert done.is_set()


def test_the_turn_passes_between_processes(two, holder):
    done = threading.Event()
    thread = waiting(two[0], done)
    assert not done.wait(0.05)
    holder.stdin.close()
    thread.join(10)
    assert done.is_set()


@pytest.mark.crash
def test_who_is_killed_in_his_turn_lets_the_next_one_write(two, holder):
    done = threading.Event()
    thread = waiting(two[0], done)
    holder.send_signal(signal.SIGKILL)
    thread.join(10)
    assert done.is_set()


def test_who_wants_to_write_again_waits_behind_who_is_next(two):
    busy, patient = two
    order = []
    asked = threading.Event()

    def wait():
        asked.set()
        with patient.taken():
            order.append("patient")

    thread = threading.Thread(target=wait)
    with busy.taken():
        thread.start()
        asked.wait(10)
        while not order and _is_free(patient):  # until the other has queued
            pass
    with busy.taken():
        order.append("busy")
    thread.join(10)
    assert order == ["patient", "busy"]


def _is_free(queued):
    """Whether nobody is next: seen through another opening of the folder."""
    folder = os.open(f"/proc/self/fd/{queued._next}", os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(folder)
    return True


def test_a_closed_turn_is_nobodys(file):
    closed = Turn(file)
    with closed.taken():
        closed.close()
    closed.close()
    with closed.taken():
        pass


def test_a_folder_that_cannot_be_opened_leaves_nothing_open(file, monkeypatch):
    closed = []
    real = turn.os.close
    monkeypatch.setattr(turn.os, "O_DIRECTORY", turn.os.O_DIRECTORY | turn.os.O_CREAT)  # no folder opens so
    monkeypatch.setattr(turn.os, "close", lambda opened: closed.append(real(opened)))
    with pytest.raises(OSError, match=r"."):
        Turn(file)
    assert len(closed) == 1


def test_who_reads_does_not_wait_while_another_thread_waits_for_its_turn(data, clock):
    with Engine.open(data, clock=clock) as engine:
        kms = engine.client()
        key = kms("CreateKey", {})["KeyMetadata"]["KeyId"]
        taken = Turn(data / generation.FILE_NAME)
        with taken.taken():
            writer = threading.Thread(target=lambda: kms("UpdateKeyDescription", {"KeyId": key, "Description": "new"}))
            writer.start()
            assert kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
            assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Description"] == ""
        writer.join(10)
        taken.close()
        assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["Description"] == "new"
