"""argparse as kmsctl wants it: help of one form and width, and nothing that ends the process.

A wrong command line is a `UsageError`, and help that was asked for is a `HelpAsked`.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from textwrap import fill
from typing import Any, NoReturn

from reconciler.kit.errors import KmsctlError

_WIDTH = 80
"""Help is the same text on every terminal, so that documents can quote it and tests can check them."""
_NAMES_WIDTH = 16
"""At least so many columns for the names of commands and options, so that all of the former fit."""


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

    def options_of(self, *commands: str) -> Sequence[str]:
        """Every option of a command: of `local`, `audit` those of `kmsctl local audit`."""
        parser: argparse.ArgumentParser = self
        for command in commands:
            (known,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))  # noqa: SLF001  argparse offers no other way
            parser = known.choices[command]
        return list(parser._option_string_actions)  # noqa: SLF001  as above

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print.

        Raises:
            UsageError: always.
        """
        raise UsageError(message, fix=f"see `{self.prog} --help`")
