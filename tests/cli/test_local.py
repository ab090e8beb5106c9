"""`kmsctl local`: the bundled KMS, called directly."""

from __future__ import annotations

import base64
import json
import stat

import pytest


def call(kmsctl, operation, parameters=None, *options, **settings):
    result = kmsctl("local", "call", operation, *([json.dumps(parameters)] if parameters else []), *options, **settings)
    assert result.code == 0, result.err
    return json.loads(result.out)


def create_key(kmsctl, *options):
    return call(kmsctl, "CreateKey", {"Description": "a key"}, *options)["KeyMetadata"]["KeyId"]


@pytest.mark.parametrize("name", ["DescribeKey", "describe-key", "describekey", "DESCRIBEKEY"])
def test_an_operation_may_be_written_as_aws_or_as_its_command_line_does(kmsctl, name):
    key = create_key(kmsctl)
    assert call(kmsctl, name, {"KeyId": key})["KeyMetadata"]["Description"] == "a key"


def test_what_decrypt_answers_is_what_was_encrypted_in_base64(kmsctl):
    secret = base64.b64encode(b"attack at dawn").decode()
    blob = call(kmsctl, "encrypt", {"KeyId": create_key(kmsctl), "Plaintext": secret})["CiphertextBlob"]
    assert call(kmsctl, "decrypt", {"CiphertextBlob": blob})["Plaintext"] == secret


def test_neighbouring_services_answer_too(kmsctl):
    caller = call(kmsctl, "sts:get-caller-identity", None, "--account", "999988887777")
    assert caller["Arn"] == "arn:aws:iam::999988887777:root"
    assert call(kmsctl, "tagging:GetResources", {"ResourceTypeFilters": ["kms:key"]})["ResourceTagMappingList"] == []


def test_the_region_is_where_the_call_goes(kmsctl):
    create_key(kmsctl, "--region", "eu-central-1")
    assert call(kmsctl, "list-keys")["Keys"] == []
    assert len(call(kmsctl, "list-keys", None, "--region", "eu-central-1")["Keys"]) == 1


def test_parameters_come_from_a_file_or_from_standard_input(kmsctl, tmp_path):
    (tmp_path / "p.json").write_text('{"Description": "from a file"}')
    assert (
        json.loads(kmsctl("local", "call", "CreateKey", "@p.json").out)["KeyMetadata"]["Description"] == "from a file"
    )
    answer = kmsctl("local", "call", "CreateKey", "-", stdin=b'{"Description": "from a pipe"}')
    assert json.loads(answer.out)["KeyMetadata"]["Description"] == "from a pipe"


def test_an_instant_may_be_text_or_seconds(kmsctl):
    create_key(kmsctl)
    for start in ("2026-01-01T00:00:00Z", 1767225600, "2026-01-01T00:00:00"):
        assert len(call(kmsctl, "cloudtrail:LookupEvents", {"StartTime": start})["Events"]) >= 1


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("ListKees",), ["no operation 'ListKees'", "did you mean ListKeys?"]),
        (("zzz",), ["no operation 'zzz'"]),
        (("CreateKey", "{"), ["the parameters are not JSON", "why:"]),
        (("CreateKey", "[]"), ["not a JSON object"]),
        (("CreateKey", "[" * 100_000), ["the parameters are not"]),
        (("CreateKey", "@missing.json"), ["missing.json", "No such file"]),
        (("CreateKey", '{"Descripton": "x"}'), ["ValidationException", "Descripton"]),
        (("CreateKey", '{"KeySpec": "AES"}'), ["ValidationException", "keySpec"]),
        (("DescribeKey", '{"KeyId": "nobody"}'), ["NotFoundException"]),
        (("Encrypt", '{"KeyId": "x", "Plaintext": "%"}'), ["Plaintext is not base64", "fix:"]),
        (("cloudtrail:LookupEvents", '{"StartTime": "noon"}'), ["StartTime is no instant"]),
        (("cloudtrail:LookupEvents", '{"StartTime": 1e300}'), ["StartTime is no instant"]),
        (("CreateKey", "--account", "12"), ["'12' is no account id"]),
        (("CreateKey", '{"Tags": "x"}'), ["ValidationException"]),
        (("CreateKey", '{"Description": "\x1b[31m"}'), ["the parameters are not JSON"]),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_a_call_that_cannot_be_made_is_exit_1_and_says_why(kmsctl, argv, said):
    result = kmsctl("local", "call", *argv)
    assert result.code == 1
    assert result.out == ""
    assert result.err.startswith("error: ")
    for text in said:
        assert text in result.err
    assert "\x1b" not in result.err


def test_the_audit_record_shows_every_call_and_no_secret(kmsctl):
    secret = base64.b64encode(b"attack at dawn").decode()
    key = create_key(kmsctl)
    call(kmsctl, "encrypt", {"KeyId": key, "Plaintext": secret})
    kmsctl("local", "call", "DescribeKey", '{"KeyId": "nobody"}')
    text = kmsctl("local", "audit").out
    assert [line.split()[1] for line in text.splitlines()] == ["CreateKey", "Encrypt", "DescribeKey"]
    assert text.splitlines()[2].split()[2] == "NotFoundException"
    events = [json.loads(line) for line in kmsctl("local", "audit", "--output", "json").out.splitlines()]
    assert [event["eventName"] for event in events] == ["CreateKey", "Encrypt", "DescribeKey"]
    assert secret not in text + json.dumps(events)


def test_the_audit_record_can_be_narrowed(kmsctl):
    create_key(kmsctl)
    key = create_key(kmsctl)
    call(kmsctl, "DescribeKey", {"KeyId": key})
    arn = f"arn:aws:kms:us-east-1:111122223333:key/{key}"
    assert len(kmsctl("local", "audit", "--event", "CreateKey").out.splitlines()) == 2
    assert len(kmsctl("local", "audit", "--resource", arn).out.splitlines()) == 2
    assert "DescribeKey" in kmsctl("local", "audit", "--limit", "1").out
    assert kmsctl("local", "audit", "--limit", "0").code == 1


def test_reset_asks_and_then_forgets_everything(kmsctl):
    create_key(kmsctl)
    assert kmsctl("local", "reset").code == 1
    assert kmsctl("local", "reset", stdin=b"no\n", tty=True).code == 1
    assert len(call(kmsctl, "list-keys")["Keys"]) == 1
    result = kmsctl("local", "reset", stdin=b"yes\n", tty=True)
    assert result.code == 0
    assert "Forget all keys in .kmsctl?" in result.err
    assert call(kmsctl, "list-keys")["Keys"] == []


def test_reset_needs_no_question_when_told_so(kmsctl):
    create_key(kmsctl)
    assert kmsctl("local", "reset", "-y").code == 0
    assert call(kmsctl, "list-keys")["Keys"] == []


def test_local_alone_shows_its_help(kmsctl):
    assert kmsctl("local").out == kmsctl("local", "--help").out
    assert "make one call" in kmsctl("local").out


def test_the_data_folder_is_kmsctl_home_and_only_its_owners(kmsctl, tmp_path):
    home = tmp_path / "elsewhere"
    kmsctl("local", "call", "list-keys", environ={"KMSCTL_HOME": str(home)})
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert not (tmp_path / ".kmsctl").exists()


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda home: (home / "root.key").unlink(), "root key"),
        (lambda home: (home / "root.key").write_bytes(b"0" * 32), "root key"),
        (lambda home: (home / "root.key").write_bytes(b"short"), "root key"),
        (lambda home: next(home.glob("*.sqlite*")).write_bytes(b"not a database at all" * 100), "store"),
    ],
    ids=["no root key", "wrong root key", "short root key", "not SQLite"],
)
def test_a_damaged_data_folder_is_told_and_left_as_it_is(kmsctl, tmp_path, break_it, said):
    create_key(kmsctl)
    home = tmp_path / ".kmsctl"
    break_it(home)
    before = {path.name: path.read_bytes() for path in home.iterdir() if not path.name.endswith(("-wal", "-shm"))}
    result = kmsctl("local", "call", "list-keys")
    assert result.code == 1
    assert said in result.err
    assert "fix:" in result.err
    after = {path.name: path.read_bytes() for path in home.iterdir() if not path.name.endswith(("-wal", "-shm"))}
    assert after == before


def test_a_data_folder_that_may_not_be_written_is_told(kmsctl):
    result = kmsctl("local", "call", "list-keys", environ={"KMSCTL_HOME": "/proc/kmsctl"})  # not even by root
    assert result.code == 1
    assert "/proc/kmsctl" in result.err
    assert "fix:" in result.err


def test_a_data_folder_that_is_a_file_is_told(kmsctl, tmp_path):
    (tmp_path / ".kmsctl").write_text("")
    result = kmsctl("local", "call", "list-keys")
    assert result.code == 1
    assert ".kmsctl" in result.err
    assert "fix:" in result.err


@pytest.mark.parametrize("command", [("call", "DescribeKey"), ("audit", "--output", "json"), ("audit",)], ids=" ".join)
def test_what_a_stranger_wrote_into_the_store_obeys_no_terminal(kmsctl, command):
    made = json.loads(
        kmsctl("local", "call", "CreateKey", json.dumps({"Description": "a\x9b31m\u202eb\x1b]0;x\x07"})).out
    )
    more = [json.dumps({"KeyId": made["KeyMetadata"]["KeyId"]})] if command[0] == "call" else []
    result = kmsctl("local", *command, *more)
    assert result.code == 0, result.err
    assert not {"\x9b", "\u202e", "\x1b", "\x07"} & set(result.out)
