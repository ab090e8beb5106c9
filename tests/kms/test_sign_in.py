"""Profiles that somebody has to sign in for."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.kit.errors import KmsctlError
from reconciler.kms.translate import CredentialsUnavailable, translate
from tests.kms.aws_calls import failure


def test_a_profile_that_nobody_is_signed_in_for_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    lines = ("sso_start_url=https://example.com", "sso_region=us-east-1", "sso_account_id=1", "sso_role_name=r")
    (tmp_path / "config").write_text("\n".join(("[profile p]", *lines)))
    error = failure("http://127.0.0.1:1", profile="p")
    assert isinstance(error, KmsctlError)
    assert error.why == "nobody is signed in, or no longer (SSOTokenLoadError)"
    assert "aws sso login" in error.fix


def test_a_profile_that_asks_for_a_code_where_nobody_can_type_one_is_told() -> None:
    error = translate(EOFError("EOF when reading a line"), "sts:GetCallerIdentity", "sts in eu-central-1")
    assert isinstance(error, CredentialsUnavailable)
    assert (error.what, error.why) == (
        "the AWS profile asks for an MFA code",
        "there is no terminal to type it into",
    )
