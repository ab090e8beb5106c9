"""A moto server process on a free port of the loopback interface: a KMS that nobody here wrote."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.kit.clock import SystemClock

_SERVER = Path(sys.executable).with_name("moto_server")
_START_SECONDS = 60.0
_POLL_SECONDS = 0.1


@contextmanager
def moto_server() -> Iterator[str]:
    """The endpoint URL of a server that lives as long as the block."""
    port = free_port()
    process = subprocess.Popen(
        [str(_SERVER), "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def reset(endpoint: str) -> None:
    """Forget every key, of every account."""
    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        response.read()


def fake_aws(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> None:
    """Credentials that are nobody's, and none of this machine's AWS configuration."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(nowhere / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    clock = SystemClock()
    started = clock.monotonic()
    while process.poll() is None and clock.monotonic() - started < _START_SECONDS:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            clock.sleep(_POLL_SECONDS)
    raise RuntimeError("the moto server did not start")
