"""A saved plan is applied as it was reviewed, or refused with exit 3 and nothing touched."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from reconciler.kit.canonical import digest
from tests.cli.samples import GRANT, ORDERS, target


@pytest.fixture
def saved(kmsctl, tmp_path):
    """A plan of three creations in `plan.json`."""
    (tmp_path / "keys.yaml").write_text(ORDERS + GRANT)
    result = kmsctl("plan", "-f", "keys.yaml", "-o", "plan.json")
    assert result.code == 0, result.err
    return tmp_path / "plan.json"


def call(kmsctl, operation, parameters=None):
    result = kmsctl("local", "call", operation, json.dumps(parameters or {}))
    assert result.code == 0, result.err
    return json.loads(result.out)


def mutations(kmsctl):
    events = [json.loads(line) for line in kmsctl("local", "audit", "--output", "json").out.splitlines()]
    return [event["eventName"] for event in events if not event["readOnly"]]


def test_it_is_its_owner_s_alone_and_holds_everything_that_applying_takes(kmsctl, saved, tmp_path):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    (tmp_path / "keys.yaml").unlink()
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 0, result.err
    assert "Apply: 4 steps done." in result.out


def test_it_asks_like_any_other_apply(kmsctl, saved):
    assert kmsctl("apply", "plan.json").code == 1
    assert mutations(kmsctl) == []
    assert kmsctl("apply", "plan.json", stdin=b"yes\n", tty=True).code == 0


def test_applied_twice_it_is_stale_the_second_time(kmsctl, saved):
    assert kmsctl("apply", "plan.json", "-y").code == 0
    before = mutations(kmsctl)
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert "stale" in result.err
    assert mutations(kmsctl) == before


def test_a_change_of_anything_that_it_touches_makes_it_stale(kmsctl, saved, tmp_path):
    assert kmsctl("apply", "plan.json", "-y").code == 0
    (tmp_path / "keys.yaml").write_text(ORDERS.replace("Encrypts orders", "Encrypts all orders"))
    assert kmsctl("plan", "-f", "keys.yaml", "-o", "plan.json").code == 0
    key = call(kmsctl, "DescribeKey", {"KeyId": "alias/orders"})["KeyMetadata"]["KeyId"]
    call(kmsctl, "TagResource", {"KeyId": key, "Tags": [{"TagKey": "a", "TagValue": "b"}]})
    before = mutations(kmsctl)
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert "Key/orders" in result.err
    assert mutations(kmsctl) == before


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text.replace("Encrypts orders", "Encrypts 0rders"), "edited or damaged"),
        (lambda text: text.replace('"us-east-1"', '"us-east-2"'), "edited or damaged"),
        (lambda text: text[: len(text) // 2], "not JSON, or cut short"),
        (lambda text: "", "not JSON, or cut short"),
        (lambda text: '{"terraform_version": "1.9"}', "no plan file of kmsctl"),
        (lambda text: "[]", "no plan file of kmsctl"),
        (lambda text: text.replace('"formatVersion": 1', '"formatVersion": 99'), "format version 99"),
    ],
    ids=["edited", "another region", "truncated", "empty", "foreign", "a list", "another version"],
)
def test_what_is_not_the_plan_that_was_saved_is_refused_and_touches_nothing(kmsctl, saved, spoil, said):
    saved.write_text(spoil(saved.read_text()))
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert said in result.err
    assert "fix:" in result.err
    assert mutations(kmsctl) == []


def test_binary_rubbish_is_refused(kmsctl, saved):
    saved.write_bytes(b"\x00\xff\xfe\x01")
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert "no plan file" in result.err


def test_a_plan_that_is_nested_without_end_is_refused(kmsctl, saved):
    saved.write_text("[" * 200_000)
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing.json", "No such file"),
        (".", "kmsctl apply -f ."),
        ("keys.yaml", "kmsctl apply -f keys.yaml"),
        ("-", "kmsctl apply -f -"),
        ("a\0b", "cannot read the plan"),
    ],
    ids=["missing", "a folder", "manifests", "standard input", "a null byte"],
)
def test_a_plan_that_cannot_be_read_is_told(kmsctl, saved, path, said):
    result = kmsctl("apply", path, "-y")
    assert result.code == 1
    assert said in result.err


@pytest.mark.parametrize(
    "options",
    [("-f", "keys.yaml"), ("--region", "eu-west-1"), ("--target", "prod"), ("--backend", "aws"), ("--prune",)],
    ids=" ".join,
)
def test_what_would_contradict_it_cannot_be_given_with_it(kmsctl, saved, options):
    result = kmsctl("apply", "plan.json", "-y", *options)
    assert result.code == 1
    assert f"{options[0]} cannot be given with a saved plan" in result.err
    assert mutations(kmsctl) == []


def test_a_danger_in_it_still_has_to_be_allowed(kmsctl, saved, tmp_path):
    assert kmsctl("apply", "plan.json", "-y").code == 0
    call(kmsctl, "Encrypt", {"KeyId": "alias/orders", "Plaintext": "aGVsbG8="})
    (tmp_path / "keys.yaml").write_text(ORDERS + "  enabled: false\n" + GRANT)
    assert kmsctl("plan", "-f", "keys.yaml", "-o", "plan.json").code == 0
    refused = kmsctl("apply", "plan.json", "-y")
    assert refused.code == 3
    assert "--allow key-in-use:Key/orders" in refused.err
    assert kmsctl("apply", "plan.json", "-y", "--allow", "key-in-use").code == 0


def test_it_is_refused_in_another_account(kmsctl, tmp_path, monkeypatch):
    from reconciler.workflow import targets

    (tmp_path / "keys.yaml").write_text(
        ORDERS + target("lab", account="444455556666").replace('  accountId: "444455556666"\n', "")
    )
    assert kmsctl("plan", "-f", "keys.yaml", "--target", "lab", "-o", "plan.json").code == 0
    monkeypatch.setattr(targets, "LOCAL_ACCOUNT", "999988887777")
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert "the plan is for account 111122223333" in result.err
    assert "999988887777" in result.err


def test_a_plan_that_cannot_be_saved_is_told(kmsctl, saved):
    result = kmsctl("plan", "-f", "keys.yaml", "-o", "missing/plan.json")
    assert result.code == 1
    assert "cannot write missing/plan.json" in result.err


def forge(path: Path, edit) -> None:
    """Let `edit` change what is in the plan file `path`, and make the digest fit."""
    content = json.loads(path.read_text())
    del content["digest"]
    edit(content)
    path.write_text(json.dumps({**content, "digest": digest(content)}, indent=1, sort_keys=True) + "\n")


def changes_of(content, kind):
    found = content["plan"]["changes"]
    return [change for change in found if change["address"]["kind"]["$enum"][1] == kind]


def untyped(content):
    content["plan"]["stack"] = 7


def not_a_number(content):
    content["plan"]["cost"]["after"] = float("nan")


def without_a_scope(content):
    content["scopes"] = {}


def of_nobody_s_key(content):
    (key,) = changes_of(content, "Key")
    handle = {"$type": "ExistingKey", "key": "0" * 8}
    key["steps"] = [{"$type": "ScheduleDeletion", "key": handle, "window": 7}]


def deep(content):
    content["plan"]["changes"] = value = []
    for _ in range(400):
        value.append([])
        value = value[0]


@pytest.mark.parametrize("edit", [untyped, not_a_number, without_a_scope, of_nobody_s_key, deep])
def test_a_file_that_somebody_signed_anew_is_refused_and_touches_nothing(kmsctl, saved, edit):
    forge(saved, edit)
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3, result.err
    assert mutations(kmsctl) == []


def test_a_danger_that_was_taken_out_of_it_is_found_again(kmsctl, saved, tmp_path):
    assert kmsctl("apply", "plan.json", "-y").code == 0
    call(kmsctl, "Encrypt", {"KeyId": "alias/orders", "Plaintext": "aGVsbG8="})
    (tmp_path / "keys.yaml").write_text(ORDERS + "  enabled: false\n" + GRANT)
    assert kmsctl("plan", "-f", "keys.yaml", "-o", "plan.json").code == 0

    def harmless(content):
        for change in content["plan"]["changes"]:
            change["risks"] = []

    forge(saved, harmless)
    refused = kmsctl("apply", "plan.json", "-y")
    assert refused.code == 3
    assert "--allow key-in-use:Key/orders" in refused.err


def test_where_it_leads_is_said_before_anything_is_asked(kmsctl, saved):
    result = kmsctl("apply", "plan.json")
    assert "the saved plan leads to the bundled KMS: account 111122223333 in us-east-1, as arn:" in result.err


def test_the_way_that_a_file_takes_to_aws_is_told():
    from reconciler.cli.places import places
    from reconciler.model.observed import Account
    from reconciler.model.target import Target

    target = Target(
        backend="aws", profile="admin", role_arn="arn:aws:iam::444455556666:role/x", endpoint_url="https://kms.evil\x1b"
    )
    account = Account("444455556666", "us-east-1", "aws", "arn:aws:sts::444455556666:assumed-role/x/kmsctl")
    said = places({"": target}, {"": account})
    assert said == (
        "the saved plan leads to AWS: account 444455556666 in us-east-1, as "
        "arn:aws:sts::444455556666:assumed-role/x/kmsctl, endpoint https://kms.evil\\x1b, profile admin, "
        "role arn:aws:iam::444455556666:role/x\n"
    )


def test_after_saving_a_plan_the_command_that_applies_it_is_named(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    for name, shown in (("plan.json", "plan.json"), ("my plan", "'my plan'")):
        result = kmsctl("plan", "-f", "keys.yaml", "-o", name, "--output", "json")
        assert result.err == f"saved: kmsctl apply {shown}\n"
        assert json.loads(result.out)["summary"]["create"] == 2
