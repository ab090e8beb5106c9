"""The judges of health in one Go program: kstatus, Argo CD's Lua interpreter, and CEL as Flux evaluates it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.e2e.cluster.cache import digest, kept
from tests.e2e.cluster.tools import find, run

MODULE = Path(__file__).parent
_GO_HERE = Path("/usr/local/go/bin")
_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags=-s -w")
_ENVIRONMENT = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}


@cache
def binary() -> Path:
    """The program's path. The first call on a machine builds it, which takes a minute or two."""
    go = find("go", _GO_HERE, needed_for="building the judges of health: install Go 1.26 or later (package golang)")
    toolchain = run([go, "env", "GOVERSION"], cwd=MODULE, env=_ENVIRONMENT, doing="asking Go for its version")
    sources = [(MODULE / name).read_bytes() for name in ("go.mod", "go.sum", "main.go")]

    def build(folder: Path) -> None:
        command: list[str | Path] = [go, "build", *_FLAGS, "-o", folder / "judges", "."]
        run(command, cwd=MODULE, env=_ENVIRONMENT, doing="building the judges of health")

    return kept(f"judges-{digest([*sources, toolchain.encode()])}", build) / "judges"


def judged(bodies: Sequence[dict[str, Any]], script: Path, expressions: dict[str, str]) -> list[dict[str, Any]]:
    """What each judge says of each object: `{"kstatus": …, "argo": {"status": …, "message": …}, "flux": …}`."""
    return _told([{"object": body, "expressions": expressions} for body in bodies], script)


def acted(body: dict[str, Any], action: str, script: Path) -> dict[str, Any]:
    """The object as one of Argo CD's actions, whose Lua is `action`, leaves it."""
    after: dict[str, Any] = _told([{"object": body, "action": action}], script)[0]["acted"]
    return after


def _told(asked: list[dict[str, Any]], script: Path) -> list[dict[str, Any]]:
    lines = "".join(json.dumps(each) + "\n" for each in asked)
    done = subprocess.run([binary(), script], input=lines, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
