"""Servers under load: `kmsctl local serve` and moto, each in a process of its own, and wrk against them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import BIN
from reconciler.kit.clock import SystemClock

WRK = "wrk"
WITHOUT_WRK = "wrk is not on PATH: apt-get install wrk"
LOCALSTACK_PYTHON = "LOCALSTACK_PYTHON"
"""The environment variable that names a Python which has localstack-core: then LocalStack is measured, too."""
CONNECTIONS = 32
_SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk measured."""

    rate: float
    """Answers a second."""
    p50: float
    """Milliseconds."""
    p99: float
    """Milliseconds."""
    failed: int
    """Answers that were not 2xx."""
    cpu: float
    """Microseconds of CPU that the server took for an answer, in all its processes."""
    shares: tuple[int, ...]
    """Percent of them in each worker process, the busiest first: connections may be spread unevenly."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    url: str
    pid: int

    def cpu(self) -> list[float]:
        """Seconds of CPU that each of its worker processes has taken so far; its own if it has none (Linux)."""
        workers = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split() or [str(self.pid)]
        return [_cpu_of(worker) for worker in workers]


def _cpu_of(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(served: Served, requests: Path, seconds: int) -> Load:
    """Send the requests in `requests` (see `requests.lua`) over and over, on `CONNECTIONS` connections.

    Raises:
        RuntimeError: wrk is missing, or its output has another form.
    """
    if shutil.which(WRK) is None:
        raise RuntimeError(WITHOUT_WRK)
    command = [
        WRK,
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--latency",
        "-s",
        str(_SCRIPT),
        served.url,
        "--",
        str(requests),
    ]
    before = served.cpu()
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    used = sorted((end - start for start, end in zip(before, served.cpu(), strict=True)), reverse=True)
    answers, rate = re.search(r"(\d+) requests in", told), re.search(r"Requests/sec:\s+([\d.]+)", told)
    if answers is None or rate is None:
        raise RuntimeError(told)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(
        rate=float(rate[1]),
        p50=_milliseconds(told, 50),
        p99=_milliseconds(told, 99),
        failed=int(failed[1]) if failed else 0,
        cpu=sum(used) / max(int(answers[1]), 1) * 1e6,
        shares=tuple(round(each / (sum(used) or 1) * 100) for each in used),
    )


def _milliseconds(told: str, percentile: int) -> float:
    found = re.search(rf"{percentile}%\s+([\d.]+)(us|ms|s)\b", told)
    if found is None:
        raise RuntimeError(told)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


@contextmanager
def bundled(data: Path, *options: str) -> Iterator[Served]:
    """`kmsctl local serve` on `data`."""
    command = [str(BIN / "kmsctl"), "local", "serve", "--port", "0", "--data", str(data), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield Served(server.stdout.readline().split()[2], server.pid)
    finally:
        _stop(server)


@contextmanager
def moto(port: int) -> Iterator[Served]:
    """A moto server."""
    command = [str(BIN / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Served(_answering(f"http://127.0.0.1:{port}", "moto-api/"), server.pid)
    finally:
        _stop(server)


@contextmanager
def localstack(port: int) -> Iterator[Served]:
    """A LocalStack server, of the Python that `$LOCALSTACK_PYTHON` names."""
    settings = {"GATEWAY_LISTEN": f"127.0.0.1:{port}", "SERVICES": "kms", "DISABLE_EVENTS": "1"}
    command = [os.environ[LOCALSTACK_PYTHON], "-m", "localstack.runtime.main"]
    environment = {**os.environ, **settings, "SKIP_SSL_CERT_DOWNLOAD": "1"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield Served(_answering(f"http://127.0.0.1:{port}", "_localstack/health"), server.pid)
    finally:
        _stop(server)


def _answering(url: str, path: str) -> str:
    clock = SystemClock()
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/{path}").close()
        except (urllib.error.URLError, ConnectionError):
            clock.sleep(0.1)
        else:
            return url
    raise RuntimeError(f"nothing answers at {url}")


def _stop(server: subprocess.Popen[Any]) -> None:
    server.terminate()
    server.wait()


def write(file: Path, requests: Sequence[tuple[dict[str, str], bytes]]) -> Path:
    """Write requests for wrk: a line of headers and a line of body each, both JSON or without line breaks."""
    with file.open("wb") as out:
        for headers, body in requests:
            out.write("\t".join(f"{name}: {value}" for name, value in headers.items()).encode() + b"\n" + body + b"\n")
    return file


def as_json(value: object) -> bytes:
    """A body."""
    return json.dumps(value, separators=(",", ":")).encode()
