"""`kmsctl version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler import __version__
from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = ""
DESCRIPTION = "Print the version of kmsctl."
EXAMPLES = """\
  kmsctl version"""


def add_arguments(parser: Parser) -> None:
    """None of its own."""


def run(args: Namespace, context: Context) -> int:  # noqa: ARG001  every command has the same shape
    """Print it."""
    context.stdout.write(f"kmsctl {__version__}\n")
    return EXIT_DONE
