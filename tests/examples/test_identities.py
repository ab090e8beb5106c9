"""examples/identities: its people make and use the keys of examples/quickstart, over HTTP and under signatures."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.support.serving import KMSCTL, Served, serving

EXAMPLES = Path(__file__).parents[2] / "examples"
ACCOUNT = "111122223333"
REPORT = {"purpose": "report"}


@pytest.fixture(scope="module")
def identities(tmp_path_factory):
    file = tmp_path_factory.mktemp("identities") / "identities.yaml"
    file.write_text((EXAMPLES / "identities" / "identities.yaml").read_text("utf-8"), "utf-8")
    file.chmod(0o600)
    return file


@pytest.fixture(scope="module")
def served(identities, tmp_path_factory):
    with serving(tmp_path_factory.mktemp("kms") / "data", "--identities", identities) as running:
        yield running


@pytest.fixture(scope="module")
def alice(identities, served) -> dict[str, str]:
    """Her credentials, as `kmsctl local credentials` prints them."""
    command = (KMSCTL, "local", "credentials", "alice", "--identities", identities, "--format", "json")
    said = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return {"key": said["AccessKeyId"], "secret": said["SecretAccessKey"]}


@pytest.fixture(scope="module")
def applied(served, alice, tmp_path_factory):
    """What an apply by alice, and a plan after it, end in."""
    target = ("-f", EXAMPLES / "quickstart", "--backend", "aws", "--endpoint-url", served.url)
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    signed = {
        "AWS_ACCESS_KEY_ID": alice["key"],
        "AWS_SECRET_ACCESS_KEY": alice["secret"],
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    settings = {"cwd": tmp_path_factory.mktemp("here"), "env": own | signed, "capture_output": True, "text": True}
    first = subprocess.run((KMSCTL, "apply", *target, "-y"), check=False, **settings)
    again = subprocess.run((KMSCTL, "plan", *target, "--detailed-exitcode"), check=False, **settings)
    return first, again


def as_role(served: Served, alice: dict[str, str], name: str):
    """A KMS client of a session that alice made of the role `name`."""
    sts = served.client("sts", **alice)
    made = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="me")["Credentials"]
    return served.client(key=made["AccessKeyId"], secret=made["SecretAccessKey"], token=made["SessionToken"])


def test_alice_applies_the_quickstart_and_nothing_is_left_to_change(applied):
    first, again = applied
    assert first.returncode == 0, first.stderr
    assert again.returncode == 0, again.stdout


def test_the_application_encrypts_and_the_report_decrypts_what_is_meant_for_it(served, alice, applied):
    application, report = (as_role(served, alice, name) for name in ("orders-api", "nightly-report"))
    sealed = application.encrypt(KeyId="alias/orders", Plaintext=b"hello", EncryptionContext=REPORT)["CiphertextBlob"]
    assert report.decrypt(CiphertextBlob=sealed, EncryptionContext=REPORT)["Plaintext"] == b"hello"
    other = application.encrypt(KeyId="alias/orders", Plaintext=b"hello", EncryptionContext={"purpose": "audit"})
    with pytest.raises(ClientError, match="AccessDeniedException"):
        report.decrypt(CiphertextBlob=other["CiphertextBlob"], EncryptionContext={"purpose": "audit"})


def test_who_administers_the_key_does_not_use_it(served, alice, applied):
    platform = as_role(served, alice, "platform")
    assert platform.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyState"] == "Enabled"
    with pytest.raises(ClientError, match="AccessDeniedException"):
        platform.encrypt(KeyId="alias/orders", Plaintext=b"hello")
