"""Processes that share a store learn at once of each other's mutations, and whoever dies leaves the others right."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.engine.engine import Engine, forget
from reconciler.engine.store import generation
from reconciler.engine.store.database import LOOK_EVERY
from reconciler.engine.store.generation import Generation
from reconciler.kit.errors import KmsctlError, KmsError

DYING = Path(__file__).with_name("dying_writer.py")


@pytest.fixture
def file(tmp_path):
    return tmp_path / generation.FILE_NAME


@pytest.fixture
def two(file):
    one, other = Generation(file), Generation(file)
    yield one, other
    one.close()
    other.close()


def look(seen):
    """What `Database` does when it does not know."""
    seen.saw(seen.current())


def test_nothing_is_seen_before_somebody_looked(two):
    assert not two[0].is_seen()
    look(two[0])
    assert two[0].is_seen()


def test_a_change_is_unseen_by_all_but_who_made_it(two):
    writer, reader = two
    look(reader)
    with writer.changing():
        assert not reader.is_seen()
        look(reader)
        assert not reader.is_seen(), "nothing that is read while a change is made may be kept"
    assert not reader.is_seen()
    assert writer.is_seen()
    look(reader)
    assert reader.is_seen()


def test_a_generation_never_comes_again(two):
    seen = set()
    for writer in two * 3:
        with writer.changing():
            seen.add(writer.current())
        seen.add(writer.current())
    assert len(seen) == 12


def test_a_change_that_fails_makes_everybody_look(two):
    writer, reader = two
    for each in two:
        look(each)
    with pytest.raises(ZeroDivisionError), writer.changing():
        raise ZeroDivisionError
    assert not writer.is_seen()
    assert not reader.is_seen()
    assert writer.current() % 2 == 0


def test_a_change_that_was_cut_off_is_unseen_until_the_next_puts_it_right(file, two):
    code = (
        "import os, sys; from pathlib import Path; from reconciler.engine.store.generation import Generation\n"
        "with Generation(Path(sys.argv[1])).changing(): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, file], check=False).returncode == 9
    writer, reader = two
    assert reader.current() % 2 == 1
    look(reader)
    assert not reader.is_seen()
    with writer.changing():
        pass
    look(reader)
    assert reader.is_seen()


def test_the_number_begins_again_after_its_last(file, two):
    writer, reader = two
    writer._word[0] = 2**64 - 2
    look(reader)
    with writer.changing():
        pass
    assert writer.current() == 0
    assert not reader.is_seen()


def test_a_closed_generation_is_never_seen_and_closes_again(file):
    closed = Generation(file)
    look(closed)
    closed.close()
    closed.close()
    assert not closed.is_seen()


def description(client, key):
    return client("DescribeKey", {"KeyId": key})["KeyMetadata"]["Description"]


@pytest.mark.crash
@pytest.mark.parametrize("point", ["before the generation is odd", "before the commit", "after the commit"])
def test_a_writer_that_is_killed_in_its_commit_leaves_the_others_right(data, point):
    with Engine.open(data) as one, Engine.open(data) as two:
        first, second = one.client(), two.client()
        key = first("CreateKey", {"Description": "old"})["KeyMetadata"]["KeyId"]
        assert description(second, key) == "old"
        died = subprocess.run([sys.executable, DYING, data, key, point], check=False)
        assert died.returncode == -signal.SIGKILL
        there = "new" if point == "after the commit" else "old"
        assert [description(client, key) for client in (first, second, first)] == [there] * 3
        second("UpdateKeyDescription", {"KeyId": key, "Description": "newest"})
        assert [description(client, key) for client in (first, second)] == ["newest"] * 2
        assert one._store.generation() % 2 == 0


MOVES = st.sampled_from(["change", "alias", "use", "flush", "fail", "look"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), MOVES), min_size=5, max_size=25))
def test_whoever_reads_sees_what_was_acknowledged_last(tmp_path_factory, moves):
    data = tmp_path_factory.mktemp("shared") / "data"
    with Engine.open(data) as one, Engine.open(data) as two, Engine.open(data) as three:
        engines = (one, two, three)
        clients = [engine.client() for engine in engines]
        keys = [clients[0]("CreateKey", {"Description": "0"})["KeyMetadata"]["KeyId"] for _ in range(2)]
        clients[0]("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": keys[0]})
        told, named = "0", 0
        for count, (who, move) in enumerate(moves, 1):
            kms = clients[who]
            match move:
                case "change":
                    kms("UpdateKeyDescription", {"KeyId": keys[0], "Description": str(count)})
                    told = str(count)
                case "alias":
                    named = 1 - named
                    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": keys[named]})
                case "use":
                    kms("Encrypt", {"KeyId": keys[0], "Plaintext": b"x"})
                case "flush":
                    engines[who]._store.flush()
                case "fail":
                    with pytest.raises(KmsError):
                        kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": keys[0]})
                case "look":
                    assert description(kms, keys[0]) == told
                    assert kms("DescribeKey", {"KeyId": "alias/a"})["KeyMetadata"]["KeyId"] == keys[named]
        assert [description(kms, keys[0]) for kms in clients] == [told] * 3


def test_what_is_only_recorded_does_not_make_others_look(data, clock):
    with Engine.open(data, clock=clock) as one, Engine.open(data, clock=clock) as two:
        key = one.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
        description(two.client(), key)
        before = two._store.generation()
        one.client()("Encrypt", {"KeyId": key, "Plaintext": b"x"})
        one._store.flush()
        assert two._store.generation() == before
        assert "Operation" in two.client()("GetKeyLastUsage", {"KeyId": key})["KeyLastUsage"]


@pytest.mark.parametrize("gone", ["kms.sqlite3", generation.FILE_NAME])
def test_a_store_whose_files_were_removed_is_noticed_by_reads_after_a_moment(data, engine, kms, new_key, clock, gone):
    key = new_key()["KeyId"]
    description(kms, key)
    (data / gone).unlink()
    clock.advance(timedelta(seconds=LOOK_EVERY))
    with pytest.raises(KmsctlError, match="was removed or replaced"):
        description(kms, key)
    engine.reset()


def test_a_store_that_was_forgotten_is_noticed_by_the_next_read(data, engine, kms, new_key):
    key = new_key()["KeyId"]
    description(kms, key)
    forget(data)
    with pytest.raises(KmsctlError, match="was removed or replaced"):
        description(kms, key)
    engine.reset()


def test_a_link_in_the_place_of_the_generation_is_not_followed(data, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.write_text("theirs")
    data.mkdir()
    (data / generation.FILE_NAME).symlink_to(theirs)
    with pytest.raises(KmsctlError, match="cannot use"):
        Engine.open(data)
    forget(data)
    assert theirs.read_text() == "theirs"
    assert not (data / generation.FILE_NAME).is_symlink()


def test_a_generation_that_cannot_be_made_is_told(data):
    (data / generation.FILE_NAME).mkdir(parents=True)
    with pytest.raises(KmsctlError, match="cannot use"):
        Engine.open(data)
