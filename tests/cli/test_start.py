"""Help, version, completion, and command lines that make no sense."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler import __version__
from reconciler.cli.registry import COMMANDS
from reconciler.cli.values import ENDPOINT_URL, REGION
from reconciler.manifest.schemas import schema_of

HEAVY = ("boto3", "botocore", "kopf", "cryptography", "yaml", "jsonschema", "rich", "dataclasses", "pathlib")
NAMES = [command.name for command in COMMANDS]


def test_version_prints_the_version(kmsctl):
    assert kmsctl("version").out == kmsctl("--version").out == f"kmsctl {__version__}\n"


def test_version_imports_nothing_heavy():
    code = (
        "import sys; from reconciler.cli.main import entry_point; sys.argv = ['kmsctl', 'version']; "
        f"code = entry_point(); print(sorted(set({HEAVY!r}) & set(sys.modules))); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == f"kmsctl {__version__}\n[]\n"


@pytest.mark.parametrize("argv", [(), ("--help",), ("-h",)], ids=["nothing", "--help", "-h"])
def test_help_lists_every_command_with_its_summary(kmsctl, argv):
    result = kmsctl(*argv)
    assert result.code == 0
    for command in COMMANDS:
        assert f"    {command.name} " in result.out
        assert command.summary in result.out


@pytest.mark.parametrize("name", NAMES)
def test_help_of_a_command_has_examples_and_fits_80_columns(kmsctl, name):
    result = kmsctl(name, "--help", environ={"COLUMNS": "200"})
    assert result.code == 0
    assert result.out.startswith(f"usage: kmsctl {name}")
    assert f"examples:\n  kmsctl {name}" in result.out
    assert max(len(line) for line in result.out.splitlines()) <= 80
    assert result.err == ""


@pytest.mark.parametrize(
    ("argv", "what", "fix"),
    [
        (("plna",), "there is no command 'plna'", "did you mean `kmsctl plan`?"),
        (("xyzzy",), "there is no command 'xyzzy'", "`kmsctl --help` lists the commands"),
        (("plan", "--nonsense"), "unrecognized arguments: --nonsense", "see `kmsctl plan --help`"),
        (("--nonsense",), "unrecognized arguments: --nonsense", "see `kmsctl --help`"),
        (("plan", "--outp", "json"), "unrecognized arguments: --outp json", "did you mean --output?"),
        (("apply", "-auto-approve"), "unrecognized arguments: -auto-approve", "did you mean --auto-approve?"),
        (("show", "-o", "json"), "unrecognized arguments: -o json", "--output FORMAT"),
        (("plan", "keys.yaml"), "unrecognized arguments: keys.yaml", "did you mean `kmsctl plan -f keys.yaml`?"),
        (("plan", "-f", "a.yaml", "b.yaml"), "unrecognized arguments: b.yaml", "an -f of its own"),
        (("version", "now"), "unrecognized arguments: now", "see `kmsctl version --help`"),
        (("local", "audit", "--lasst", "3"), "unrecognized arguments: --lasst 3", "see `kmsctl local audit --help`"),
        (("local", "audit", "--folow"), "unrecognized arguments: --folow", "did you mean --follow?"),
        (("local", "--nonsense"), "unrecognized arguments: --nonsense", "see `kmsctl local --help`"),
        (("import", "alias/x"), "there is no command 'import'", "`kmsctl export > keys.yaml`"),
        (("apply", ""), "argument PLAN: the value is empty", "`kmsctl apply --help`"),
        (("get", "keys"), "there is no command 'get'", "`kmsctl show`"),
        (("diff", "-f", "keys.yaml"), "there is no command 'diff'", "`kmsctl plan`"),
        (("-f", "keys.yaml", "plan"), "there is no command 'keys.yaml'", "the command comes first: kmsctl plan"),
        (("plan", "-o", "json"), "-o json is no file", "--output text, json, markdown or html"),
        (("plan", "-o", "-"), "-o - is no file", "--output json"),
        (("plan", "-out=plan.json"), "-o ut=plan.json is no file", "--out FILE"),
        (("destroy", "--stack", ""), "--stack: the value is empty", "`kmsctl destroy --help`"),
        (("destroy", "--target="), "--target: the value is empty", "`kmsctl destroy --help`"),
        (("plan", "--region", "us_east_1"), "'us_east_1' is no Region", "`kmsctl plan --help`"),
        (("plan", "--endpoint-url", "nosuch"), "'nosuch' is no address of an API", "`kmsctl plan --help`"),
        (("plan", "--output", "yaml"), "invalid choice: 'yaml'", "`kmsctl plan --help`"),
        (("apply", "--parallelism", "0"), "'0' is no number from 1 to 128", "`kmsctl apply --help`"),
        (("apply", "--parallelism", "²"), "is no number from 1 to 128", "`kmsctl apply --help`"),
        (("completion",), "required: SHELL", "`kmsctl completion --help`"),
        (("completion", "cmd.exe"), "invalid choice: 'cmd.exe'", "`kmsctl completion --help`"),
        (("\x1b[31mred",), "\\x1b[31mred", "--help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_command_line_is_exit_1_and_says_where_help_is(kmsctl, argv, what, fix):
    result = kmsctl(*argv)
    assert result.code == 1
    assert result.out == ""
    assert what in result.err
    assert fix in result.err
    assert "\x1b" not in result.err


def test_help_is_a_command_too(kmsctl):
    assert kmsctl("help").out == kmsctl("--help").out
    assert kmsctl("help", "plan").out == kmsctl("plan", "--help").out


def test_options_take_what_a_target_takes():
    fields = schema_of("target")["properties"]["spec"]["properties"]
    assert fields["region"]["pattern"] == REGION
    assert fields["endpointUrl"]["pattern"] == ENDPOINT_URL


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "tcsh"])
def test_completion_knows_every_command_and_its_options(kmsctl, shell):
    result = kmsctl("completion", shell)
    assert result.code == 0
    for name in NAMES:
        assert name in result.out
    assert "detailed-exitcode" in result.out


def test_the_bash_completion_is_valid_bash(kmsctl):
    script = kmsctl("completion", "bash").out
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)
