"""The bundled KMS over HTTP, beside moto and LocalStack: requests a second, and how long they take."""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks import servers
from benchmarks.servers import Load, Served, as_json
from benchmarks.tables import table

_PEER_PORT = 4611
_REGION = "us-east-1"
_PLAINTEXT = base64.b64encode(os.urandom(1024)).decode()
_MOST_SIGNED = 9_000
"""Signed requests a second that are prepared; the aim is 5,500."""
_IDENTITIES = Path(__file__).parent.parent / "examples" / "identities" / "identities.yaml"
_CREDENTIALS = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
_HEAD = (
    "request",
    "goal r/s",
    "r/s",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "workers %",
    "not 2xx",
)

Make = Callable[[Any], tuple[str, Mapping[str, Any]]]


def run(seconds: int = 10) -> str:
    """Every kind of request against all servers, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = _first_answer(folder)
        with servers.bundled(folder / "data") as served:
            ours = _all(served, folder, seconds)
        signed = _signed(folder, seconds)
        theirs = {}
        for peer, start in _peers().items():
            with start(_PEER_PORT) as served:
                theirs[peer] = _all(served, folder, min(seconds, 5))
    head = (*_HEAD, *(title for peer in theirs for title in (f"{peer} r/s", f"{peer} p99 ms", f"times {peer}")))
    rows = [_row(title, goal, ours[title], [loads[title] for loads in theirs.values()]) for title, _, goal in _KINDS]
    plain = [loads[_KINDS[0][0]] for loads in theirs.values()]
    rows.insert(1, _row("Encrypt 1 KB, signed", 5_500, signed, plain))
    return table(f"Over HTTP, {servers.CONNECTIONS} connections, {seconds} s each", head, rows) + (
        f"\nFrom the start of the process to its first answer: {first * 1000:,.0f} ms (at most 1,000).\n"
    )


def _peers() -> dict[str, Callable[[int], AbstractContextManager[Served]]]:
    found: dict[str, Callable[[int], AbstractContextManager[Served]]] = {"moto": servers.moto}
    if servers.LOCALSTACK_PYTHON in os.environ:
        found["LocalStack"] = servers.localstack
    return found


def _all(served: Served, folder: Path, seconds: int) -> dict[str, Load]:
    return {title: _measured(served, make, folder, seconds) for title, make, _ in _KINDS}


def _row(title: str, goal: int, ours: Load, theirs: list[Load]) -> tuple[object, ...]:
    shares = "/".join(str(share) for share in ours.shares)
    measured = (ours.rate, ours.p50, ours.p99, ours.cpu, shares, ours.failed)
    beside = (figure for load in theirs for figure in (load.rate, load.p99, ours.rate / (load.rate or 1)))
    return (title, f"{goal:,}", *measured, *beside)


def _encrypt(kms: Any) -> tuple[str, Mapping[str, Any]]:
    return "Encrypt", {"KeyId": kms.create_key()["KeyMetadata"]["KeyId"], "Plaintext": _PLAINTEXT}


def _sign(spec: str, algorithm: str) -> Make:
    def make(kms: Any) -> tuple[str, Mapping[str, Any]]:
        key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        digest = base64.b64encode(hashlib.sha256(b"message").digest()).decode()
        return "Sign", {"KeyId": key, "Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": algorithm}

    return make


def _create(_: Any) -> tuple[str, Mapping[str, Any]]:
    return "CreateKey", {}


_KINDS: tuple[tuple[str, Make, int], ...] = (
    ("Encrypt 1 KB", _encrypt, 10_000),
    ("Sign, RSA-2048 PSS", _sign("RSA_2048", "RSASSA_PSS_SHA_256"), 1_000),
    ("Sign, ECC P-256", _sign("ECC_NIST_P256", "ECDSA_SHA_256"), 5_000),
    ("CreateKey, durable", _create, 500),
)


def _measured(served: Served, make: Make, folder: Path, seconds: int) -> Load:
    operation, parameters = make(_client(served.url, "111122223333", "unsigned"))
    headers = {
        **_headers(operation),
        "Authorization": f"AWS4-HMAC-SHA256 Credential=111122223333/20261122/{_REGION}/kms/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=00",
    }
    return servers.load(served, servers.write(folder / "requests", [(headers, as_json(parameters))]), seconds)


def _signed(folder: Path, seconds: int) -> Load:
    """Encrypt with authentication; the requests are signed before, each with an id of its own."""
    identities = folder / "identities.yaml"
    identities.write_bytes(_IDENTITIES.read_bytes())
    identities.chmod(0o600)
    with servers.bundled(folder / "signed", "--identities", str(identities)) as served:
        kms = _client(served.url, _CREDENTIALS.access_key, _CREDENTIALS.secret_key)
        operation, parameters = _encrypt(kms)
        body = as_json(parameters)
        requests = [_sign_one(served.url, operation, body, number) for number in range(_MOST_SIGNED * seconds)]
        return servers.load(served, servers.write(folder / "requests", requests), seconds)


def _sign_one(url: str, operation: str, body: bytes, number: int) -> tuple[dict[str, str], bytes]:
    headers = {**_headers(operation), "amz-sdk-invocation-id": str(number)}
    request = AWSRequest("POST", f"{url}/", headers=headers, data=body)
    SigV4Auth(_CREDENTIALS, "kms", _REGION).add_auth(request)
    return dict(request.headers.items()), body


def _headers(operation: str) -> dict[str, str]:
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{operation}"}


def _client(url: str, key: str, secret: str) -> Any:
    return boto3.client(
        "kms", endpoint_url=url, region_name=_REGION, aws_access_key_id=key, aws_secret_access_key=secret
    )


def _first_answer(folder: Path) -> float:
    """Seconds from the start of the process to the first answer, on a fresh folder; best of three."""
    times = []
    for number in range(3):
        started = time.perf_counter()
        with servers.bundled(folder / f"first-{number}") as served:
            urllib.request.urlopen(f"{served.url}/_kmsctl/health").close()
            times.append(time.perf_counter() - started)
    return min(times)
