"""The AWS CLI, each command a real process: what users type against KMS works against the bundled one.

A command costs most of a second of start-up, so each test is one short story.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from tests.support.world import MAIN, environment, role_arn, user_arn, user_credentials

AWS = Path(sys.executable).with_name("aws")
PLAINTEXT = b"attack at dawn\n\x00\xff"


@dataclass(frozen=True)
class Cli:
    """`aws`, in a folder of its own."""

    folder: Path
    environment: dict[str, str]

    def run(self, *words, region=None):
        """The finished process."""
        return subprocess.run(
            [AWS, *words, *(("--region", region) if region else ())],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def __call__(self, *words, region=None):
        """What it answers, as JSON, or as text where --query asks for one thing."""
        done = self.run(*words, region=region)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout) if done.stdout else None

    def file(self, name, content):
        """The `fileb://` of a file."""
        (self.folder / name).write_bytes(content)
        return f"fileb://{name}"

    def blob(self, name, *words):
        """Run a command, and keep the base64 that it answers as a file of bytes; its `fileb://`."""
        import base64

        return self.file(name, base64.b64decode(self(*words)))


@pytest.fixture
def aws(there, tmp_path):
    return Cli(tmp_path, environment(user_credentials(), tmp_path, there.served.url))


@pytest.fixture
def key(there):
    """A key that boto3 has made, which is faster."""
    return there.user().create_key()["KeyMetadata"]["KeyId"]


def test_a_file_is_encrypted_and_decrypted_without_naming_the_key(aws):
    key = aws("kms", "create-key", "--description", "cli", "--query", "KeyMetadata.KeyId")
    plain = aws.file("plain", PLAINTEXT)
    context = ("--encryption-context", "purpose=letter,year=2026")
    asked = ("kms", "encrypt", "--key-id", key, "--plaintext", plain, *context, "--query", "CiphertextBlob")
    sealed = aws.blob("sealed", *asked)
    aws.blob("opened", "kms", "decrypt", "--ciphertext-blob", sealed, *context, "--query", "Plaintext")
    assert (aws.folder / "opened").read_bytes() == PLAINTEXT
    done = aws.run("kms", "decrypt", "--ciphertext-blob", sealed)
    assert done.returncode not in (0, 1, 2)
    assert b"An error occurred (InvalidCiphertextException) when calling the Decrypt operation" in done.stderr


def test_ciphertext_moves_to_another_key(aws, there, key):
    kms = there.user()
    sealed = aws.file("sealed", kms.encrypt(KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"])
    destination = kms.create_key()["KeyMetadata"]["KeyId"]
    asked = ("kms", "re-encrypt", "--ciphertext-blob", sealed, "--destination-key-id", destination)
    moved = aws(*asked)
    assert moved["SourceKeyId"].endswith(key)
    assert moved["KeyId"].endswith(destination)


def test_a_data_key_comes_in_both_forms(aws, key):
    told = aws("kms", "generate-data-key", "--key-id", key, "--key-spec", "AES_256")
    assert set(told) >= {"CiphertextBlob", "Plaintext", "KeyId"}


def test_rotation_is_enabled_and_asked_for(aws, key):
    aws("kms", "enable-key-rotation", "--key-id", key, "--rotation-period-in-days", "180")
    told = aws("kms", "get-key-rotation-status", "--key-id", key)
    assert (told["KeyRotationEnabled"], told["RotationPeriodInDays"]) == (True, 180)


def test_an_alias_is_made_listed_and_used(aws, key):
    alias = f"alias/cli/{key}"
    aws("kms", "create-alias", "--alias-name", alias, "--target-key-id", key)
    listed = aws("kms", "list-aliases", "--query", f"Aliases[?TargetKeyId=='{key}'].AliasName")
    assert listed == [alias]
    assert aws("kms", "describe-key", "--key-id", alias, "--query", "KeyMetadata.KeyId") == key


def test_a_fresh_grant_is_used_with_its_token(aws, there, key, tmp_path):
    asked = ("--key-id", key, "--grantee-principal", user_arn("bystander"), "--operations", "Encrypt")
    token = aws("kms", "create-grant", *asked, "--query", "GrantToken")
    bystander = Cli(tmp_path, environment(user_credentials("bystander"), tmp_path, there.served.url))
    use = ("kms", "encrypt", "--key-id", key, "--plaintext", aws.file("plain", b"x"), "--grant-tokens")
    assert bystander(*use, token)["CiphertextBlob"]
    assert b"(InvalidGrantTokenException)" in bystander.run(*use, f"{token}x").stderr


def test_a_policy_is_put_from_a_file_and_got_as_text(aws, key):
    everything = {"Effect": "Allow", "Principal": {"AWS": user_arn("admin")}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    aws.file("policy.json", policy.encode())
    aws("kms", "put-key-policy", "--key-id", key, "--policy-name", "default", "--policy", "file://policy.json")
    told = aws.run("kms", "get-key-policy", "--key-id", key, "--query", "Policy", "--output", "text")
    assert json.loads(told.stdout) == json.loads(policy)


def test_a_file_is_signed_and_verified(aws, there):
    key = there.user().create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    message = (
        "--key-id",
        key,
        "--message",
        aws.file("message", PLAINTEXT),
        "--signing-algorithm",
        "RSASSA_PSS_SHA_256",
    )
    signature = aws.blob("signature", "kms", "sign", *message, "--query", "Signature")
    assert aws("kms", "verify", *message, "--signature", signature, "--query", "SignatureValid") is True


def test_key_material_is_imported(aws, there):
    key = there.user().create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    asked = ("--wrapping-algorithm", "RSAES_OAEP_SHA_256", "--wrapping-key-spec", "RSA_2048")
    told = aws("kms", "get-parameters-for-import", "--key-id", key, *asked)
    import base64

    public = serialization.load_der_public_key(base64.b64decode(told["PublicKey"]))
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    token = aws.file("token", base64.b64decode(told["ImportToken"]))
    material = aws.file("material", public.encrypt(os.urandom(32), oaep))
    given = ("--import-token", token, "--encrypted-key-material", material)
    never = ("--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    aws("kms", "import-key-material", "--key-id", key, *given, *never)
    assert there.user().describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_a_key_is_replicated_and_its_replica_is_in_the_other_region(aws, there):
    key = there.user().create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    made = aws("kms", "replicate-key", "--key-id", key, "--replica-region", "eu-west-1")
    assert made["ReplicaKeyMetadata"]["KeyState"] in ("Creating", "Enabled")
    seen = aws("kms", "describe-key", "--key-id", key, "--query", "KeyMetadata.Arn", region="eu-west-1")
    assert seen == f"arn:aws:kms:eu-west-1:{MAIN}:key/{key}"


def test_deletion_is_scheduled_and_cancelled(aws, key):
    told = aws("kms", "schedule-key-deletion", "--key-id", key, "--pending-window-in-days", "7")
    assert told["KeyState"] == "PendingDeletion"
    assert aws("kms", "cancel-key-deletion", "--key-id", key)["KeyId"].endswith(key)


def test_keys_are_found_by_their_tags(aws, key):
    aws("kms", "tag-resource", "--key-id", key, "--tags", f"TagKey=cli,TagValue={key}")
    asked = ("resourcegroupstaggingapi", "get-resources", "--tag-filters", f"Key=cli,Values={key}")
    (found,) = aws(*asked)["ResourceTagMappingList"]
    assert found["ResourceARN"].endswith(key)


def test_temporary_credentials_of_a_role_are_somebody(aws, there, tmp_path):
    assert aws("sts", "get-caller-identity")["Arn"] == user_arn("admin")
    asked = ("sts", "assume-role", "--role-arn", role_arn("operator"), "--role-session-name", "cli")
    told = aws(*asked)["Credentials"]
    given = {
        "AWS_ACCESS_KEY_ID": told["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": told["SecretAccessKey"],
        "AWS_SESSION_TOKEN": told["SessionToken"],
    }
    operator = Cli(tmp_path, environment(user_credentials(), tmp_path, there.served.url) | given)
    assert operator("sts", "get-caller-identity")["Arn"] == f"arn:aws:sts::{MAIN}:assumed-role/operator/cli"


def test_what_was_called_is_looked_up(aws, there, key):
    arn = there.user().describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    asked = ("cloudtrail", "lookup-events", "--lookup-attributes", f"AttributeKey=ResourceName,AttributeValue={arn}")
    assert [event["EventName"] for event in aws(*asked)["Events"]] == ["DescribeKey", "CreateKey"]


def test_whoever_is_denied_reads_why(there, key, tmp_path):
    bystander = Cli(tmp_path, environment(user_credentials("bystander"), tmp_path, there.served.url))
    done = bystander.run("kms", "describe-key", "--key-id", key)
    assert b"(AccessDeniedException) when calling the DescribeKey operation: User: " in done.stderr
    assert user_arn("bystander").encode() in done.stderr
