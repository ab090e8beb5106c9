"""Help, version, completion, and command lines that make no sense."""

from __future__ import annotations

import subprocess
import sys

import pytest

from reconciler import __version__
from reconciler.cli.registry import COMMANDS

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
        (("plan", "--nonsense"), "unrecognized arguments: --nonsense", "`kmsctl --help`"),
        (("plan", "--outp", "json"), "unrecognized arguments: --outp json", "--help"),
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
