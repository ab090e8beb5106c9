"""examples/envelope: files of 10 MB under data keys, how often KMS is asked, and what is refused."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag

from reconciler.kit.clock import SystemClock
from tests.docs.pages import blocks
from tests.support.serving import KMSCTL
from tests.support.shell import shell_script
from tests.support.world import World, environment, user_credentials, world

EXAMPLE = Path(__file__).parents[2] / "examples" / "envelope"
TEN_MIB = 10 * 1024 * 1024
PURPOSE = {"purpose": "backup"}


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server with the example's key."""
    with world(tmp_path_factory.mktemp("envelope")) as made:
        command = [KMSCTL, "apply", "-f", EXAMPLE, "--auto-approve"]
        home = {"KMSCTL_HOME": str(made.served.data)}
        subprocess.run(command, env={**os.environ, **home}, check=True, capture_output=True, timeout=60)
        yield made


@pytest.fixture
def example(monkeypatch, there, tmp_path):
    """The example's modules, for the role that its key policy names `backup` or `restore`."""
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import cached
    import plain

    return plain, cached


@pytest.fixture
def backups(there, example, act_as, key):
    """The SDK's data keys for the role that makes backups, within some limits."""
    return lambda **limits: example[1].materials(there.role("backup"), key, example[1].Limits(**limits))


@pytest.fixture
def act_as(monkeypatch, there, tmp_path):
    def act(role):
        for name, value in environment(there.session(role), tmp_path, there.served.url).items():
            monkeypatch.setenv(name, value)

    act("backup")
    return act


@pytest.fixture
def key(there):
    return there.user().describe_key(KeyId="alias/envelope")["KeyMetadata"]["Arn"]


@pytest.fixture(scope="module")
def content() -> bytes:
    return os.urandom(TEN_MIB)


def sealed_by_sdk(cached, manager, content, context=PURPOSE):
    sink = io.BytesIO()
    cached.seal(manager, context, io.BytesIO(content), sink)
    return sink.getvalue()


def opened_by_sdk(cached, manager, text, context=PURPOSE):
    sink = io.BytesIO()
    cached.unseal(manager, context, io.BytesIO(text), sink)
    return sink.getvalue()


def test_by_hand_a_large_file_costs_one_call_each_way(there, example, key, content):
    plain, _ = example
    watch, sealed, opened = there.watch(key), io.BytesIO(), io.BytesIO()
    plain.seal(there.role("backup"), key, PURPOSE, io.BytesIO(content), sealed)
    sealed.seek(0)
    plain.unseal(there.role("restore"), PURPOSE, sealed, opened)
    assert opened.getvalue() == content
    assert [event["eventName"] for event in watch.events()] == ["GenerateDataKey", "Decrypt"]


@pytest.mark.parametrize("size", [0, 1, 1024 * 1024, 1024 * 1024 + 1])
def test_by_hand_files_of_every_size_come_back(there, example, key, size):
    plain, _ = example
    sealed, opened = io.BytesIO(), io.BytesIO()
    plain.seal(there.role("backup"), key, PURPOSE, io.BytesIO(bytes(size)), sealed)
    sealed.seek(0)
    plain.unseal(there.role("restore"), PURPOSE, sealed, opened)
    assert opened.getvalue() == bytes(size)


@pytest.fixture
def sealed(there, example, key):
    """A file of three pieces, sealed by hand."""
    sink = io.BytesIO()
    example[0].seal(there.role("backup"), key, PURPOSE, io.BytesIO(os.urandom(2_500_000)), sink)
    return sink.getvalue()


def flipped(text, place):
    return text[:place] + bytes([text[place] ^ 1]) + text[place + 1 :]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: flipped(text, len(text) // 2),
        lambda text: flipped(text, len(text) - 1),
        lambda text: text[: -500_000 - 16],
        lambda text: text[:-1],
    ],
    ids=["a bit of a piece", "a bit of the tag", "without the last piece", "cut short"],
)
def test_by_hand_what_was_changed_is_not_opened(there, example, sealed, change):
    with pytest.raises(InvalidTag):
        example[0].unseal(there.role("restore"), PURPOSE, io.BytesIO(change(sealed)), io.BytesIO())


def test_by_hand_a_changed_data_key_or_another_context_is_refused_by_kms(there, example, sealed):
    kms, plain = there.user("admin"), example[0]
    for text, context in ((flipped(sealed, 80), PURPOSE), (sealed, {}), (sealed, {"purpose": "other"})):
        with pytest.raises(kms.exceptions.InvalidCiphertextException):
            plain.unseal(kms, context, io.BytesIO(text), io.BytesIO())


def test_the_key_policy_lets_each_role_do_its_own_part_for_its_purpose(there, example, key, sealed):
    plain = example[0]
    with pytest.raises(ClientError, match="AccessDeniedException"):
        plain.unseal(there.role("backup"), PURPOSE, io.BytesIO(sealed), io.BytesIO())
    for role, context in (("restore", PURPOSE), ("backup", {"purpose": "other"}), ("backup", {})):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            plain.seal(there.role(role), key, context, io.BytesIO(b"x"), io.BytesIO())


@pytest.mark.parametrize(
    ("limits", "calls"),
    [
        ({}, 1),
        ({"messages": 1}, 10),
        ({"messages": 4}, 3),
        ({"messages": 5}, 2),
        ({"size": 3_500_000}, 4),
        ({"size": 5_500_000}, 2),
        ({"size": 1_000_000}, 10),
    ],
    ids=str,
)
def test_a_limit_of_the_cache_forces_a_new_data_key(there, example, backups, content, limits, calls):
    manager = backups(**limits)
    watch = there.watch(there.user().describe_key(KeyId="alias/envelope")["KeyMetadata"]["Arn"])
    sealed_by_sdk(example[1], manager, content)
    made = watch.events("GenerateDataKey")
    assert len(made) == calls
    assert {event["requestParameters"]["encryptionContext"]["purpose"] for event in made} == {"backup"}


@pytest.mark.parametrize(("age", "calls"), [(60.0, 1), (0.2, 2)])
def test_a_data_key_that_is_too_old_is_replaced(there, example, backups, key, age, calls):
    cached, manager = example[1], backups(age=age)
    watch = there.watch(key)
    sealed_by_sdk(cached, manager, b"monday")
    SystemClock().sleep(0.25)
    sealed_by_sdk(cached, manager, b"tuesday")
    assert len(watch.events("GenerateDataKey")) == calls


def test_each_encryption_context_has_a_data_key_of_its_own(there, example, backups, key):
    cached, manager = example[1], backups()
    watch = there.watch(key)
    for tenant in ("a", "b", "a"):
        sealed_by_sdk(cached, manager, b"x", PURPOSE | {"tenant": tenant})
    assert len(watch.events("GenerateDataKey")) == 2


@pytest.fixture
def by_sdk(there, example, backups, act_as, key):
    """A file of three messages, and how the restoring role opens it."""
    _, cached = example
    text = sealed_by_sdk(cached, backups(), bytes(2_500_000))
    act_as("restore")
    return text, cached.materials(there.role("restore"), key, cached.Limits())


def test_a_large_file_is_opened_with_one_call(there, example, by_sdk, key):
    text, manager = by_sdk
    watch = there.watch(key)
    assert opened_by_sdk(example[1], manager, text) == bytes(2_500_000)
    assert [event["eventName"] for event in watch.events()] == ["Decrypt"]


def test_the_sdk_opens_nothing_with_another_context_or_a_changed_bit(example, by_sdk):
    _, cached = example
    text, manager = by_sdk
    with pytest.raises(cached.WrongFileError):
        opened_by_sdk(cached, manager, text, {"purpose": "other"})
    with pytest.raises((AWSEncryptionSDKClientError, InvalidTag)):
        opened_by_sdk(cached, manager, flipped(text, len(text) // 2))
    place = text.index(b"backup")
    with pytest.raises(AWSEncryptionSDKClientError):
        opened_by_sdk(cached, manager, flipped(text, place))


def test_the_sdk_opens_no_file_whose_messages_are_mixed_or_missing(example, by_sdk):
    _, cached = example
    text, manager = by_sdk
    first = 4 + int.from_bytes(text[:4], "big")
    second = first + 4 + int.from_bytes(text[first : first + 4], "big")
    for mixed in (text[first:second] + text[:first] + text[second:], text[:first] + text[second:]):
        with pytest.raises(cached.WrongFileError):
            opened_by_sdk(cached, manager, mixed)
    with pytest.raises(AWSEncryptionSDKClientError):
        opened_by_sdk(cached, manager, text[:second])


def test_the_commands_of_the_readme_work(tmp_path):
    """In a folder like the example's, on a free port."""
    for path in EXAMPLE.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (script,) = (block.text for block in blocks(EXAMPLE / "README.md") if block.label == "run")
    nobody = environment(user_credentials(), tmp_path, "")
    del nobody["AWS_ENDPOINT_URL"]
    home, paths = str(tmp_path / "kms"), f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", shell_script(script)],
        cwd=tmp_path,
        env=nobody | {"KMSCTL_HOME": home, "PATH": paths},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall("GenerateDataKey .* ok ", done.stdout)) == 2
    assert len(re.findall("Decrypt .* ok ", done.stdout)) == 2
