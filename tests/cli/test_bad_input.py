"""Bad input: a diagnostic on stderr, exit 1, nothing half-done, never a traceback (the fixture checks that)."""

from __future__ import annotations

import os
import sqlite3
import time

import pytest

from tests.cli.samples import GRANT, ORDERS, target

COMMANDS = ("validate", "plan", "apply", "drift", "graph", "permissions", "cost")


def key(name, extra=""):
    head = "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: " + name + "}\nspec: {"
    return head + "rotation: {automatic: {periodDays: 365}}" + extra + "}\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_manifests_have_to_be_given(kmsctl, tmp_path, command):
    result = kmsctl(command)
    assert result.code == 1
    assert "no manifests are given" in result.err
    assert "-f FILE" in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "file-not-found"),
        (lambda path: path.write_bytes(ORDERS.encode("utf-16")), "error"),
        (lambda path: path.write_bytes(b"kind: \xff\xfe"), "error"),
        (lambda path: path.write_bytes(b"kind: K\x00ey"), "error"),
        (lambda path: path.write_text(""), "error"),
        (lambda path: path.mkdir(), "error"),
        (lambda path: path.symlink_to(path), "error"),
        (lambda path: path.write_text("a: [1, 2"), "error"),
        (lambda path: path.write_text("- just\n- a list\n"), "error"),
        (lambda path: path.write_text("[" * 100_000), "error"),
        (lambda path: path.write_text("a: &a [x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n" * 1000), "error"),
        (lambda path: path.write_text("!!python/object/apply:os.system [id]"), "error"),
        (lambda path: path.write_text(ORDERS + "---\n" + ORDERS), "duplicate-name"),
        (lambda path: path.write_text(GRANT), "dangling-reference"),
        (lambda path: path.write_text(ORDERS.replace("role/platform", "arn:aws-cn:iam::1:role/x")), "error"),
        (lambda path: path.write_text(key("'\\e[31m'".replace("'", '"'))), "error"),
        (lambda path: path.write_text(key("x" * 100_000)), "error"),
    ],
    ids=[
        "missing",
        "utf-16",
        "not utf-8",
        "nul",
        "empty",
        "empty folder",
        "a link to itself",
        "broken yaml",
        "a list",
        "nested without end",
        "aliases",
        "python tag",
        "duplicate name",
        "dangling reference",
        "wrong partition",
        "terminal escape",
        "a very long name",
    ],
)
@pytest.mark.parametrize("command", ["validate", "plan", "apply"])
def test_manifests_that_cannot_be_used_are_told(kmsctl, tmp_path, command, make, said):
    make(tmp_path / "in.yaml")
    result = kmsctl(command, "-f", "in.yaml")
    assert result.code == 1
    assert result.out == ""
    assert said in result.err
    assert "fix:" in result.err
    assert "in.yaml" in result.err
    assert "\x1b" not in result.err
    assert max(map(len, result.err.splitlines())) < 2500
    assert not (tmp_path / ".kmsctl" / "kms.sqlite3").exists() or "Create" not in kmsctl("local", "audit").out


def test_every_fault_of_every_file_is_shown(kmsctl, tmp_path):
    (tmp_path / "a.yaml").write_text(ORDERS.replace("description", "descripton").replace("role/platform", "42"))
    (tmp_path / "b.yaml").write_text("kind: Kee\n")
    err = kmsctl("plan", "-f", "a.yaml", "-f", "b.yaml", "-f", "c.yaml").err
    places = [line.split(":")[0] for line in err.splitlines() if ": error: " in line]
    assert sorted(set(places)) == ["a.yaml", "b.yaml", "c.yaml"]


def test_hostile_text_is_data_and_is_printed_harmless(kmsctl, tmp_path):
    hostile = '"\\e]0;owned\\a<script>|`$(id)` \\u202e"'
    (tmp_path / "in.yaml").write_text(key("orders", f", description: {hostile}"))
    for output in ("text", "json", "markdown"):
        result = kmsctl("plan", "-f", "in.yaml", "--output", output)
        assert result.code in (0, 1)
        assert "\x1b" not in result.out + result.err
        assert "\x07" not in result.out + result.err
        assert "\u202e" not in result.out + result.err


def test_a_manifest_of_5_mb_is_read_or_refused_in_seconds(kmsctl, tmp_path):
    (tmp_path / "big.yaml").write_text(ORDERS + "# " + "x" * 5_000_000 + "\n")
    start = time.process_time()
    result = kmsctl("validate", "-f", "big.yaml")
    assert time.process_time() - start < 30
    assert result.code == 0 or "big.yaml" in result.err


@pytest.mark.no_cover  # three times as long under coverage
def test_ten_thousand_documents_are_validated(kmsctl, tmp_path):
    (tmp_path / "many.yaml").write_text("---\n".join(key(f"key-{number}") for number in range(10_000)))
    result = kmsctl("validate", "-f", "many.yaml")
    assert result.out == "Valid: 10000 keys.\n", result.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stak: x\n", "kmsctl.yaml:1:1: error"),
        ("stack: 'NO SUCH'\n", "kmsctl.yaml:1:8: error"),
        ("[", "kmsctl.yaml"),
        ("target: nowhere\n", "there is no Target 'nowhere'"),
    ],
    ids=["unknown setting", "a stack's name", "broken", "unknown target"],
)
def test_settings_with_faults_are_told(kmsctl, tmp_path, text, said):
    (tmp_path / "kmsctl.yaml").write_text(text)
    (tmp_path / "keys.yaml").write_text(ORDERS)
    result = kmsctl("plan", "-f", "keys.yaml")
    assert result.code == 1
    assert said in result.err


@pytest.mark.parametrize(
    "options", [("--stack", "NO SUCH"), ("--stack", "x" * 500), ("--stack", "\x1b[31m")], ids=["form", "long", "escape"]
)
def test_a_stack_has_to_have_a_name_that_tags_can_hold(kmsctl, tmp_path, options):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    for command in (("plan", "-f", "keys.yaml"), ("destroy", "-y"), ("show",)):
        result = kmsctl(*command, *options)
        assert result.code == 1
        assert "cannot be the name of a stack" in result.err
        assert "\x1b" not in result.err


@pytest.mark.parametrize(
    "options",
    [("--endpoint-url", "http://127.0.0.1:1"), ("--profile", "nobody")],
    ids=["endpoint", "profile"],
)
def test_aws_is_only_reached_when_a_target_or_backend_says_so(kmsctl, tmp_path, options):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    result = kmsctl("plan", "-f", "keys.yaml", *options)
    assert result.code == 1
    assert "add --backend aws" in result.err


@pytest.fixture
def no_aws(monkeypatch, tmp_path):
    """An environment in which AWS's SDK finds credentials that are good for nothing, and no others."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_an_unreachable_endpoint_is_told(kmsctl, tmp_path, no_aws, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2hunter2")
    (tmp_path / "keys.yaml").write_text(ORDERS)
    result = kmsctl(
        "plan", "-f", "keys.yaml", "--backend", "aws", "--region", "us-east-1", "--endpoint-url", "http://127.0.0.1:1"
    )
    assert result.code == 1
    assert "127.0.0.1:1" in result.err
    assert "fix:" in result.err
    assert "hunter2" not in result.err


@pytest.mark.parametrize(
    "options",
    [("--region", "us-east-1"), (), ("--region", "us-east-1", "--profile", "nobody")],
    ids=["no credentials", "no region", "no such profile"],
)
def test_aws_that_is_not_set_up_is_told(kmsctl, tmp_path, no_aws, options):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    result = kmsctl("plan", "-f", "keys.yaml", "--backend", "aws", *options)
    assert result.code == 1
    assert result.err.startswith("error: ")
    assert "fix:" in result.err
    assert "this is a bug" not in result.err


def test_the_wrong_account_is_refused_before_anything_is_read(kmsctl, tmp_path, monkeypatch):
    lab = target("lab", account="444455556666") + "  allowedAccountIds: ['444455556666']\n"
    (tmp_path / "keys.yaml").write_text(ORDERS + lab.replace('  accountId: "444455556666"\n', ""))
    result = kmsctl("apply", "-f", "keys.yaml", "-y", "--target", "lab")
    assert result.code == 3
    assert "111122223333" in result.err
    events = kmsctl("local", "audit").out
    assert "ListAliases" not in events
    assert "CreateKey" not in events


@pytest.mark.parametrize(
    "environ",
    [
        {"KMSCTL_HOME": "/proc/kmsctl"},
        {"KMSCTL_LOCAL_ROOT_KEY": "not base64"},
        {"KMSCTL_LOCAL_ROOT_KEY": "", "KMSCTL_LOCAL_PASSPHRASE": ""},
    ],
    ids=["no permission", "not a root key", "two root keys"],
)
def test_a_bundled_kms_that_cannot_be_opened_is_told(kmsctl, tmp_path, environ):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    result = kmsctl("apply", "-f", "keys.yaml", "-y", environ=environ)
    assert result.code == 1
    assert result.out == ""
    assert "fix:" in result.err


def test_a_foreign_sqlite_file_is_refused_and_left_as_it_is(kmsctl, tmp_path):
    (tmp_path / "keys.yaml").write_text(ORDERS)
    (tmp_path / ".kmsctl").mkdir()
    path = tmp_path / ".kmsctl" / "kms.sqlite3"
    with sqlite3.connect(path) as foreign:
        foreign.execute("create table recipes (name text)")
    foreign.close()
    before = path.read_bytes()
    result = kmsctl("apply", "-f", "keys.yaml", "-y")
    assert result.code == 1
    assert "kms.sqlite3" in result.err
    assert path.read_bytes() == before


def test_a_kustomization_that_cannot_be_built_is_told(kmsctl):
    result = kmsctl("validate", "-k", "missing")
    assert result.code == 1
    assert "missing" in result.err
