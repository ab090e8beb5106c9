"""AccessTests in the main job: validate, plan, apply and saved plans refuse what fails, and nothing is changed."""

from __future__ import annotations

import json

import pytest

from tests.manifest.build import manifest
from tests.plan.access.expecting import DELEGATING, expects, key, line

ROOT = "arn:aws:iam::111122223333:root"
OPEN = key(DELEGATING, more=", aliases: [db]")
CLOSED = key(
    "{statements: [{Sid: OnlyRoot, Effect: Deny, Principal: '*', Action: 'kms:Decrypt', Resource: '*', Condition: "
    f"{{StringNotEquals: {{'aws:PrincipalArn': '{ROOT}'}}}}}}]}}",
    more=", aliases: [db]",
)
HELD = expects(line("role/app", "Decrypt"), line("*", "'*'"))
FAILING = expects(deny=line("role/app", "Decrypt"))
TARGET = manifest("Target", "lab", "{backend: local, accountId: '111122223333'}")
SAID = (
    "AccessTest/t (keys.yaml:10): arn:aws:iam::111122223333:role/app must be denied kms:Decrypt on Key/db, and is "
    "allowed: the key policy allows it: statement AllowUse (keys.yaml:5)"
)


@pytest.fixture
def keys(tmp_path):
    """Write manifests to `keys.yaml`."""

    def write(*texts):
        (tmp_path / "keys.yaml").write_text("".join(texts))

    return write


def unwrapped(text: str) -> str:
    return " ".join(text.split())


def aliases(kmsctl) -> list[str]:
    return [alias["AliasName"] for alias in json.loads(kmsctl("local", "call", "ListAliases").out)["Aliases"]]


def test_tests_that_hold_are_counted_and_stand_in_nobodys_way(kmsctl, keys):
    keys(OPEN, HELD)
    assert kmsctl("validate", "-f", "keys.yaml").out == "Valid: 1 key, 1 alias, 1 access test.\n"
    assert kmsctl("plan", "-f", "keys.yaml").code == 0
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    assert "No changes. Your keys match the manifests. 2 unchanged. 1 access test passed." in (
        kmsctl("plan", "-f", "keys.yaml").out
    )


def test_validate_tells_the_place_what_is_expected_what_is_true_and_what_decides(kmsctl, keys):
    keys(OPEN, FAILING)
    result = kmsctl("validate", "-f", "keys.yaml")
    assert (result.code, result.out) == (3, "")
    head, quoted, caret, why, fix = result.err.splitlines()
    role = "arn:aws:iam::111122223333:role/app"
    told = f"AccessTest/t: {role} must be denied kms:Decrypt on Key/db, and is allowed"
    assert head == f"keys.yaml:10:39: error: {told} [access-test]"
    assert "mustDeny" in quoted
    assert caret.endswith("^")
    assert why == "  why: the key policy allows it: statement AllowUse (keys.yaml:5)"
    assert fix.startswith("  fix: ")


def test_validate_tells_machines_the_same(kmsctl, keys):
    keys(OPEN, FAILING)
    result = kmsctl("validate", "-f", "keys.yaml", "--output", "json")
    (found,) = json.loads(result.out)["diagnostics"]
    assert (result.code, found["name"], found["position"]["line"]) == (3, "access-test", 10)


def test_what_only_the_account_can_tell_is_left_to_plan_and_said(kmsctl, keys):
    keys(OPEN, expects(deny=line("444455556666", "Decrypt")))
    result = kmsctl("validate", "-f", "keys.yaml")
    assert (result.code, result.out) == (0, "Valid: 1 key, 1 alias, 1 access test.\n")
    assert "warning: AccessTest/t: manifests alone do not tell" in result.err
    assert "fix: kmsctl plan and apply hold it against the account" in result.err
    assert kmsctl("plan", "-f", "keys.yaml").code == 0
    machines = json.loads(kmsctl("validate", "-f", "keys.yaml", "--output", "json").out)
    assert (machines["errors"], machines["warnings"]) == (0, 1)


def test_a_plan_that_a_test_refuses_shows_why_and_ends_with_3(kmsctl, keys):
    keys(OPEN, FAILING)
    result = kmsctl("plan", "-f", "keys.yaml")
    assert result.code == 3
    assert f"! forbidden: access-test: {SAID}" in unwrapped(result.out)
    assert "change the manifests" in result.err
    machines = kmsctl("plan", "-f", "keys.yaml", "--output", "json")
    (risk,) = [
        risk
        for change in json.loads(machines.out)["changes"]
        for risk in change["risks"]
        if risk["name"] == "access-test"
    ]
    assert (machines.code, risk["level"], risk["why"]) == (3, "forbidden", SAID)
    assert "access-test" in kmsctl("plan", "-f", "keys.yaml", "--output", "markdown").out


@pytest.mark.parametrize("allow", [(), ("--allow", "access-test"), ("--allow", "access-test:Key/db")])
def test_nothing_is_applied_whatever_is_allowed(kmsctl, keys, allow):
    keys(OPEN, FAILING)
    result = kmsctl("apply", "-f", "keys.yaml", "-y", *allow)
    assert result.code == 3
    assert f"Key/db: access-test: {SAID}" in unwrapped(result.err)
    assert aliases(kmsctl) == []


def test_a_saved_plan_that_a_test_refuses_is_refused(kmsctl, keys):
    keys(OPEN, FAILING)
    assert kmsctl("plan", "-f", "keys.yaml", "-o", "plan.json").code == 3
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert "access-test" in result.err
    assert aliases(kmsctl) == []


def test_a_saved_plan_is_held_against_what_somebody_did_since(kmsctl, keys):
    keys(CLOSED)
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    keys(CLOSED.replace("aliases: [db]", "aliases: [db, more]"), expects(deny=line("role/app", "Decrypt")))
    assert kmsctl("plan", "-f", "keys.yaml", "-o", "plan.json").code == 0
    grant = {"GranteePrincipal": "arn:aws:iam::111122223333:role/app", "Operations": ["Encrypt"], "KeyId": "alias/db"}
    key_id = json.loads(kmsctl("local", "call", "DescribeKey", '{"KeyId": "alias/db"}').out)["KeyMetadata"]["KeyId"]
    document = json.loads(kmsctl("local", "call", "GetKeyPolicy", json.dumps({"KeyId": key_id})).out)["Policy"]
    opened = json.loads(document)
    opened["Statement"] = [one for one in opened["Statement"] if one["Sid"] != "OnlyRoot"]
    body = {"KeyId": key_id, "Policy": json.dumps(opened)}
    assert kmsctl("local", "call", "PutKeyPolicy", json.dumps(body)).code == 0
    assert kmsctl("local", "call", "CreateGrant", json.dumps({**grant, "KeyId": key_id})).code == 0
    result = kmsctl("apply", "plan.json", "-y")
    assert result.code == 3
    assert aliases(kmsctl) == ["alias/db"]


def test_a_key_with_a_test_is_read_with_the_grants_that_nobody_declared(kmsctl, keys):
    keys(key("{delegateToIam: true, statements: []}", more=", aliases: [db]"))
    assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0
    key_id = json.loads(kmsctl("local", "call", "DescribeKey", '{"KeyId": "alias/db"}').out)["KeyMetadata"]["KeyId"]
    grant = {"KeyId": key_id, "GranteePrincipal": "arn:aws:iam::444455556666:role/x", "Operations": ["Decrypt"]}
    made = json.loads(kmsctl("local", "call", "CreateGrant", json.dumps(grant)).out)["GrantId"]
    keys(
        "", manifest("Key", "db", "{aliases: [db]}"), expects(deny=line("arn:aws:iam::444455556666:role/x", "Decrypt"))
    )
    result = kmsctl("plan", "-f", "keys.yaml")
    assert result.code == 3
    assert f"a grant allows it: grant {made}" in unwrapped(result.out)


def test_destroying_asks_no_test(kmsctl, keys):
    keys(OPEN)
    kmsctl("apply", "-f", "keys.yaml", "-y")
    keys(OPEN, FAILING)
    assert kmsctl("destroy", "-f", "keys.yaml", "-y").code == 0


def test_what_drift_broke_is_told_by_plan_though_nothing_changes(kmsctl, keys):
    keys(manifest("Key", "db", "{aliases: [db]}"))
    kmsctl("apply", "-f", "keys.yaml", "-y")
    keys(manifest("Key", "db", "{aliases: [db]}"), expects(deny=line("role/app", "Decrypt")))
    result = kmsctl("plan", "-f", "keys.yaml")
    assert result.code == 3
    assert "is left to IAM policies" in unwrapped(result.out)
    assert "statement Enable IAM User Permissions" in unwrapped(result.out)
    assert "Access tests fail in 1 place: nothing can be applied until that is resolved." in result.out


DEFAULT = key("{delegateToIam: true}", more=", aliases: [db]")
READER = expects(line("role/app", "Decrypt"), line("role/app", "Encrypt"))
IAM = """\
accounts:
  "111122223333":
    roles:
      app:
        trust: {Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}}
        policies: [{Statement: {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}}]
"""


@pytest.fixture
def iam(tmp_path):
    (tmp_path / "iam.yaml").write_text(IAM)
    (tmp_path / "iam.yaml").chmod(0o600)
    return ("--identities", "iam.yaml")


def test_what_a_key_leaves_to_iam_is_decided_by_an_identities_file(kmsctl, keys, iam):
    keys(TARGET, DEFAULT, READER)
    given = ("-f", "keys.yaml", "--target", "lab")
    assert kmsctl("validate", *given).code == 3
    assert kmsctl("validate", *given, *iam).code == 0
    assert kmsctl("validate", *given, *iam, "--output", "json").code == 0
    assert kmsctl("plan", *given).code == 3
    assert kmsctl("plan", *given, *iam, "-o", "plan.json").code == 0
    assert kmsctl("apply", "plan.json", "-y").code == 3
    assert kmsctl("apply", "plan.json", "-y", *iam).code == 0
    assert kmsctl("apply", *given, "-y", *iam).code == 0


def test_an_iam_policy_that_allows_what_a_test_forbids_is_named(kmsctl, keys, iam):
    keys(DEFAULT, expects(deny=line("role/app", "Decrypt")))
    result = kmsctl("plan", "-f", "keys.yaml", *iam)
    assert result.code == 3
    assert (
        "is allowed: an identity policy allows it, by leave of the account: statement number 1 of inline policy 1"
        in (unwrapped(result.out))
    )


def test_the_bundled_kms_has_no_iam_that_tests_could_be_judged_by(kmsctl, keys):
    keys(DEFAULT, READER)
    result = kmsctl("plan", "-f", "keys.yaml", "--iam")
    assert (result.code, "the bundled KMS has no IAM to read" in result.err) == (1, True)
    keys(DEFAULT)
    assert kmsctl("plan", "-f", "keys.yaml", "--iam").code == 0
