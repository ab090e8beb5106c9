"""Shell scripts of the documentation, made fit to run beside other tests."""

from __future__ import annotations

import random
import socket


def quiet_port() -> int:
    """A port that nobody listens on, and that no client is given by chance: below those that the system hands out."""
    for port in random.sample(range(20_000, 30_000), 50):
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no port is free")


def shell_script(text: str) -> str:
    """`text`, which serves on port 4599 as its first job, for `bash -e`: on a port of its own; nothing stays behind.

    Where it waits for the server it gives up when there is none any more.
    """
    waiting = text.replace("do sleep 0.1", "do kill -0 %1; sleep 0.1")
    return "trap 'kill %1 2> /dev/null || true' EXIT\n" + waiting.replace("kill %1\n", "").replace(
        "4599", str(quiet_port())
    )
