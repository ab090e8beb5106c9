"""A real server process, `kmsctl local serve`, and boto3 clients of it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

KMSCTL = Path(sys.executable).with_name("kmsctl")
READY = re.compile(r"listening on (https?://\S+) ")
STOP_SECONDS = 20


@dataclass(frozen=True)
class Served:
    """A server that answers."""

    url: str
    process: subprocess.Popen[str]
    data: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(
        self, service: str = "kms", *, key="123456789012", secret="secret", token=None, region="us-east-1", **settings
    ) -> Any:
        """A boto3 client; by default the root user of account 123456789012 when nobody is authenticated."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20, parameter_validation=False
            ),
            **settings,
        )

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def serving(data: Path, *options: str, workers: int = 1) -> Iterator[Served]:
    """Run a server on `data` and any free port until the block ends."""
    process = start(data, *options, workers=workers)
    try:
        yield ready(process, data)
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdout, process.stderr):
            stream.close()


def start(data: Path, *options: str, workers: int = 1) -> subprocess.Popen[str]:
    """Start the process."""
    command: Sequence[str | Path] = [
        *(KMSCTL, "local", "serve", "--port", "0", "--data", data, "--workers", str(workers)),
        *options,
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ready(process: subprocess.Popen[str], data: Path) -> Served:
    """Wait for its ready line."""
    line = process.stdout.readline()
    found = READY.search(line)
    if found is None:
        process.kill()
        raise RuntimeError(f"the server did not start: {line}{process.stderr.read()}")
    return Served(found[1], process, data)
