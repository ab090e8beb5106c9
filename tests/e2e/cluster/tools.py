"""Programs that the tests need from the machine, and what to do when one is missing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class CannotRunError(RuntimeError):
    """The end-to-end tests cannot run here; the message says what is missing and what to do."""


def find(name: str, *elsewhere: Path, needed_for: str) -> str:
    """The path of program `name`, from PATH or one of the folders `elsewhere`.

    Raises:
        CannotRunError: it is in none of them.
    """
    for place in (None, *elsewhere):
        found = shutil.which(name, path=None if place is None else str(place))
        if found:
            return found
    raise CannotRunError(f"`{name}` is not installed. The end-to-end tests need it for {needed_for}.")


def run(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], doing: str) -> str:
    """What `command` prints.

    Raises:
        CannotRunError: it failed, with the end of what it said.
    """
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotRunError(f"{doing} failed (exit code {done.returncode}):\n{done.stderr[-3000:]}")
    return done.stdout.strip()
