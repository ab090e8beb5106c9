"""Results in files: whole or not at all, and nobody else's to read."""

from __future__ import annotations

import os
import stat

import pytest

from reconciler.cli.output import save
from reconciler.kit.errors import KmsctlError


def test_a_saved_file_is_its_owners_alone(tmp_path):
    save(str(tmp_path / "plan.json"), "grün\n")
    assert (tmp_path / "plan.json").read_text("utf-8") == "grün\n"
    assert stat.S_IMODE((tmp_path / "plan.json").stat().st_mode) == 0o600


def test_saving_again_replaces_the_file_and_its_mode(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o644)
    save(str(path), "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["missing/plan.json", "folder", "folder/", ".", "..", "/", "a\0b", "/dev/full/x"])
def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left_behind(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(KmsctlError) as caught:
        save(name, "text")
    assert "cannot write" in caught.value.what
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_cannot_be_encoded_leaves_what_was_there(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text("old")
    with pytest.raises(KmsctlError):
        save(str(path), "\ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("make", ["symlink", "fifo"])
def test_what_is_no_regular_file_is_neither_followed_nor_replaced(tmp_path, make):
    path, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.write_text("theirs")
    path.symlink_to(elsewhere) if make == "symlink" else os.mkfifo(path)
    before = path.lstat()
    with pytest.raises(KmsctlError) as caught:
        save(str(path), "text")
    assert "no regular file" in caught.value.why
    assert path.lstat() == before
    assert elsewhere.read_text() == "theirs"
    assert {found.name for found in tmp_path.iterdir()} == {"out", "elsewhere"}
