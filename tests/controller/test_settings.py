"""How the operator is run: flags over variables over defaults."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.controller import settings as module
from reconciler.controller.settings import OPTIONS, Listen, LogFormat, LogLevel, Settings, WebhookLint
from reconciler.kit.errors import KmsctlError
from tests.docs.pages import DOCS, named

NAME = {"KMSCTL_CLUSTER_NAME": "eu-prod"}


def test_only_the_clusters_name_must_be_said():
    settings = Settings.from_environment(NAME)
    assert settings.cluster_name == "eu-prod"
    assert settings.stack("payments") == "eu-prod.payments"
    assert settings.target == "default"
    assert settings.namespaces == ()
    assert settings.drift_interval == timedelta(minutes=10)
    assert (settings.workers, settings.batch) == (8, 64)
    assert settings.leader_elect
    assert settings.lease_name == "kmsctl-operator"
    assert (settings.listen, settings.webhook_listen) == (Listen(None, 8080), Listen(None, 9443))
    assert settings.webhook_cert_dir is None
    assert settings.webhook_lint is WebhookLint.DENY
    assert (settings.log_format, settings.log_level) == (LogFormat.JSON, LogLevel.INFO)
    assert settings.operator_namespace == "default"


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_default():
    variables = {**NAME, "KMSCTL_WORKERS": "8", "KMSCTL_BATCH": "16", "KMSCTL_TARGET": ""}
    settings = Settings.from_environment(variables, {"workers": "2", "batch": None})
    assert (settings.workers, settings.batch, settings.target) == (2, 16, "default")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("namespaces", "b, a,,a", ("a", "b")),
        ("drift_interval", "90s", timedelta(seconds=90)),
        ("drift_interval", "24h", timedelta(days=1)),
        ("leader_elect", "false", False),
        ("listen", "127.0.0.1:0", Listen("127.0.0.1", 0)),
        ("listen", "[::1]:8080", Listen("::1", 8080)),
        ("webhook_cert_dir", "/etc/tls", Path("/etc/tls")),
        ("webhook_lint", "off", WebhookLint.OFF),
        ("log_format", "TEXT", LogFormat.TEXT),
        ("log_level", "debug", LogLevel.DEBUG),
        ("operator_namespace", "kms", "kms"),
    ],
)
def test_a_setting_is_read_from_its_text(name, text, value):
    assert getattr(Settings.from_environment(NAME, {name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("cluster_name", "EU", "is no name of a cluster"),
        ("cluster_name", "a" * 64, "is no name of a cluster"),
        ("cluster_name", "a.b", "is no name of a cluster"),
        ("target", "-", "is no name of an object"),
        ("namespaces", "a,B", "names 'B', which is no namespace"),
        ("drift_interval", "10", "is no time"),
        ("drift_interval", "0s", "is not between 1s and 24h"),
        ("drift_interval", "25h", "is not between 1s and 24h"),
        ("workers", "0", "is no number from 1 to 32"),
        ("workers", "many", "is no number from 1 to 32"),
        ("batch", "1000", "is no number from 1 to 256"),
        ("leader_elect", "yes", "is neither true nor false"),
        ("listen", "8080", "is no address to listen at"),
        ("listen", ":99999", "is no address to listen at"),
        ("listen", "a b:80", "is no address to listen at"),
        ("webhook_lint", "yes", "is none of deny, warn, off"),
        ("log_format", "xml", "is none of json, text"),
        ("log_level", "loud", "is none of debug, info, warning, error"),
        ("operator_namespace", "a/b", "is no namespace"),
    ],
)
@pytest.mark.parametrize("by_flag", [True, False], ids=["flag", "variable"])
def test_a_setting_that_is_wrong_is_told_with_where_it_came_from(name, text, what, by_flag):
    (option,) = (option for option in OPTIONS if option.name == name)
    variables, flags = (NAME, {name: text}) if by_flag else ({**NAME, option.variable: text}, {})
    with pytest.raises(KmsctlError) as told:
        Settings.from_environment(variables, flags)
    assert what in told.value.what
    assert told.value.what.startswith(f"{option.flag if by_flag else option.variable}: ")


def test_without_a_name_of_the_cluster_it_says_why_that_matters():
    with pytest.raises(KmsctlError, match="has no name") as told:
        Settings.from_environment({})
    assert "KMSCTL_CLUSTER_NAME" in told.value.fix


def test_the_operator_is_where_its_pod_is(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "SERVICE_ACCOUNT_NAMESPACE", tmp_path / "namespace")
    assert Settings.from_environment(NAME).operator_namespace == "default"
    (tmp_path / "namespace").write_text("kmsctl-system\n")
    assert Settings.from_environment(NAME).operator_namespace == "kmsctl-system"
    assert Settings.from_environment({**NAME, "POD_NAMESPACE": "other"}).operator_namespace == "other"


def test_no_two_processes_are_the_same_even_in_one_pod():
    first, second = (Settings.from_environment({**NAME, "POD_NAME": "kmsctl-0"}).identity for _ in range(2))
    assert first != second
    assert first.startswith("kmsctl-0_")
    assert Settings.from_environment(NAME).identity


@pytest.mark.parametrize(
    ("listen", "text"), [(Listen(None, 80), ":80"), (Listen("::1", 80), "[::1]:80"), (Listen("a", 1), "a:1")]
)
def test_an_address_reads_as_it_is_written(listen, text):
    assert str(listen) == text


def test_the_page_has_every_setting_with_its_default():
    table = named(DOCS / "operator" / "running.md", "flag")
    assert list(table) == [option.flag for option in OPTIONS]
    for option in OPTIONS:
        _, variable, default, _ = table[option.flag]
        assert variable == f"`{option.variable}`"
        assert (default == f"`{option.default}`") is bool(option.default)
