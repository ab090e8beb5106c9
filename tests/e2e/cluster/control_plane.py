"""The control plane: one Go binary of etcd, kube-apiserver and kube-controller-manager, built on first use."""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path

from tests.e2e.cluster.cache import digest, kept
from tests.e2e.cluster.tools import CannotRunError, find, run

MODULE = Path(__file__).parent
BINARY = "cluster"
_GO_HERE = Path("/usr/local/go/bin")
_STAMP = "k8s.io/component-base/version"


@cache
def version() -> str:
    """The version of Kubernetes that go.mod names, such as `v1.36.3`."""
    found = re.search(r"^\s*k8s\.io/kubernetes (v\d+\.\d+\.\d+)$", (MODULE / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise CannotRunError(f"{MODULE / 'go.mod'} names no version of k8s.io/kubernetes")
    return found[1]


@cache
def binary() -> Path:
    """The binary's path. The first call on a machine builds it, which takes minutes and some 3 GB."""
    go = find("go", _GO_HERE, needed_for=f"building Kubernetes {version()}: install Go 1.26 or later (package golang)")
    return kept(f"{version()}-{_identity(go)}", lambda folder: _build(go, folder)) / BINARY


def _flags() -> list[str]:
    major, minor, _ = version().removeprefix("v").split(".")
    stamps = {"gitVersion": version(), "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    linker = ["-s", "-w", *(f"-X {_STAMP}.{name}={value}" for name, value in stamps.items())]
    return ["-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", " ".join(linker)]


def _environment() -> dict[str, str]:
    # Without cgo a C compiler is not needed, and what is built does not depend on this machine's libc. Nor does a
    # workspace that happens to be above the checkout matter.
    return {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}


def _identity(go: str) -> str:
    """What the binary depends on, as a digest."""
    toolchain = run(
        [go, "env", "GOVERSION", "GOOS", "GOARCH"], cwd=MODULE, env=_environment(), doing="asking Go for its version"
    )
    sources = [(MODULE / name).read_bytes() for name in ("go.mod", "go.sum", "main.go")]
    return digest([*sources, toolchain.encode(), " ".join(_flags()).encode()])


def _build(go: str, folder: Path) -> None:
    print(f"Building Kubernetes {version()}: minutes on a new machine", file=sys.stderr, flush=True)
    command: list[str | Path] = [go, "build", *_flags(), "-o", folder / BINARY, "."]
    run(command, cwd=MODULE, env=_environment(), doing=f"building Kubernetes {version()}")
