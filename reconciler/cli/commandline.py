"""Command lines: which command is meant, and its arguments. Only the command that runs is imported."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from reconciler.cli.parser import HelpAsked, Parser, UsageError
from reconciler.cli.registry import COMMANDS, CommandModule, load

_DESCRIPTION = """\
Encryption keys as code: keys, aliases, key policies, rotation and grants of AWS KMS
from YAML manifests, with a complete local KMS to try everything on."""
_EPILOG = """\
exit codes:
  0  done, or nothing to do
  1  error
  2  changes or drift found (plan --detailed-exitcode, drift)
  3  refused: by a guard, an error of lint, an AccessTest that fails, or a saved
     plan that is stale, edited or foreign

environment:
  KMSCTL_HOME  data of the bundled KMS (default: .kmsctl in the working directory)
  NO_COLOR     no colours"""


def parse(argv: Sequence[str]) -> tuple[CommandModule, argparse.Namespace]:
    """The command that `argv` names, and its arguments.

    Raises:
        UsageError: there is no such command, or its arguments are wrong.
        HelpAsked: help was asked for.
    """
    name = next((word for word in argv if not word.startswith("-")), None)
    if name == "help":
        return parse([*(word for word in argv if word != "help"), "--help"])
    known = [command.name for command in COMMANDS]
    if name is not None and name not in known:
        from reconciler.cli.mistakes import meant_command

        raise UsageError(f"there is no command {name!r}", fix=meant_command(name, argv, known))
    args = _parsed(argv, name)
    if name is None:
        if args.version:
            return load("version"), args
        raise HelpAsked(build().format_help())
    return load(name), args


def _parsed(argv: Sequence[str], name: str | None) -> argparse.Namespace:
    parser = build(only=name)
    args, extras = parser.parse_known_args(argv)
    if extras:
        from reconciler.cli.mistakes import meant_arguments

        path = [word for word in (name, getattr(args, f"{name}_command", None)) if word]
        fix = meant_arguments(extras, parser.options_of(*path), getattr(args, "filename", None), " ".join(path))
        raise UsageError(f"unrecognized arguments: {' '.join(extras)}", fix=fix)
    return args


def build(*, only: str | None = None, everything: bool = False) -> Parser:
    """The parser. Only the command `only` is imported and has its arguments, or all have with `everything`."""
    parser = Parser(prog="kmsctl", usage="kmsctl COMMAND [options]", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    add_switches(parser, default=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser, prog="kmsctl")
    for command in COMMANDS:
        if everything or command.name == only:
            module = load(command.name)
            add_command(commands, command.name, command.summary, module)
        else:
            commands.add_parser(command.name, help=command.summary)
    return parser


def add_command(commands: argparse._SubParsersAction[Parser], name: str, summary: str, module: CommandModule) -> None:
    """Add `module` as command `name` to `commands`."""
    parser = commands.add_parser(
        name,
        help=summary,
        usage=f"{commands._prog_prefix} {name} {module.USAGE}".rstrip(),  # noqa: SLF001  argparse offers no other way
        description=module.DESCRIPTION,
        epilog=f"examples:\n{module.EXAMPLES}",
    )
    module.add_arguments(parser)
    add_switches(parser, default=argparse.SUPPRESS)


def add_switches(parser: Parser, *, default: Any) -> None:
    """Add the switches that every command has; a subcommand leaves what was said before it (`SUPPRESS`)."""
    parser.add_argument("--no-color", action="store_true", default=default, help="no colours, as NO_COLOR does")
    parser.add_argument("--debug", action="store_true", default=default, help="show tracebacks of errors")
