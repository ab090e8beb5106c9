"""What a command knows of the process around it. Kept light: `kmsctl version` pays for every import here."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TextIO

if TYPE_CHECKING:
    from reconciler.kit.clock import Clock


def _system_clock() -> Clock:
    from reconciler.kit.clock import SystemClock

    return SystemClock()


class Context(NamedTuple):
    """Streams, environment and time. A tuple and no dataclass, because `dataclasses` alone costs a start-up."""

    environ: Mapping[str, str]
    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO
    clock: Callable[[], Clock] = _system_clock
    """Gives the run's clock; asked only by commands that need one."""

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: both the question and the answer are on a terminal."""
        return self.stdin.isatty() and self.stderr.isatty()


def of_process() -> Context:
    """The real process's streams: UTF-8 whatever the locale says, and never None.

    A descriptor that is closed is opened on the null device first, so that no file of ours ends up in its place
    and gets the program's output written into it.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    return Context(
        environ=os.environ,
        stdin=sys.stdin.buffer if sys.stdin else open(os.devnull, "rb"),  # noqa: PTH123  likewise
        stdout=_utf8(sys.stdout),
        stderr=_utf8(sys.stderr),
    )


def _utf8(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123  lives as long as the process
    if isinstance(stream.buffer, io.BufferedIOBase):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[attr-defined]
        return stream
    # With PYTHONUNBUFFERED nothing writes on when a write was cut short by a full disk or a reader that has left, and
    # nothing tells: half a plan would look like a success.
    return open(stream.fileno(), "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)
