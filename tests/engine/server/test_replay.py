"""The table of signatures: what was seen is seen, in every process, until it would be too old anyway."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import pytest

from reconciler.engine.server import replay
from reconciler.engine.server.replay import Replays, Seen
from reconciler.engine.store.files import REPLAYS_NAME
from reconciler.kit.errors import KmsctlError

NOW = 1_795_000_000
LATER = NOW + 300


def signature(number):
    return hashlib.sha256(str(number).encode()).digest()


@pytest.fixture
def table(tmp_path):
    opened = Replays(tmp_path)
    yield opened
    opened.close()


def test_a_signature_is_new_once(table):
    assert [table.see(signature(1), LATER, NOW) for _ in range(3)] == [Seen.NEVER, Seen.BEFORE, Seen.BEFORE]
    assert table.see(signature(2), LATER, NOW) is Seen.NEVER


def test_it_is_kept_until_its_last_second_and_not_longer(table):
    table.see(signature(1), LATER, NOW)
    assert table.see(signature(1), LATER, LATER) is Seen.BEFORE
    assert table.see(signature(1), LATER + 600, LATER + 1) is Seen.NEVER


def test_many_signatures_are_told_apart(table):
    numbers = range(3_000)
    assert {table.see(signature(number), LATER, NOW) for number in numbers} == {Seen.NEVER}
    assert {table.see(signature(number), LATER, NOW) for number in numbers} == {Seen.BEFORE}


def test_a_full_bucket_leads_to_the_second_and_two_full_ones_to_a_refusal(table):
    bucket, other = (1).to_bytes(4, "little"), (2).to_bytes(4, "little")
    made = [bucket + other + number.to_bytes(8, "big") + bytes(16) for number in range(2 * replay.WAYS + 1)]
    seen = [table.see(each, LATER, NOW) for each in made]
    assert seen == [Seen.NEVER] * (2 * replay.WAYS) + [Seen.FULL]
    assert table.see(made[0], LATER, NOW) is Seen.BEFORE
    assert table.see(made[-2], LATER, NOW) is Seen.BEFORE
    assert table.see(made[-1], LATER + 600, LATER + 1) is Seen.NEVER


def test_a_tag_that_lies_across_two_others_is_no_match(table):
    head = (1).to_bytes(4, "little") * 2
    table.see(head + b"abcdefgh" + bytes(16), LATER, NOW)
    table.see(head + b"ijklmnop" + bytes(16), LATER, NOW)
    assert table.see(head + b"efghijkl" + bytes(16), LATER, NOW) is Seen.NEVER


def test_another_process_and_a_later_one_know_it_too(table, tmp_path):
    table.see(signature(1), LATER, NOW)
    code = (
        "import sys, pathlib; from reconciler.engine.server.replay import Replays; "
        f"print(Replays(pathlib.Path(sys.argv[1])).see(bytes.fromhex(sys.argv[2]), {LATER}, {NOW}).name)"
    )
    for number, wanted in ((1, "BEFORE"), (2, "NEVER"), (2, "BEFORE")):
        command = [sys.executable, "-c", code, str(tmp_path), signature(number).hex()]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == wanted
    assert table.see(signature(2), LATER, NOW) is Seen.BEFORE


def test_the_file_has_a_fixed_size_and_is_private(table, tmp_path):
    file = tmp_path / REPLAYS_NAME
    assert file.stat().st_size == replay.SIZE == 48 * 1024 * 1024
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.stat().st_blocks * 512 < 1024 * 1024


def test_a_folder_that_is_none_is_told(tmp_path):
    with pytest.raises(KmsctlError, match="cannot use"):
        Replays(tmp_path / "absent")


def test_who_forgets_the_store_forgets_the_table(tmp_path):
    from reconciler.engine.engine import Engine, forget

    data = tmp_path / "data"
    Engine.open(data).close()
    Replays(data).close()
    forget(data)
    assert not data.exists()


def test_a_link_in_the_place_of_the_table_is_not_followed(tmp_path):
    theirs = tmp_path / "theirs"
    theirs.write_bytes(b"mine")
    (tmp_path / REPLAYS_NAME).symlink_to(theirs)
    with pytest.raises(KmsctlError):
        Replays(tmp_path)
    assert theirs.read_bytes() == b"mine"
