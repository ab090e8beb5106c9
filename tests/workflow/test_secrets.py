"""Secrets as the command line reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError
from reconciler.model.material import SecretFile, SecretReference, SecretVariable
from reconciler.workflow.environment import Environment
from reconciler.workflow.secrets import MAX_BYTES, LocalSecrets


@pytest.fixture
def read(tmp_path: Path, clock: ManualClock) -> LocalSecrets:
    return LocalSecrets(Environment(tmp_path, {"SECRET": "value", "EMPTY": ""}, clock))


def test_a_file_is_read_byte_for_byte(read: LocalSecrets, tmp_path: Path) -> None:
    file = tmp_path / "m"
    file.write_bytes(b"\x00\n")
    file.chmod(0o600)
    found = read(SecretFile(str(file)))
    assert (found.content, found.note) == (b"\x00\n", "")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_pointed_out(read: LocalSecrets, tmp_path: Path, mode: int) -> None:
    file = tmp_path / "m"
    file.write_bytes(b"x")
    file.chmod(mode)
    assert read(SecretFile(str(file))).note == f"others on this machine can read the file {file}: chmod 600"


def test_a_variable_is_read(read: LocalSecrets) -> None:
    assert read(SecretVariable("SECRET")).content == b"value"


def test_what_was_read_is_in_no_representation(read: LocalSecrets) -> None:
    assert "value" not in repr(read(SecretVariable("SECRET")))


@pytest.mark.parametrize(
    ("source", "what"),
    [
        pytest.param(SecretVariable("ABSENT"), "is not set, or empty", id="no variable"),
        pytest.param(SecretVariable("EMPTY"), "is not set, or empty", id="an empty variable"),
        pytest.param(SecretFile("absent"), "file absent cannot be read", id="no file"),
        pytest.param(SecretFile("/"), "cannot be read", id="a folder"),
        pytest.param(SecretFile("a\0b"), "cannot be read", id="no path"),
        pytest.param(SecretFile("/dev/null"), "is empty", id="an empty file"),
        pytest.param(SecretFile("/dev/zero"), f"has more than {MAX_BYTES:,} bytes", id="a file without an end"),
        pytest.param(SecretReference("s", "k"), "cannot be read from the command line", id="a Secret"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_to_do(read: LocalSecrets, source: object, what: str) -> None:
    with pytest.raises(KmsctlError) as told:
        read(source)  # type: ignore[arg-type]
    assert what in told.value.what
    assert told.value.why
    assert told.value.fix
