"""`python -m tests.e2e.cluster` runs a cluster until Ctrl-C; with `build`, it only makes sure that one can be run."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from reconciler.kit.clock import SystemClock
from tests.e2e.cluster import cache
from tests.e2e.cluster.client_programs import client_programs
from tests.e2e.cluster.cluster import Cluster
from tests.e2e.cluster.control_plane import binary, version
from tests.e2e.cluster.tools import CannotRunError

_CANNOT_RUN = 3


def main(arguments: list[str]) -> int:
    """The exit code."""
    try:
        match arguments:
            case ["build"]:
                _build()
            case []:
                _run()
            case _:
                print("usage: python -m tests.e2e.cluster [build]", file=sys.stderr)
                return 2
    except CannotRunError as missing:
        print(missing, file=sys.stderr)
        return _CANNOT_RUN
    return 0


def _build() -> None:
    binary()
    client_programs()
    print(f"Kubernetes {version()}, kubectl and helm are in {cache.root()}")


def _run() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    clock = SystemClock()
    began = clock.monotonic()
    with suppress(KeyboardInterrupt), Cluster.start() as cluster:
        print(f"Kubernetes {version()} at {cluster.url}, ready after {clock.monotonic() - began:.1f} s.")
        print(f"export KUBECONFIG={cluster.admin} PATH={client_programs().kubectl.parent}:$PATH")
        print(f"Logs are in {cluster.folder}. Ctrl-C ends it.", flush=True)
        while True:
            signal.pause()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
