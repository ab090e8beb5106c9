"""Opening a data folder: made, found again, and everything that can be wrong with it."""

from __future__ import annotations

import base64
import sqlite3
import stat

import pytest

from reconciler.engine.engine import Engine, forget
from reconciler.engine.store import files
from reconciler.engine.store.rootkey import FileRootKey, PassphraseRootKey, RawRootKey, root_key_source
from reconciler.kit.errors import KmsctlError

RAW = base64.b64encode(b"r" * 32).decode()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def failure(data, **options):
    with pytest.raises(KmsctlError) as caught:
        Engine.open(data, **options)
    assert caught.value.fix
    return caught.value


def made(data, **options):
    with Engine.open(data, **options) as engine:
        key = engine.client()("CreateKey", {})["KeyMetadata"]["KeyId"]
        return engine.client()("Encrypt", {"KeyId": key, "Plaintext": b"hello"})["CiphertextBlob"]


def test_a_new_data_folder_is_for_its_owner_only(tmp_path):
    data = tmp_path / "deep" / "data"
    made(data)
    assert mode(data) == 0o700
    files = {path.name: mode(path) for path in data.iterdir() if path.name != ".gitignore"}
    assert files == {"kms.generation": 0o600, "kms.sqlite3": 0o600, "root.key": 0o600}


def test_a_new_data_folder_is_no_part_of_the_repository_that_it_stands_in(data):
    made(data)
    assert (data / ".gitignore").read_text() == "*\n"


def test_a_folder_that_was_there_before_gets_nothing_but_the_store(data):
    data.mkdir()
    made(data)
    assert {path.name for path in data.iterdir()} == {"kms.generation", "kms.sqlite3", "root.key"}


def test_the_files_of_an_open_store_are_for_their_owner_only(data, engine, new_key):
    new_key()
    names = {"kms.generation", "kms.sqlite3", "kms.sqlite3-wal", "kms.sqlite3-shm", "root.key"}
    assert {path.name: mode(path) for path in data.glob("[!.]*")} == dict.fromkeys(names, 0o600)


@pytest.mark.parametrize(
    "source", [FileRootKey(), PassphraseRootKey("correct horse"), RawRootKey(RAW)], ids=["file", "passphrase", "raw"]
)
def test_what_was_made_is_found_again(data, source):
    blob = made(data, root_key=source)
    with Engine.open(data, root_key=source) as engine:
        assert engine.client()("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == b"hello"
    assert (data / "root.key").exists() == isinstance(source, FileRootKey)


def test_another_passphrase_does_not_open_a_store(data):
    made(data, root_key=PassphraseRootKey("correct horse"))
    error = failure(data, root_key=PassphraseRootKey("battery staple"))
    assert "root key does not open" in error.what
    assert "battery" not in f"{error.what}{error.why}{error.fix}"


def test_another_root_key_file_does_not_open_a_store(data):
    made(data)
    (data / "root.key").write_bytes(b"x" * 32)
    assert "root key does not open" in failure(data).what


def test_a_store_without_its_root_key_is_not_opened_and_gets_no_new_one(data):
    made(data)
    (data / "root.key").unlink()
    assert "is missing" in failure(data).what
    assert not (data / "root.key").exists()


def test_a_cut_root_key_is_refused(data):
    made(data)
    (data / "root.key").write_bytes(b"x")
    assert "is not a root key" in failure(data).what


def test_a_root_key_that_cannot_be_read_is_told(data):
    made(data)
    (data / "root.key").unlink()
    (data / "root.key").mkdir()
    assert "cannot use" in failure(data).what


def test_a_root_key_that_is_there_before_the_store_is_used(data):
    data.mkdir()
    (data / "root.key").write_bytes(b"k" * 32)
    (data / "root.key").chmod(0o400)
    made(data)
    assert (data / "root.key").read_bytes() == b"k" * 32


@pytest.mark.parametrize("others", [0o640, 0o604, 0o620, 0o602], ids=oct)
def test_a_root_key_that_others_may_read_or_change_is_refused(data, others):
    made(data)
    (data / "root.key").chmod(others)
    error = failure(data)
    assert "is not private" in error.what
    assert "chmod 600" in error.fix


def test_a_root_key_that_came_with_a_folder_from_elsewhere_makes_no_store(data):
    data.mkdir()
    (data / "root.key").write_bytes(b"known to somebody else, 32 bytes")
    (data / "root.key").chmod(0o644)
    assert "is not private" in failure(data).what


def test_no_draft_of_the_root_key_stays(data):
    made(data)
    assert not list(data.glob(".root*"))


ENVIRONMENTS = {
    "nothing": ({}, FileRootKey()),
    "passphrase": ({"KMSCTL_LOCAL_PASSPHRASE": "p"}, PassphraseRootKey("p")),
    "raw key": ({"KMSCTL_LOCAL_ROOT_KEY": RAW}, RawRootKey(RAW)),
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_the_environment_says_where_the_root_key_comes_from(case):
    environment, source = ENVIRONMENTS[case]
    assert root_key_source(environment) == source
    assert RAW not in repr(source)


@pytest.mark.parametrize(
    "environment",
    [
        {"KMSCTL_LOCAL_PASSPHRASE": ""},
        {"KMSCTL_LOCAL_ROOT_KEY": ""},
        {"KMSCTL_LOCAL_PASSPHRASE": "p", "KMSCTL_LOCAL_ROOT_KEY": RAW},
    ],
    ids=["empty passphrase", "empty key", "both"],
)
def test_an_environment_that_asks_for_no_one_root_key_is_refused(environment):
    with pytest.raises(KmsctlError):
        root_key_source(environment)


@pytest.mark.parametrize("text", ["", "!", "AAAA", base64.b64encode(b"x" * 33).decode()])
def test_a_raw_root_key_that_is_none_is_refused_without_showing_it(data, text):
    error = failure(data, root_key=RawRootKey(text))
    assert "is not a root key" in error.what
    assert not text or text not in error.why + error.fix


def test_a_failed_first_opening_leaves_no_half_made_store(data):
    failure(data, root_key=RawRootKey("!"))
    made(data)


def test_of_two_that_make_a_store_at_once_one_makes_it(data, monkeypatch):
    seen = files._is_empty
    calls = []

    def meanwhile(connection):
        empty = seen(connection)
        calls.append(empty)
        if len(calls) == 1:
            calls.append(made(data))
        return empty

    monkeypatch.setattr(files, "_is_empty", meanwhile)
    with Engine.open(data) as engine:
        assert len(engine.client()("ListKeys", {})["Keys"]) == 1
    assert calls[0] is True


def test_a_file_that_is_no_database_is_told(data):
    data.mkdir()
    (data / "kms.sqlite3").write_bytes(b"not a database, but long enough to look at" * 20)
    assert failure(data).what.endswith("is not a SQLite file")


def test_another_programs_database_is_told_and_left_alone(data):
    data.mkdir()
    with sqlite3.connect(data / "kms.sqlite3") as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute("PRAGMA application_id = 7")
    connection.close()
    content = (data / "kms.sqlite3").read_bytes()
    assert "is not a store of the local KMS" in failure(data).what
    with pytest.raises(KmsctlError, match="is not a store of the local KMS"):
        forget(data)
    assert (data / "kms.sqlite3").read_bytes() == content


def test_a_store_of_another_format_is_told(data):
    made(data)
    with sqlite3.connect(data / "kms.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert "has format 99" in failure(data).what


def test_a_damaged_store_is_told_and_can_be_forgotten(data):
    made(data)
    content = bytearray((data / "kms.sqlite3").read_bytes())
    content[100:8192] = b"\xff" * 8092
    (data / "kms.sqlite3").write_bytes(content)
    assert "is damaged" in failure(data).what
    forget(data)
    assert not data.exists()
    made(data)


def test_a_data_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "data").write_text("")
    assert "cannot use" in failure(tmp_path / "data").what


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot use" in failure(tmp_path / "file" / "data").what


def test_a_store_that_is_a_folder_is_told(data):
    (data / "kms.sqlite3").mkdir(parents=True)
    assert "cannot be opened" in failure(data).what


def test_a_full_disk_is_told_and_nothing_is_half_done(data, engine, kms, new_key):
    new_key()
    connection = engine._store._database.connection
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(KmsctlError) as caught:
        for _ in range(100):
            kms("CreateKey", {"Description": "x" * 8192})
    assert "has no room for the change" in caught.value.what
    assert "database or disk is full" in caught.value.why
    connection.execute("PRAGMA max_page_count = 1000000")
    keys = kms("ListKeys", {})["Keys"]
    for entry in keys:
        kms("Encrypt", {"KeyId": entry["KeyId"], "Plaintext": b"x"})
    kms("CreateKey", {})
    assert len(kms("ListKeys", {})["Keys"]) == len(keys) + 1


def test_a_store_that_another_process_holds_is_told(monkeypatch, data):
    monkeypatch.setattr(files, "BUSY_TIMEOUT", 0.01)
    with Engine.open(data) as engine:
        other = sqlite3.connect(data / "kms.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(KmsctlError, match="is locked by another process"):
            engine.client()("CreateKey", {})
        other.execute("ROLLBACK")
        other.close()
        engine.client()("CreateKey", {})


def test_a_store_that_may_not_be_written_is_told(data, engine, kms):
    engine._store._database.connection.execute("PRAGMA query_only = ON")
    with pytest.raises(KmsctlError, match="may not be written"):
        kms("CreateKey", {})


def test_a_closed_engine_is_told(data):
    with Engine.open(data) as engine:
        client = engine.client()
    with pytest.raises(KmsctlError):
        client("ListKeys", {})


def test_reset_forgets_everything_and_goes_on(data, engine, kms, new_key):
    new_key()
    root = (data / "root.key").read_bytes()
    engine.reset()
    assert kms("ListKeys", {})["Keys"] == []
    assert [event["eventName"] for event in engine.events()] == ["ListKeys"]
    assert (data / "root.key").read_bytes() != root


def test_forgetting_touches_nothing_that_is_not_ours(data):
    made(data)
    (data / "notes.txt").write_text("mine")
    forget(data)
    assert [path.name for path in data.iterdir()] == ["notes.txt"]
    (data / "root.key").write_text("a trust anchor of a name server, which has a file of this name")
    (data / ".gitignore").write_text("theirs")
    forget(data)
    assert len(list(data.iterdir())) == 3
    forget(data / "nowhere")


def test_what_cannot_be_forgotten_is_told(data):
    (data / "root.key").mkdir(parents=True)
    (data / "kms.sqlite3").touch()
    with pytest.raises(KmsctlError, match="cannot use"):
        forget(data)
    (data / "kms.sqlite3-wal").mkdir()
    with pytest.raises(KmsctlError, match="cannot use"):
        forget(data)


def test_material_that_was_altered_is_told(data, engine, kms, new_key):
    one, two = new_key(), new_key()
    connection = engine._store._database.connection
    sealed = connection.execute("SELECT sealed FROM materials WHERE key = 1").fetchone()[0]
    connection.execute("UPDATE materials SET sealed = ? WHERE key = 2", (sealed,))
    with pytest.raises(KmsctlError, match="does not open"):
        kms("Encrypt", {"KeyId": two["KeyId"], "Plaintext": b"x"})
    connection.execute("DELETE FROM materials WHERE key = 1")
    with pytest.raises(KmsctlError, match="is missing from"):
        kms("Encrypt", {"KeyId": one["KeyId"], "Plaintext": b"x"})


def test_a_thread_that_was_interrupted_while_it_let_go_can_still_close(data):
    engine = Engine.open(data)
    engine.client()("CreateKey", {})
    engine._store.reading().__enter__()
    engine.client()("ListKeys", {})
    engine.close()
    made(data)
