"""After a full run, no output and no file holds key material, a root key, plaintext or a credential."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.engine.crypto.encoding import encode_parts
from reconciler.engine.crypto.seal import unseal

EXAMPLES = Path(__file__).parents[2] / "examples"
KMSCTL = Path(sys.executable).with_name("kmsctl")
PLAINTEXT = b"the plaintext that nobody may see"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDTHATISKNOWN00000",
    "AWS_SECRET_ACCESS_KEY": "theSecretAccessKeyThatNobodyMaySee",
    "AWS_SESSION_TOKEN": "theSessionTokenThatNobodyMaySee",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Run:
    """kmsctl in processes of its own; everything that they print is kept."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "kms"
        self.folder = folder
        self.printed = b""

    def __call__(self, *arguments: str, secret_output: bool = False) -> bytes:
        done = subprocess.run(
            [str(KMSCTL), *arguments],
            capture_output=True,
            check=False,
            timeout=120,
            cwd=self.folder,
            env={**os.environ, **CREDENTIALS, "KMSCTL_HOME": str(self.home)},
        )
        self.printed += done.stderr if secret_output else done.stdout + done.stderr
        return done.stdout

    def call(self, operation: str, parameters: dict[str, object], *, secret_output: bool = False) -> dict[str, str]:
        answer = self("local", "call", operation, json.dumps(parameters), secret_output=secret_output)
        return json.loads(answer) if answer else {}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A full run: every command, good and bad, in every format."""
    run = Run(tmp_path_factory.mktemp("run"))
    manifests = ("-f", str(EXAMPLES / "payments" / "base"))
    for format_ in ("text", "json", "markdown"):
        run("plan", *manifests, "--output", format_)
    run("plan", *manifests, "-o", "plan.json")
    run("apply", "plan.json", "-y")
    run("apply", "plan.json", "-y")  # stale now
    alias = "alias/payments/cards"
    context = {"purpose": "test"}
    blob = run.call(
        "Encrypt",
        {"KeyId": alias, "Plaintext": base64.b64encode(PLAINTEXT).decode(), "EncryptionContext": context},
    )["CiphertextBlob"]
    run.call("Decrypt", {"CiphertextBlob": blob, "EncryptionContext": context}, secret_output=True)
    run.call("Decrypt", {"CiphertextBlob": blob, "EncryptionContext": {"purpose": "other"}})
    run.call("Encrypt", {"KeyId": alias, "Plaintext": base64.b64encode(PLAINTEXT * 200).decode()})
    for format_ in ("text", "json", "markdown"):
        run("drift", *manifests, "--output", format_)
        run("show", *manifests, "--output", format_)
    run("local", "audit")
    run("permissions", *manifests)
    run("destroy", "-y", "--debug")
    unreachable = ("--backend", "aws", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:9")
    run("plan", *manifests, *unreachable, "--debug")
    run("plan", *manifests, "--backend", "aws", "--region", "us-east-1", "--profile", "nobody", "--debug")
    return run


def materials(home: Path) -> Iterator[bytes]:
    """The root key, and every material that the store holds, unsealed with it."""
    root = (home / "root.key").read_bytes()
    yield root
    with sqlite3.connect(home / "kms.sqlite3") as connection:
        rows = connection.execute(
            "SELECT account, key_id, m.material_id, sealed, public FROM materials AS m JOIN keys ON keys.n = m.key"
        ).fetchall()
    connection.close()
    for *names, sealed, public in rows:
        name = encode_parts(b"kmsctl material", *(name.encode() for name in names), public or b"")
        yield unseal(root, sealed, name)


def forms(secret: bytes) -> Iterator[bytes]:
    """How a secret could be written down; a part of it is enough, whatever stands before it in base64."""
    part = secret[:24]
    yield part
    yield part.hex().encode()
    yield from (base64.b64encode(part[skip:])[:24] for skip in range(3))


def test_no_output_holds_material_or_the_root_key(run: Run) -> None:
    found = list(materials(run.home))
    assert len(found) > 6
    assert not [form for secret in found for form in forms(secret) if form in run.printed]


def test_no_output_holds_a_plaintext_or_a_credential(run: Run) -> None:
    assert len(run.printed) > 10_000
    secrets = [PLAINTEXT, *(value.encode() for name, value in CREDENTIALS.items() if name.endswith(("KEY", "TOKEN")))]
    assert not [form for secret in secrets for form in forms(secret) if form in run.printed]


def test_no_file_but_the_root_key_holds_a_secret(run: Run) -> None:
    secrets = [PLAINTEXT, *materials(run.home), *(value.encode() for value in CREDENTIALS.values() if value != "true")]
    files = [path for path in run.folder.rglob("*") if path.is_file() and path.name != "root.key"]
    assert {"plan.json", "kms.sqlite3"} <= {path.name for path in files}
    for path in files:
        content = path.read_bytes()
        assert not [form for secret in secrets for form in forms(secret) if form in content], path


def test_files_that_matter_are_readable_by_their_owner_only(run: Run) -> None:
    for path in (run.home / "root.key", run.home / "kms.sqlite3", run.folder / "plan.json"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert run.home.stat().st_mode & 0o077 == 0
