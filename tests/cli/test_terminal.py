"""kmsctl with a person before it: the question on a real terminal, the bar, Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import signal
import subprocess
import threading

import pytest

from reconciler.cli.signals import interruptible
from tests.cli.conftest import KMSCTL, Screen
from tests.cli.samples import GRANT, ORDERS
from tests.cli.test_aws import identity
from tests.support.rawserver import raw_server

MANY = 60


def many_keys():
    head = "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\n"
    spec = "spec: {rotation: {automatic: {periodDays: 365}}}\n"
    return "---\n".join(f"{head}metadata: {{name: key-{number}}}\n{spec}" for number in range(MANY))


def read_until(descriptor, text, seconds=30):
    """What comes from `descriptor` until `text` is in it or the other side is gone."""
    seen = b""
    while text not in seen and select.select([descriptor], [], [], seconds)[0]:
        try:
            chunk = os.read(descriptor, 4096)
        except OSError:  # Linux: the other side of the terminal is closed
            break
        if not chunk:
            break
        seen += chunk
    return seen


@pytest.fixture
def on_terminal(tmp_path):
    """Start kmsctl with a terminal as standard input and error; gives the process and the terminal's other side."""
    started = []

    def start(*argv):
        mine, its = pty.openpty()
        environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
        process = subprocess.Popen(
            [KMSCTL, *argv], stdin=its, stderr=its, stdout=subprocess.PIPE, cwd=tmp_path, env=environ
        )
        os.close(its)
        started.append((process, mine))
        return process, mine

    yield start
    for process, mine in started:
        process.kill()
        process.wait()
        process.stdout.close()
        os.close(mine)


@pytest.mark.parametrize(("answer", "code"), [(b"yes\n", 0), (b"no\n", 1), (b"\x04", 1)], ids=["yes", "no", "Ctrl-D"])
def test_the_question_is_asked_on_the_terminal(on_terminal, tmp_path, answer, code):
    (tmp_path / "keys.yaml").write_text(ORDERS + GRANT)
    process, terminal = on_terminal("apply", "-f", "keys.yaml")
    asked = read_until(terminal, b"accepted: ")
    assert b"Make these changes in account" in asked
    os.write(terminal, answer)
    after = read_until(terminal, b"nothing that it ever says")
    out, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert (b"Apply: 4 steps done." in out) is (code == 0)
    assert b"Traceback" not in after
    assert (b"4/4" in after) is (code == 0)


def test_ctrl_c_at_the_question_changes_nothing(on_terminal, tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    process, terminal = on_terminal("apply", "-f", "keys.yaml")
    read_until(terminal, b"accepted: ")
    process.send_signal(signal.SIGINT)
    said = read_until(terminal, b"interrupted")
    assert said.startswith(b"\r\n")  # the message does not stand behind the question
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in said


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_finishes_the_calls_in_flight_and_the_next_run_goes_on(tmp_path, number, code):
    (tmp_path / "keys.yaml").write_text(many_keys())
    command = [KMSCTL, "apply", "-f", "keys.yaml", "-y"]
    process = subprocess.Popen(
        [*command, "--parallelism", "1"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    first = process.stderr.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert first
    assert b"finishing calls in flight" in err
    assert b"not started" in out
    assert b"Apply interrupted" in out
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120, check=False)
    assert again.returncode == 0, again.stderr
    shown = subprocess.run([KMSCTL, "show", "--all", "--output", "json"], cwd=tmp_path, capture_output=True, check=True)
    keys = json.loads(shown.stdout)["keys"]
    assert len(keys) == len({key["name"] for key in keys}) == MANY


def test_ctrl_c_while_reading_waits_for_no_answer(tmp_path, aws_environment):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    asked, over = threading.Event(), threading.Event()

    def answer(request):
        if "." not in request.target.partition("&")[0]:
            return identity()
        asked.set()
        over.wait(60)
        return b""

    with raw_server(answer) as server:
        aws = ("--backend", "aws", "--endpoint-url", server.url, "--region", "us-east-1")
        process = subprocess.Popen([KMSCTL, "plan", "-f", "keys.yaml", *aws], cwd=tmp_path, stderr=subprocess.PIPE)
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=20)  # an answer would be waited for half a minute
        finally:
            process.kill()
            over.set()
    assert process.returncode == 130
    assert err == b"error: interrupted\n"


def test_json_of_an_interrupted_apply_ends_with_its_outcome(tmp_path):
    (tmp_path / "keys.yaml").write_text(many_keys())
    process = subprocess.Popen(
        [KMSCTL, "apply", "-f", "keys.yaml", "-y", "--parallelism", "1", "--output", "json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for _ in ("planned", "step-started"):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["interrupted"], last["ok"]) == ("outcome", True, False)


def test_the_second_signal_ends_the_process_at_once(monkeypatch):
    ended = []
    monkeypatch.setattr(os, "_exit", ended.append)
    stderr = io.StringIO()
    with interruptible(stderr) as interruption:
        assert interruption.exit_code is None
        os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.event.is_set()
        assert ended == []
        os.kill(os.getpid(), signal.SIGINT)
    assert ended == [130]
    assert "finishing calls in flight" in stderr.getvalue()
    assert "aborted" in stderr.getvalue()


def test_a_signal_in_the_middle_of_a_write_is_answered_all_the_same(tmp_path):
    class Busy(io.StringIO):
        def write(self, _text):
            raise RuntimeError("reentrant call")

        def fileno(self):
            return file.fileno()

    with (tmp_path / "said").open("wb") as file, interruptible(Busy()):
        os.kill(os.getpid(), signal.SIGTERM)
    assert b"finishing calls in flight" in (tmp_path / "said").read_bytes()


def test_nothing_is_drawn_where_there_is_nothing_to_do(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    kmsctl("apply", "-f", "keys.yaml", "-y")
    assert kmsctl("apply", "-f", "keys.yaml", tty=True).err == ""


def test_outside_an_apply_signals_mean_what_they_always_mean():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with interruptible(io.StringIO()):
        assert signal.getsignal(signal.SIGINT) not in before
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_bar_is_drawn_for_people_and_failures_stay_above_it(kmsctl, tmp_path, monkeypatch):
    from reconciler.engine import engine
    from reconciler.kit.errors import KmsError

    real = engine.Client.__call__

    def refusing(self, operation, parameters):
        if operation == "CreateAlias":
            raise KmsError("LimitExceededException", "enough", operation=operation)
        return real(self, operation, parameters)

    monkeypatch.setattr(engine.Client, "__call__", refusing)
    (tmp_path / "keys.yaml").write_text(ORDERS + GRANT)
    result = kmsctl("apply", "-f", "keys.yaml", "-y", tty=True)
    assert result.code == 1
    assert "4/4" in result.err
    assert "failed Alias/orders" in result.err


@pytest.mark.parametrize("terminal", [False, True], ids=["lines", "bar"])
def test_a_progress_that_nobody_can_read_does_not_stop_the_changes(kmsctl, tmp_path, terminal):
    from reconciler.cli.context import Context
    from reconciler.cli.main import main

    class Gone(Screen if terminal else io.StringIO):
        def write(self, _text):
            raise BrokenPipeError

    (tmp_path / "keys.yaml").write_text(ORDERS)
    out = io.StringIO()
    code = main(["apply", "-f", "keys.yaml", "-y"], Context({"TERM": "xterm"}, io.BytesIO(), out, Gone()))
    assert "Apply: 3 steps done." in out.getvalue()
    assert code in (0, 1)
    assert threading.active_count() < 40


def test_an_interrupted_apply_says_what_was_not_started_and_is_130(kmsctl, tmp_path, monkeypatch):
    from reconciler.engine import engine

    real = engine.Client.__call__
    sent = []

    def interrupting(self, operation, parameters):
        if operation == "CreateKey" and not sent:
            sent.append(operation)
            os.kill(os.getpid(), signal.SIGINT)
        return real(self, operation, parameters)

    monkeypatch.setattr(engine.Client, "__call__", interrupting)
    (tmp_path / "keys.yaml").write_text(ORDERS + GRANT)
    result = kmsctl("apply", "-f", "keys.yaml", "-y", "--parallelism", "1")
    assert result.code == 130
    assert "not started" in result.out
    assert "finishing calls in flight" in result.err
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode").code == 0
