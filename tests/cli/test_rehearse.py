"""`kmsctl plan --rehearse`: what it prints, in which format, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.samples import GRANT, ORDERS
from tests.report.schemas import check

LOCKED = ORDERS.replace(
    "  policy:\n    administrators: [role/platform]\n    users: [role/orders-api]\n",
    "  policy:\n    document: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*', "
    "Principal: {AWS: 'arn:aws:iam::111122223333:role/somebody'}}]}\n",
)
REHEARSE = ("plan", "-f", "keys.yaml", "--rehearse")


@pytest.fixture
def manifests(tmp_path):
    """Write what there is to be."""

    def write(*texts):
        (tmp_path / "keys.yaml").write_text("".join(texts))

    write(ORDERS, GRANT)
    return write


def test_a_rehearsal_stands_below_the_plan(kmsctl, manifests):
    result = kmsctl(*REHEARSE)
    assert (result.code, result.err) == (0, "")
    plan, _, rehearsal = result.out.partition("\n\nRehearsal on a copy: ")
    assert "Plan: 3 to create" in plan
    assert rehearsal.startswith("4 steps done in 8 calls.\n  time: under a second")
    assert rehearsal.endswith("next plan: nothing is left to do\n")


def test_nothing_was_made(kmsctl, manifests):
    kmsctl(*REHEARSE)
    assert kmsctl("plan", "-f", "keys.yaml", "--detailed-exitcode").code == 2
    called = kmsctl("local", "audit").out
    assert "Create" not in called


def test_a_failing_rehearsal_is_a_refusal_with_or_without_the_detailed_exit_code(kmsctl, manifests):
    manifests(LOCKED)
    result = kmsctl(*REHEARSE)
    assert result.code == 3
    assert "failed Key/orders keys.yaml:1: create" in result.out
    assert "MalformedPolicyDocumentException" in result.out
    assert "skipped Alias/orders" in result.out
    assert kmsctl(*REHEARSE, "--detailed-exitcode", "--allow", "policy-lockout").code == 3


def test_a_rehearsal_that_goes_well_leaves_the_exit_code_to_the_plan(kmsctl, manifests):
    assert kmsctl(*REHEARSE, "--detailed-exitcode").code == 2
    kmsctl("apply", "-f", "keys.yaml", "-y")
    result = kmsctl(*REHEARSE, "--detailed-exitcode")
    assert result.code == 0
    assert result.out.endswith("Rehearsal on a copy: 0 steps done in 0 calls.\n  next plan: nothing is left to do\n")


def test_for_machines_it_is_part_of_the_plan(kmsctl, manifests):
    manifests(LOCKED)
    result = kmsctl(*REHEARSE, "--output", "json")
    assert result.code == 3
    (failure,) = check("plan", result.out)["rehearsal"]["failures"]
    assert failure["error"]["code"] == "MalformedPolicyDocumentException"
    assert failure["position"] == {"file": "keys.yaml", "line": 1, "column": 1}
    assert "rehearsal" not in json.loads(kmsctl("plan", "-f", "keys.yaml", "--output", "json").out)


def test_in_a_comment_it_has_a_heading_of_its_own(kmsctl, manifests):
    out = kmsctl(*REHEARSE, "--output", "markdown").out
    assert "\n\n#### Rehearsal on a copy\n\n**4 steps done in 8 calls.**\n" in out


def test_a_blocked_plan_is_not_rehearsed_and_that_is_said(kmsctl, manifests):
    kmsctl("apply", "-f", "keys.yaml", "-y")
    manifests(
        ORDERS.replace("spec:\n", "spec:\n  keySpec: HMAC_256\n").replace(
            "automatic: {periodDays: 365}", "none: {reason: x}"
        )
    )
    result = kmsctl(*REHEARSE)
    assert result.code == 3
    assert "the plan is not rehearsed: something in it is blocked" in result.err
    assert "Rehearsal" not in result.out


def test_an_identities_file_says_who_there_is(kmsctl, manifests, tmp_path):
    (tmp_path / "identities.yaml").write_text(
        "accounts:\n  '111122223333':\n    roles:\n      platform: {trust: {Statement: {Effect: Allow, "
        "Principal: '*', Action: 'sts:AssumeRole'}}}\n"
    )
    result = kmsctl(*REHEARSE, "--identities", "identities.yaml")
    assert result.code == 3
    assert "KMS does not know a principal" in result.out
    assert "about 1 min" in result.out


def test_iam_of_the_bundled_kms_is_not_to_be_asked(kmsctl, manifests):
    result = kmsctl(*REHEARSE, "--iam")
    assert result.code == 1
    assert "the bundled KMS has no IAM to read" in result.err


def test_a_saved_plan_is_saved_as_without_a_rehearsal(kmsctl, manifests):
    kmsctl(*REHEARSE, "-o", "with.json")
    kmsctl("plan", "-f", "keys.yaml", "-o", "without.json")
    assert Path("with.json").read_text() == Path("without.json").read_text()


@pytest.mark.moto
def test_a_plan_for_another_kms_is_rehearsed_in_this_process(kmsctl, manifests, moto_endpoint):
    aws = ("--backend", "aws", "--endpoint-url", moto_endpoint, "--region", "eu-west-3")
    before = kmsctl(*REHEARSE, *aws)
    assert before.code == 0, before.err
    assert "4 steps done" in before.out
    assert kmsctl("show", *aws, "-f", "keys.yaml").out.count("orders") == 0
    assert kmsctl("apply", "-f", "keys.yaml", *aws, "-y").code == 0
    manifests(ORDERS.replace("Encrypts orders", "Orders"), GRANT)
    after = kmsctl(*REHEARSE, *aws)
    assert after.code == 0, after.err
    assert "next plan: nothing is left to do" in after.out
