"""Commands that have commands: `kmsctl access who`, `kmsctl local serve`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconciler.cli.commandline import add_command
from reconciler.cli.parser import HelpAsked

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.cli.registry import CommandModule


@dataclass(frozen=True, slots=True)
class Group:
    """The commands of one command."""

    name: str
    commands: Mapping[str, tuple[str, CommandModule]]
    """By name, in the order of the help: what it says of each, and the module."""

    def add_arguments(self, parser: Parser) -> None:
        """Declare the commands and their arguments."""
        commands = parser.add_subparsers(
            title="commands",
            metavar="COMMAND",
            dest=self._chosen,
            parser_class=type(parser),
            prog=f"kmsctl {self.name}",
        )
        for name, (summary, module) in self.commands.items():
            add_command(commands, name, summary, module)
        parser.set_defaults(**{self._help: parser.format_help})

    def run(self, args: Namespace, context: Context) -> int:
        """Do what the chosen command does.

        Raises:
            HelpAsked: none was chosen.
        """
        chosen = getattr(args, self._chosen)
        if chosen is None:
            raise HelpAsked(getattr(args, self._help)())
        return self.commands[chosen][1].run(args, context)

    @property
    def _chosen(self) -> str:
        return f"{self.name}_command"

    @property
    def _help(self) -> str:
        return f"{self.name}_help"
