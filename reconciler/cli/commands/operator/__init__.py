"""`kmsctl operator`: keys as Kubernetes resources."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from reconciler.cli.commandline import add_command
from reconciler.cli.commands.operator import crds
from reconciler.cli.commands.operator import run as running
from reconciler.cli.parser import HelpAsked

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.cli.registry import CommandModule

USAGE = "COMMAND [options]"
DESCRIPTION = """\
Declare keys in a Kubernetes cluster, beside the workloads that use them."""
EXAMPLES = """\
  kmsctl operator run --cluster-name eu-prod
  kmsctl operator crds | kubectl apply --server-side -f -"""

_COMMANDS: Mapping[str, tuple[str, CommandModule]] = MappingProxyType(
    {
        "run": ("run the operator", running),
        "crds": ("print the custom resource definitions", crds),
    }
)


def add_arguments(parser: Parser) -> None:
    """Its commands."""
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="operator_command", parser_class=type(parser), prog="kmsctl operator"
    )
    for name, (summary, module) in _COMMANDS.items():
        add_command(commands, name, summary, module)
    parser.set_defaults(operator_help=parser.format_help)


def run(args: Namespace, context: Context) -> int:
    """Do what the command says."""
    if args.operator_command is None:
        raise HelpAsked(args.operator_help())
    return _COMMANDS[args.operator_command][1].run(args, context)
