"""Command lines, and the help that goes with them.

Parsing never ends the process: a wrong command line is a `UsageError`, and help that was asked for is a `HelpAsked`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from textwrap import fill
from typing import Any, NoReturn

from reconciler.cli.registry import COMMANDS, CommandModule, load
from reconciler.kit.errors import KmsctlError

_WIDTH = 80
"""Help is the same text on every terminal, so that documents can quote it and tests can check them."""
_NAMES_WIDTH = 16
"""At least so many columns for the names of commands and options, so that all of the former fit."""
_DESCRIPTION = """\
Encryption keys as code: keys, aliases, key policies, rotation and grants of AWS KMS
from YAML manifests, with a complete local KMS to try everything on."""
_EPILOG = """\
exit codes:
  0  done, or nothing to do
  1  error
  2  changes or drift found (plan --detailed-exitcode, drift)
  3  refused: by a guard, or a saved plan that is stale, edited or foreign

environment:
  KMSCTL_HOME  data of the bundled KMS (default: .kmsctl in the working directory)
  NO_COLOR     no colours"""


class UsageError(KmsctlError):
    """The command line makes no sense."""


class HelpAsked(Exception):  # noqa: N818  not an error
    """Somebody asked for help: `text`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """One width, and one form of options (`-f, --file PATH`) on every version of Python."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=28, width=_WIDTH)
        self._action_max_length = _NAMES_WIDTH

    def _format_action_invocation(self, action: argparse.Action) -> str:
        text = ", ".join(action.option_strings)
        if text and action.nargs != 0:
            text += f" {self._format_args(action, self._get_default_metavar_for_optional(action))}"
        return text or super()._format_action_invocation(action)

    def _format_action(self, action: argparse.Action) -> str:
        text = super()._format_action(action)
        commands = isinstance(action, argparse._SubParsersAction)  # noqa: SLF001  it has no public name
        return text.partition("\n")[2] if commands else text  # the first line says COMMAND once more

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # noqa: ARG002  there is never one
        """Prose is filled; a paragraph with an indented line is a list or an example, and stays."""
        paragraphs = text.split("\n\n")
        return "\n\n".join(p if "\n " in p else fill(p, width) for p in paragraphs)


class _Help(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        raise HelpAsked(parser.format_help())


class Parser(argparse.ArgumentParser):
    """An `ArgumentParser` that raises."""

    color: bool

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, "allow_abbrev": False, **settings, "add_help": False})
        self.color = False  # Python 3.14 colours help by default, and colours are ours to decide
        self._positionals.title, self._optionals.title = "arguments", "options"
        self.add_argument("-h", "--help", action=_Help, nargs=0, help="show this help and exit")

    def options_of(self, command: str) -> Sequence[str]:
        """Every option of `command`."""
        (commands,) = (action for action in self._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001
        return list(commands.choices[command]._option_string_actions)  # noqa: SLF001  argparse offers no other way

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print.

        Raises:
            UsageError: always.
        """
        raise UsageError(message, fix=f"see `{self.prog} --help`")


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

        options = parser.options_of(name) if name else ["--version"]
        fix = meant_arguments(extras, options, getattr(args, "filename", None), name or "")
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
