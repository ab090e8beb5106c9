"""kmsctl as a process: locales, streams that are closed or full, readers that go away."""

from __future__ import annotations

import io
import os
import resource
import subprocess
from pathlib import Path

import pytest

from reconciler.cli.context import Context, of_process
from reconciler.cli.main import entry_point, main
from tests.cli.conftest import KMSCTL

NAME = "Zahlungsschlüssel \u20ac"


def spawn(tmp_path, *argv, shell="", **settings):
    """Run it in `tmp_path`; `shell` is what a shell does with its streams."""
    command = ["sh", "-c", f'"$0" "$@" {shell}', str(KMSCTL), *argv]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False, **settings)


@pytest.fixture
def store(tmp_path):
    """A folder whose bundled KMS holds a key with a name beyond ASCII."""
    done = spawn(tmp_path, "local", "call", "create-key", f'{{"Description": "{NAME}"}}')
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_output_is_utf_8_whatever_the_locale(store, locale):
    environ = {**os.environ, "LANG": locale, "LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    keys = spawn(store, "local", "call", "list-keys", env=environ).stdout.decode("utf-8")
    key_id = keys.split('"KeyId": "')[1].split('"')[0]
    described = spawn(store, "local", "call", "describe-key", f'{{"KeyId": "{key_id}"}}', env=environ)
    assert NAME in described.stdout.decode("utf-8")


def test_an_argument_that_is_no_utf_8_is_an_error_like_any_other(tmp_path):
    done = spawn(tmp_path, "local", "call", b"\xff\xfe")
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: ")
    assert b"Traceback" not in done.stderr


def test_a_full_disk_under_standard_output_is_told(store):
    done = spawn(store, "local", "audit", shell=">/dev/full")
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_that_is_cut_short_is_no_success(tmp_path, unbuffered):
    environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = spawn(tmp_path, "completion", "bash", shell=">out", env=environ, preexec_fn=_allow_one_kilobyte)
    assert (tmp_path / "out").stat().st_size == 1024
    assert done.returncode == 1
    assert b"File too large" in done.stderr


def _allow_one_kilobyte():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


def test_a_reader_that_goes_away_is_no_noise(store):
    done = spawn(store, "completion", "bash", shell="| true")
    assert done.stderr == b""


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_do_no_harm(store, closed):
    done = spawn(store, "local", "audit", shell=closed)
    assert done.returncode == 0
    assert done.stderr == b""
    assert spawn(store, "local", "audit").returncode == 0


def test_errors_go_to_stderr_even_when_stdout_is_closed(tmp_path):
    done = spawn(tmp_path, "nonsense", shell=">&-")
    assert done.returncode == 1
    assert b"no command 'nonsense'" in done.stderr


def test_the_entry_point_runs_the_process_s_own_command_line(monkeypatch, capfd):
    monkeypatch.setattr("sys.argv", ["kmsctl", "version"])
    assert entry_point() == 0
    assert capfd.readouterr().out.startswith("kmsctl ")


def test_streams_that_are_closed_become_the_null_device(monkeypatch):
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{name}", None)
    context = of_process()
    context.stdout.write("to nobody")
    assert context.stdin.read() == b""
    assert context.interactive is False
    for stream in context[1:4]:
        stream.close()


def test_a_reader_that_is_gone_is_exit_1_and_no_words():
    class Gone(io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    stderr = io.StringIO()
    assert main(["version"], Context({}, io.BytesIO(), Gone(), stderr)) == 1
    assert stderr.getvalue() == ""


def test_python_has_nothing_to_complain_about_at_exit(monkeypatch, tmp_path):
    with (tmp_path / "out").open("w") as target:

        class Full(io.StringIO):
            def flush(self):
                raise OSError(28, "No space left on device")

            def fileno(self):
                return target.fileno()

        context = Context({}, io.BytesIO(), Full(), io.StringIO())
        monkeypatch.setattr("reconciler.cli.main.of_process", lambda: context)
        monkeypatch.setattr("sys.argv", ["kmsctl", "version"])
        assert entry_point() == 1
        assert "No space left on device" in context.stderr.getvalue()
        assert os.path.samestat(os.fstat(target.fileno()), Path(os.devnull).stat())
