"""`kmsctl local serve` and `credentials`: what they refuse before there is a server, and what they print."""

from __future__ import annotations

import json
import shlex
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.cli.values import duration
from reconciler.engine.server.settings import Auth, Settings
from reconciler.workflow.serve import MAX_WORKERS, ServeRequest, default_workers, described, settings_of

IDENTITIES = Path(__file__).parents[2] / "examples" / "identities" / "identities.yaml"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def identities(tmp_path):
    file = tmp_path / "identities.yaml"
    file.write_text(IDENTITIES.read_text())
    file.chmod(0o600)
    return str(file)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--host", "0.0.0.0"], "not listening on 0.0.0.0 without authentication"),
        (["--host", "::"], "not listening on :: without authentication"),
    ],
)
def test_it_lets_no_strangers_in_without_authentication(kmsctl, options, told):
    result = kmsctl("local", "serve", "--port", "0", *options)
    assert result.code == 3
    assert told in result.err
    assert "--identities" in result.err
    assert result.out == ""


def test_it_lets_no_strangers_empty_it(kmsctl, identities):
    result = kmsctl("local", "serve", "--host", "0.0.0.0", "--port", "0", "--identities", identities, "--allow-reset")
    assert result.code == 3
    assert "--allow-reset" in result.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--auth", "sigv4"], "--auth sigv4 needs --identities"),
        (["--tls-cert", "cert.pem"], "--tls-cert and --tls-key belong together"),
        (["--host", "no such host"], "cannot listen on no such host"),
        (["--port", "70000"], "'70000' is no number from 0 to 65535"),
        (["--workers", "0"], "'0' is no number from 1 to 64"),
        (["--consistency-delay", "soon"], "'soon' is no duration"),
        (["--identities", "absent.yaml"], "absent.yaml"),
        (["--data", "/dev/null/x"], "/dev/null/x"),
    ],
)
def test_what_makes_no_sense_is_told_before_there_is_a_server(kmsctl, options, told):
    result = kmsctl("local", "serve", "--port", "0", *options)
    assert result.code == 1
    assert told in result.err


@pytest.mark.parametrize("what", ["nonsense", "nothing"])
def test_a_certificate_that_is_none_is_told(kmsctl, tmp_path, what):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    if what != "nothing":
        cert.write_text("nonsense")
        key.write_text("nonsense")
    result = kmsctl("local", "serve", "--port", "0", "--tls-cert", str(cert), "--tls-key", str(key))
    assert result.code == 1
    assert "cannot serve with the certificate" in result.err


def test_signatures_are_asked_for_as_soon_as_there_are_identities():
    assert settings_of(ServeRequest()).auth is Auth.NONE
    assert settings_of(ServeRequest(identities=Path("f"))).auth is Auth.SIGV4
    assert settings_of(ServeRequest(identities=Path("f"), auth=Auth.NONE)).auth is Auth.NONE


def test_there_is_a_process_a_core_but_not_many():
    assert 1 <= default_workers() <= MAX_WORKERS
    assert settings_of(ServeRequest(workers=9)).workers == 9


def test_the_ready_line_says_what_there_is_to_know():
    line = described(Settings(auth=Auth.SIGV4, workers=2), Path("data"))
    assert line == "data in data, signatures are verified, 2 processes"
    assert "everybody is the account root, 1 process" in described(Settings(), Path("data"))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("3s", timedelta(seconds=3)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("400d", timedelta(days=400)),
    ],
)
def test_a_duration_has_its_unit(text, time):
    assert duration(text) == time


def credentials(kmsctl, identities, *arguments):
    return kmsctl("local", "credentials", *arguments, "--identities", identities)


def test_a_shell_can_take_the_credentials_as_they_are(kmsctl, identities):
    result = credentials(kmsctl, identities, "alice", "--port", "4600", "--region", "eu-west-1")
    shell = subprocess.run(
        ["sh", "-c", f"{result.out} env"], capture_output=True, text=True, check=True, env={"AWS_PROFILE": "x"}
    )
    found = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    assert found["AWS_ACCESS_KEY_ID"] == "AKIAIOSFODNN7EXAMPLE"
    assert found["AWS_SECRET_ACCESS_KEY"] == SECRET
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert found["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4600"
    assert "AWS_PROFILE" not in found


def test_credentials_can_be_had_for_credential_process_and_as_a_profile(kmsctl, identities):
    process = json.loads(credentials(kmsctl, identities, "alice", "--format", "json").out)
    assert process == {"Version": 1, "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": SECRET}
    profile = credentials(kmsctl, identities, "alice", "--format", "ini").out
    assert profile.startswith("[profile 111122223333-alice]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n")
    assert "endpoint_url = http://127.0.0.1:4599\n" in profile


@pytest.mark.parametrize(
    "name",
    ["alice", "111122223333/alice", "arn:aws:iam::111122223333:user/platform/alice", "AKIAIOSFODNN7EXAMPLE"],
)
def test_an_identity_has_several_names(kmsctl, identities, name):
    assert SECRET in credentials(kmsctl, identities, name).out


def test_a_service_has_credentials_too(kmsctl, identities):
    assert "AKIAS3SERVICEEXAMPLE" in credentials(kmsctl, identities, "s3.amazonaws.com").out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (["alic"], "did you mean alice"),
        (["zebra"], "choose of 111122223333/alice, 444455556666/deployer, s3.amazonaws.com"),
        ([], "several identities have access keys"),
    ],
)
def test_nobody_in_particular_gets_nothing(kmsctl, identities, name, told):
    result = credentials(kmsctl, identities, *name)
    assert (result.code, result.out) == (1, "")
    assert told in result.err
    assert SECRET not in result.err


def test_the_only_identity_needs_no_name_and_no_identity_has_nothing(kmsctl, tmp_path):
    file = tmp_path / "one.yaml"
    key = "{id: AKIAIOSFODNN7EXAMPLE, secret: " + shlex.quote(SECRET) + "}"
    file.write_text(f'accounts: {{"111122223333": {{root: {{accessKeys: [{key}]}}}}}}\n')
    file.chmod(0o600)
    assert SECRET in credentials(kmsctl, str(file)).out
    assert SECRET in credentials(kmsctl, str(file), "111122223333/root").out
    file.write_text('accounts: {"111122223333": {}}\n')
    assert "nobody" in credentials(kmsctl, str(file)).err


def test_help_says_that_a_secret_is_printed(kmsctl):
    assert "the one command that prints a secret" in " ".join(kmsctl("local", "credentials", "--help").out.split())
