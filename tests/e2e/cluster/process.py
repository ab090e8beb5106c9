"""A component of the control plane as a child process that cannot outlive the tests."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.cluster.control_plane import binary

_STOP_SECONDS = 15
_TAIL = 3000
_RARE_GARBAGE_COLLECTION = {"GOGC": "400"}
"""Go's: a cluster lives for minutes. It takes a hundred megabytes more, and a quarter less of a processor."""


@dataclass(frozen=True, slots=True)
class Component:
    """A running component. It reads a pipe that only this process writes, and ends when that closes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> bool:
        """Whether it runs.

        Raises:
            RuntimeError: it ended; the message has the end of its log.
        """
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
        return True

    def tail(self) -> str:
        """The last few lines that it logged."""
        return self.log.read_text(errors="replace")[-_TAIL:]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.stop(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, at the latest after 15 seconds."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


def start(name: str, *flags: str, folder: Path) -> Component:
    """Start component `name` with `folder` as its place; its log is `<name>.log` there, appended to at a restart."""
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [binary(), name, *flags],
            cwd=folder,
            env={**_RARE_GARBAGE_COLLECTION, **os.environ},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the tests, which still need the cluster to clear up
        )
    return Component(name, process, log)
