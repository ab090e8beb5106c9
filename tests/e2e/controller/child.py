"""A program of ours as a child process: its log is kept, and it cannot outlive the tests."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

KMSCTL = Path(sys.executable).with_name("kmsctl")
_STOP_SECONDS = 30
_BOUND = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execv(sys.argv[1], sys.argv[1:])"
"""Runs a command that gets SIGTERM when its parent ends, however that ends (`man 2 prctl`: PR_SET_PDEATHSIG)."""


class Child:
    """One program, which may be started, ended and started again. Its log is appended to.

    Args:
        name: of the log, `<name>.log` in `folder`.
        command: what runs.
        folder: where it runs; everything of this machine's that it could find is elsewhere.
        environment: all of it.
    """

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path, environment: Mapping[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.environment = dict(environment)
        self._command = [str(word) for word in command]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} was never started"
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return None if self._process is None else self._process.poll()

    def start(self, *options: str) -> None:
        """Start it, with more `options` this time; it may take a while until it answers."""
        assert not self.runs, f"{self.name} runs already"
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOUND, *self._command, *options],
                cwd=self._folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests
            )

    def check(self) -> bool:
        """Whether it runs; raises with the end of its log when it does not."""
        if not self.runs:
            raise RuntimeError(f"{self.name} ended with {self.exit_code}:\n{self.text()[-3000:]}")
        return True

    def stop(self, number: int = signal.SIGTERM) -> int | None:
        """End it and wait for that; its exit code, None where it was never started."""
        if self._process is None:
            return None
        if self.runs:
            self._process.send_signal(number)
        try:
            return self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.stop(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send it a signal, such as SIGSTOP."""
        assert self._process is not None
        self._process.send_signal(number)

    def size(self) -> int:
        """How long its log is: a mark for `text`."""
        return self.log.stat().st_size if self.log.exists() else 0

    def text(self, since: int = 0) -> str:
        """Its log from a mark on."""
        return self.log.read_bytes()[since:].decode(errors="replace") if self.log.exists() else ""
