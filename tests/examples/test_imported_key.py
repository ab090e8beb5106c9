"""The example of imported material: made as its first lines say, planned without it, applied with it, never told."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

EXAMPLE = Path(__file__).parents[2] / "examples" / "imported-key"
KMSCTL = Path(sys.executable).with_name("kmsctl")


class Example:
    """A copy of the example with a bundled KMS of its own, and what was printed so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "manifests"
        self.home = folder / "kms"
        self.printed = ""
        self.environment: dict[str, str] = {}
        shutil.copytree(EXAMPLE, self.folder)

    def __call__(self, *arguments: str, wanted: int = 0) -> str:
        done = subprocess.run(
            [str(KMSCTL), *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            cwd=self.folder.parent,
            env={**os.environ, "KMSCTL_HOME": str(self.home), "NO_COLOR": "1", **self.environment},
        )
        self.printed += done.stdout + done.stderr
        assert done.returncode == wanted, done.stdout + done.stderr
        return done.stdout + done.stderr

    def make(self) -> list[bytes]:
        """The material, as the commands at the head of the manifests make it; what must never be seen."""
        pair = ec.generate_private_key(ec.SECP256R1())
        made = {
            "cards.material": os.urandom(32),
            "receipts.pem": pair.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        }
        for name, content in made.items():
            (self.folder / name).write_bytes(content)
            (self.folder / name).chmod(0o600)
        shared = os.urandom(32)
        self.environment["WEBHOOKS_SECRET"] = base64.b64encode(shared).decode()
        der = pair.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        return [made["cards.material"], shared, der, pair.private_numbers().private_value.to_bytes(32)]

    def call(self, operation: str, region: str = "us-east-1", **parameters: Any) -> dict[str, Any]:
        """One call to the bundled KMS."""
        answer: dict[str, Any] = json.loads(
            self("local", "call", "--region", region, operation, json.dumps(parameters))
        )
        return answer


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


def test_the_example_is_planned_without_its_material_and_changes_nothing_before_that_is_there(example: Example) -> None:
    example("validate", "-f", "manifests")
    example("plan", "-f", "manifests", "-o", "plan.json")
    said = example("apply", "plan.json", "-y", wanted=1)
    assert "manifests/cards.material cannot be read" in said
    assert example.call("ListKeys")["Keys"] == []


def test_the_example_applies_settles_rotates_and_tells_nobody_its_material(example: Example, tmp_path: Path) -> None:
    example("plan", "-f", "manifests", "-o", "plan.json")
    secrets = example.make()
    example("apply", "plan.json", "-y")
    assert "No changes" in example("plan", "-f", "manifests", "--detailed-exitcode")
    assert "No drift" in example("drift", "-f", "manifests")
    ciphertext = example.call("Encrypt", KeyId="alias/cards", Plaintext=base64.b64encode(b"4711").decode())
    keys = example.folder / "keys.yaml"
    keys.write_text(keys.read_text(encoding="utf-8").replace("serial: 1", "serial: 2"), encoding="utf-8")
    new = os.urandom(32)
    (example.folder / "cards.material").write_bytes(new)
    example("apply", "-f", "manifests", "-y", "--output", "json")
    assert "No changes" in example("plan", "-f", "manifests", "--detailed-exitcode")
    for region in ("us-east-1", "eu-west-1"):
        opened = example.call("Decrypt", region, CiphertextBlob=ciphertext["CiphertextBlob"])
        assert base64.b64decode(opened["Plaintext"]) == b"4711"
        assert len(example.call("ListKeyRotations", region, KeyId=opened["KeyId"].rpartition("/")[2])["Rotations"]) == 1
    _is_nowhere([*secrets, new], example, tmp_path)


def _is_nowhere(secrets: list[bytes], example: Example, folder: Path) -> None:
    """In no file but those that were made with it, and in nothing that was printed."""
    forms = [form for secret in secrets for form in (secret, base64.b64encode(secret), secret.hex().encode())]
    places = {"printed": example.printed.encode()}
    places |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    own = {str(example.folder / name) for name in ("cards.material", "receipts.pem")}
    assert [
        name for name, content in places.items() if name not in own and any(form in content for form in forms)
    ] == []
