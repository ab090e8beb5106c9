"""`kmsctl local`: the bundled KMS, worked with directly."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.cli.commandline import add_command
from reconciler.cli.commands.local import advance, audit, call, credentials, quota, reset, serve
from reconciler.cli.parser import HelpAsked

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.cli.registry import CommandModule

USAGE = "COMMAND [options]"
DESCRIPTION = """\
Work with the bundled KMS, whose data is in $KMSCTL_HOME."""
EXAMPLES = """\
  kmsctl local serve --port 4599
  kmsctl local call list-keys
  kmsctl local audit --limit 5
  kmsctl local reset"""

_COMMANDS: Mapping[str, tuple[str, CommandModule]] = MappingProxyType(
    {
        "serve": ("serve it over HTTP, for any AWS SDK", serve),
        "credentials": ("print somebody's access key for an AWS SDK", credentials),
        "call": ("make one call, as any client of AWS KMS could", call),
        "audit": ("print the record of all calls", audit),
        "advance": ("move its time forward", advance),
        "quota": ("list, raise or reset its quotas", quota),
        "reset": ("forget all keys and everything that they encrypted", reset),
    }
)


def add_arguments(parser: Parser) -> None:
    """Its commands."""
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="local_command", parser_class=type(parser), prog="kmsctl local"
    )
    for name, (summary, module) in _COMMANDS.items():
        add_command(commands, name, summary, module)
    parser.set_defaults(local_help=parser.format_help)


def run(args: Namespace, context: Context) -> int:
    """Do what the command says."""
    if args.local_command is None:
        raise HelpAsked(args.local_help())
    return _COMMANDS[args.local_command][1].run(args, context)
