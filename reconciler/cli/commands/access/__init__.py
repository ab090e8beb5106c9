"""`kmsctl access`: who may do what with a key."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.cli.commandline import add_command
from reconciler.cli.commands.access import can, diff, record, who
from reconciler.cli.parser import HelpAsked

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.cli.registry import CommandModule

USAGE = "COMMAND [options]"
DESCRIPTION = """\
Say who may do what with a key, and why: by its key policy, its grants, and IAM
policies as far as they are known."""
EXAMPLES = """\
  kmsctl access who alias/orders
  kmsctl access who orders -f keys/ --action kms:Decrypt
  kmsctl access can role/orders-api kms:Decrypt alias/orders --via s3
  kmsctl access diff -f keys/"""

_COMMANDS: Mapping[str, tuple[str, CommandModule]] = MappingProxyType(
    {
        "who": ("list everybody who may do something with a key", who),
        "can": ("ask whether a principal may do one thing", can),
        "record": ("print an AccessTest of what is true of a key", record),
        "diff": ("show who gains and who loses access by a plan", diff),
    }
)


def add_arguments(parser: Parser) -> None:
    """Its commands."""
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="access_command", parser_class=type(parser), prog="kmsctl access"
    )
    for name, (summary, module) in _COMMANDS.items():
        add_command(commands, name, summary, module)
    parser.set_defaults(access_help=parser.format_help)


def run(args: Namespace, context: Context) -> int:
    """Do what the command says."""
    if args.access_command is None:
        raise HelpAsked(args.access_help())
    return _COMMANDS[args.access_command][1].run(args, context)
