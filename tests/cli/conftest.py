"""The command line, run in this process with streams of its own, or as a real process."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.context import Context
from reconciler.cli.main import main
from reconciler.kit.clock import ManualClock

KMSCTL = Path(sys.executable).with_name("kmsctl")


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Terminal(io.BytesIO):
    """Standard input with a person before it."""

    def isatty(self) -> bool:
        return True


class Screen(io.StringIO):
    """Output that a person sees."""

    def isatty(self) -> bool:
        return True


Kmsctl = Callable[..., Result]


@pytest.fixture
def clock() -> ManualClock:
    """The run's clock."""
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def kmsctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> Kmsctl:
    """Run a command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str, stdin: bytes = b"", tty: bool = False, environ: Mapping[str, str] | None = None) -> Result:
        stdout, stderr = (Screen(), Screen()) if tty else (io.StringIO(), io.StringIO())
        context = Context(
            environ=environ or {},
            stdin=Terminal(stdin) if tty else io.BytesIO(stdin),
            stdout=stdout,
            stderr=stderr,
            clock=lambda: clock,
        )
        code = main(argv, context)
        assert "Traceback" not in stderr.getvalue() or "--debug" in argv
        return Result(code, stdout.getvalue(), stderr.getvalue())

    return run


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kmsctl:
    """Run a command line as a process of its own in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*argv: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> Result:
        done = subprocess.run(
            [KMSCTL, *argv], input=stdin, capture_output=True, env=environ, cwd=tmp_path, timeout=60, check=False
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture
def call(kmsctl: Kmsctl) -> Callable[..., dict[str, Any]]:
    """Call the bundled KMS, as the root user of its account; its answer."""

    def run(operation: str, *, region: str = "us-east-1", **parameters: Any) -> dict[str, Any]:
        result = kmsctl("local", "call", operation, json.dumps(parameters), "--region", region)
        assert result.code == 0, result.err
        answer: dict[str, Any] = json.loads(result.out) if result.out else {}
        return answer

    return run
