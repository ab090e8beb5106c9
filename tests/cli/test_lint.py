"""`kmsctl lint`: what it reads, what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

KEY = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: payments
  annotations: {%(annotations)s}
spec:
  aliases: [payments]
  tags: {team: payments}
  rotation:
    automatic: {}
  policy:
    document:
      Version: "2012-10-17"
      Statement:
        - Sid: Administration
          Effect: Allow
          Principal: {AWS: "${aws:accountId}"}
          Action: kms:*
          Resource: "*"
        %(comment)s
        - Sid: Reports
          Effect: Allow
          Principal: %(principal)s
          Action: kms:Decrypt
          Resource: "*"
"""
ROLE = '{AWS: "arn:aws:iam::${aws:accountId}:role/reports"}'


def manifest(principal: str = '"*"', annotations: str = "", comment: str = "") -> bytes:
    return (KEY % {"principal": principal, "annotations": annotations, "comment": comment}).encode()


@pytest.fixture
def linted(kmsctl):
    """What `kmsctl lint --output json` says of a manifest on standard input, and its exit code."""

    def lint(text: bytes, *argv: str):
        result = kmsctl("lint", "-f", "-", "--output", "json", *argv, stdin=text)
        return result.code, json.loads(result.out)

    return lint


def ids(report, *, aside: bool = False):
    return [one["check"] for one in report["findings"] if (one["suppressed"] is not None) is aside]


def test_an_error_ends_the_run_with_3(kmsctl):
    Path("keys.yaml").write_bytes(manifest())
    result = kmsctl("lint", "-f", "keys.yaml")
    assert result.code == 3
    assert result.out.startswith("keys.yaml:21:11: error: Key/payments: ")
    assert "\n   21 |         - Sid: Reports\n" in result.out
    assert result.err == ""


def test_a_good_key_is_told_so(kmsctl):
    result = kmsctl("lint", "-f", "-", stdin=manifest(ROLE))
    assert (result.code, result.out) == (0, "Nothing found in 1 key.\n")


@pytest.mark.parametrize(("threshold", "code"), [("error", 0), ("warning", 3), ("note", 3)])
def test_warnings_fail_a_run_that_says_so(linted, threshold, code):
    text = manifest(ROLE).replace(b"  rotation:\n    automatic: {}\n", b"")
    found = linted(text, "--severity-threshold", threshold)
    assert found[0] == code
    assert found[1]["summary"]["errors"] == 0


@pytest.mark.parametrize(
    "text",
    [
        manifest(annotations='kms.reconciler.dev/lint-ignore: "KC201: published figures"'),
        manifest(comment="# kmsctl:ignore KC201 published figures"),
    ],
    ids=["annotation", "comment"],
)
def test_what_the_manifest_sets_aside_does_not_count(linted, text):
    code, report = linted(text)
    assert (code, ids(report), ids(report, aside=True)) == (0, [], ["KC201"])
    assert report["findings"][0]["suppressed"] == "published figures"


def test_the_settings_of_the_directory_set_aside_and_weigh(linted):
    Path("kmsctl.yaml").write_text("lint: {ignore: {KC201: figures}, severity: {KC408: error}}\n")
    code, report = linted(manifest().replace(b"automatic: {}", b"onDemand: {serial: 1}"))
    assert (code, ids(report), ids(report, aside=True)) == (3, ["KC408"], ["KC201"])


@pytest.mark.parametrize("setting", ["ignore: {KC999: x}", "severity: {KC999: error}"])
def test_settings_about_a_check_that_there_is_not_are_an_error(kmsctl, setting):
    Path("kmsctl.yaml").write_text(f"lint: {{{setting}}}\n")
    result = kmsctl("lint", "-f", "-", stdin=manifest())
    assert result.code == 1
    assert "KC999, and there is no such check" in result.err


def test_manifests_with_errors_are_told_as_validate_tells_them(kmsctl):
    result = kmsctl("lint", "-f", "-", stdin=manifest().replace(b"spec:", b"spec:\n  keySpce: x"))
    assert result.code == 1
    assert "[unknown-field]" in result.err
    assert result.out == ""


def test_without_manifests_there_is_nothing_to_look_at(kmsctl):
    result = kmsctl("lint")
    assert result.code == 1
    assert "no manifests are given" in result.err


@pytest.mark.parametrize(
    ("output", "begins"),
    [
        ("sarif", '{\n  "$schema": "https://docs.oasis-open.org/sarif/'),
        ("junit", "<?xml "),
        ("github", "::error title=KC201"),
    ],
)
def test_every_format_is_printed_with_the_same_exit_code(kmsctl, output, begins):
    result = kmsctl("lint", "-f", "-", "--output", output, stdin=manifest())
    assert result.code == 3
    assert result.out.startswith(begins)


def test_a_manifest_is_looked_at_without_any_kms(process):
    """A run that opened the bundled KMS would leave its folder behind."""
    result = process("lint", "-f", "-", stdin=manifest(), environ={})
    assert result.code == 3
    assert not Path(".kmsctl").exists()


class TestLive:
    """Keys as they are, in the bundled KMS."""

    @pytest.fixture(autouse=True)
    def _applied(self, kmsctl):
        Path("keys.yaml").write_bytes(manifest(ROLE))
        assert kmsctl("apply", "-f", "keys.yaml", "-y").code == 0

    def found(self, kmsctl, *argv):
        result = kmsctl("lint", "--live", "--output", "json", *argv)
        return result.code, json.loads(result.out)

    def opened(self, kmsctl, key):
        """Somebody lets everybody in."""
        described = json.loads(kmsctl("local", "call", "describe-key", json.dumps({"KeyId": key})).out)
        key = described["KeyMetadata"]["KeyId"]
        answer = kmsctl("local", "call", "get-key-policy", json.dumps({"KeyId": key}))
        policy = json.loads(json.loads(answer.out)["Policy"])
        policy["Statement"].append({"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"})
        call = {"KeyId": key, "Policy": json.dumps(policy)}
        assert kmsctl("local", "call", "put-key-policy", json.dumps(call)).code == 0

    def test_a_key_that_somebody_opened_is_found_though_its_manifest_is_good(self, kmsctl):
        self.opened(kmsctl, "alias/payments")
        assert kmsctl("lint", "-f", "keys.yaml").code == 0
        code, report = self.found(kmsctl, "-f", "keys.yaml")
        assert (code, ids(report)) == (3, ["KC201"])
        assert report["findings"][0]["resource"] == "Key/payments"
        assert report["targets"][0]["accountId"] == "111122223333"

    def test_an_annotation_sets_aside_what_is_found_in_the_key_too(self, kmsctl):
        self.opened(kmsctl, "alias/payments")
        annotation = 'kms.reconciler.dev/lint-ignore: "KC201: figures; KC999: no such check"'
        Path("keys.yaml").write_bytes(manifest(ROLE, annotations=annotation))
        code, report = self.found(kmsctl, "-f", "keys.yaml")
        assert (code, ids(report), ids(report, aside=True)) == (0, [], ["KC201"])

    def test_without_manifests_every_key_of_the_account_is_looked_at(self, kmsctl):
        made = json.loads(kmsctl("local", "call", "create-key", "{}").out)["KeyMetadata"]
        self.opened(kmsctl, made["KeyId"])
        code, report = self.found(kmsctl)
        assert (code, report["summary"]["keys"]) == (3, 2)
        assert {one["resource"] for one in report["findings"] if one["check"] == "KC201"} == {made["Arn"]}
        assert report["findings"][0]["position"] is None

    def test_with_manifests_the_keys_of_others_are_left_alone(self, kmsctl):
        kmsctl("local", "call", "create-key", "{}")
        assert self.found(kmsctl, "-f", "keys.yaml")[1]["summary"]["keys"] == 1


PEOPLE = """\
accounts:
  "111122223333":
    users:
      alice: {policies: [everything, everything]}
      bob: {policies: [everything], boundary: everything}
    roles:
      reports:
        trust: {Statement: {Effect: Allow, Principal: {AWS: "111122223333"}, Action: "sts:AssumeRole"}}
        policies:
          - {Version: "2012-10-17", Statement: {Effect: Allow, Action: "kms:Decrypt", Resource: "*"}}
policies:
  everything: {Version: "2012-10-17", Statement: {Effect: Allow, Action: "*", Resource: "*"}}
"""


def test_iam_policies_that_reach_every_key_are_found_once_each(kmsctl):
    Path("people.yaml").write_text(PEOPLE)
    Path("people.yaml").chmod(0o600)
    found = json.loads(kmsctl("lint", "--identities", "people.yaml", "--output", "json").out)["findings"]
    assert [(one["check"], one["resource"]) for one in found] == [
        ("KC307", "inline policy 1 of arn:aws:iam::111122223333:role/reports"),
        ("KC306", "the policy everything"),
    ]


def test_iam_policies_are_looked_at_beside_keys(kmsctl):
    Path("people.yaml").write_text(PEOPLE)
    Path("people.yaml").chmod(0o600)
    result = kmsctl("lint", "-f", "-", "--identities", "people.yaml", "--output", "json", stdin=manifest())
    assert {"KC201", "KC306", "KC307"} <= set(ids(json.loads(result.out)))
    assert result.code == 3


POLICY = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: KeyPolicy
metadata:
  name: house
spec:
  document:
    Version: "2012-10-17"
    Statement:
      - {Sid: Admin, Effect: Allow, Principal: {AWS: "111122223333"}, Action: "kms:*", Resource: "*"}
      - {Effect: Allow, Principal: {AWS: "arn:aws:iam::111122223333:role/ci"}, Action: "kms:Sign", Resource: "*"}
      - {Sid: Open, Effect: Allow, Principal: "*", Action: "kms:Verify", Resource: "*"}
"""
REFERRING = """\
---
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata: {name: k}
spec: {policyRef: {name: house}, aliases: [k], tags: {a: b}, keySpec: RSA_3072, keyUsage: SIGN_VERIFY}
"""


def test_a_policy_that_no_key_refers_to_is_looked_at(linted):
    code, report = linted(POLICY.encode())
    assert (code, ids(report), report["findings"][0]["resource"]) == (3, ["KC201"], "KeyPolicy/house")
    assert report["findings"][0]["position"]["line"] == 11


def test_a_policy_that_a_key_refers_to_is_looked_at_with_the_key(linted):
    _, report = linted((POLICY + REFERRING).encode())
    assert {one["resource"] for one in report["findings"] if one["check"] == "KC201"} == {"Key/k"}
