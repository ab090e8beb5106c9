"""`python -m benchmarks [NAME …] [--quick]`: print the tables."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks import access_diff, engine, http, in_cluster, peers, policy, rehearsal, scale, startup
from benchmarks.tables import machine

_FULL: dict[str, Callable[[], str]] = {
    "startup": startup.run,
    "scale": scale.run,
    "access-diff": access_diff.run,
    "engine": engine.run,
    "http": http.run,
    "peers": peers.run,
    "operator": in_cluster.run,
    "policy": policy.run,
    "rehearsal": rehearsal.run,
}
_QUICK: dict[str, Callable[[], str]] = {
    "startup": startup.run,
    "scale": lambda: scale.run((100, 1_000)),
    "access-diff": access_diff.run,
    "engine": lambda: engine.run((100, 10_000)),
    "http": lambda: http.run(seconds=2),
    "peers": lambda: peers.run(keys=100, ansible_keys=10),
    "operator": lambda: in_cluster.run(100, 300, 500, quotas=False),
    "policy": policy.run,
    "rehearsal": lambda: rehearsal.run((100,), 10),
}


def main() -> None:
    """Run what was named, or everything."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Print the figures of docs/benchmarks.md."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(_FULL)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size")
    arguments = parser.parse_args()
    chosen = _QUICK if arguments.quick else _FULL
    unknown = sorted(set(arguments.names) - chosen.keys())
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    print(f"On {machine()}:\n")
    for name in arguments.names or chosen:
        print(chosen[name](), flush=True)


if __name__ == "__main__":
    main()
