"""kmsctl against AWS's API over HTTP: another KMS, and services that refuse."""

from __future__ import annotations

import json

import pytest

from tests.cli.samples import GRANT, ORDERS, target
from tests.support.rawserver import answer_error, answer_query, raw_server


@pytest.fixture
def keys(tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS + GRANT)


@pytest.mark.moto
def test_the_main_job_through_an_endpoint(kmsctl, keys, moto_endpoint):
    aws = ("-f", "keys.yaml", "--backend", "aws", "--endpoint-url", moto_endpoint, "--region", "eu-west-1")
    assert kmsctl("plan", *aws, "--detailed-exitcode").code == 2
    applied = kmsctl("apply", *aws, "-y")
    assert applied.code == 0, applied.err
    assert kmsctl("plan", *aws, "--detailed-exitcode").code == 0
    assert kmsctl("drift", *aws).code == 0
    assert "alias/orders" in kmsctl("show", *aws).out
    assert kmsctl("local", "call", "list-keys").out.count("KeyId") == 0


@pytest.mark.moto
def test_a_target_of_another_account_is_refused_before_anything_is_read(kmsctl, tmp_path, moto_endpoint):
    (tmp_path / "keys.yaml").write_text(ORDERS + target("prod", backend="aws", account="444455556666"))
    result = kmsctl("plan", "-f", "keys.yaml", "--target", "prod", "--endpoint-url", moto_endpoint)
    assert result.code == 3
    assert "444455556666" in result.err


def identity():
    return answer_query(
        "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
        "<Arn>arn:aws:iam::111122223333:user/me</Arn><UserId>AIDA</UserId><Account>111122223333</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredTokenException", "expired"),
        ("UnrecognizedClientException", "credentials"),
        ("AccessDeniedException", "kmsctl permissions"),
    ],
    ids=["expired", "unknown", "denied"],
)
def test_a_kms_that_refuses_is_told_with_what_to_do(kmsctl, keys, aws_environment, monkeypatch, code, said):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2hunter2")

    def answer(request):
        return answer_error(code, "no") if "." in request.target.partition("&")[0] else identity()

    with raw_server(answer) as server:
        aws = ("--backend", "aws", "--endpoint-url", server.url, "--region", "us-east-1")
        result = kmsctl("apply", "-f", "keys.yaml", "-y", *aws)
    assert result.code == 1
    assert result.out == ""
    assert said in result.err
    assert "fix:" in result.err
    assert "hunter2" not in result.err


def test_nothing_that_seals_the_store_is_ever_printed(kmsctl, keys, tmp_path):
    secret = "bm9ib2R5IG11c3QgZXZlciBzZWUgdGhpcyByb290a2U="
    environ = {"KMSCTL_LOCAL_ROOT_KEY": secret}
    manifests = ("-f", "keys.yaml")
    said = [
        kmsctl(*command, environ=environ)
        for command in (
            ("plan", *manifests, "-o", "plan.json", "--debug"),
            ("apply", "plan.json", "-y", "--output", "json"),
            ("drift", *manifests, "--output", "json"),
            ("show", "--all", "--output", "json"),
            ("local", "audit", "--output", "json"),
            ("local", "call", "nothing", "--debug"),
        )
    ]
    said.append(kmsctl("show", environ={"KMSCTL_LOCAL_ROOT_KEY": secret[::-1]}))
    assert [result.code for result in said] == [0, 0, 0, 0, 0, 1, 1]
    everything = "".join(result.out + result.err for result in said) + (tmp_path / "plan.json").read_text()
    for text in (secret, secret[::-1], "nobody must ever see"):
        assert text not in everything
    assert json.loads((tmp_path / "plan.json").read_text())["kind"] == "kmsctl-plan"


@pytest.mark.parametrize(
    "body", ["<html>It works!</html>", "It works!", "", "{}"], ids=["a page", "a text", "nothing", "JSON"]
)
def test_an_endpoint_that_is_no_aws_is_told_and_no_bug(kmsctl, keys, aws_environment, body):
    with raw_server(lambda _: answer_query(body)) as server:
        aws = ("--backend", "aws", "--endpoint-url", server.url, "--region", "us-east-1")
        result = kmsctl("plan", "-f", "keys.yaml", *aws)
    assert result.code == 1
    assert "bug" not in result.err
    assert "check" in result.err
    assert "endpoint" in result.err
