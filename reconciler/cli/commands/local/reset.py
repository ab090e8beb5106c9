"""`kmsctl local reset`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "[options]"
DESCRIPTION = """\
Forget everything that the bundled KMS holds: keys, their material, aliases, grants,
and the audit record. What was encrypted with these keys cannot be decrypted any more."""
EXAMPLES = """\
  kmsctl local reset
  kmsctl local reset --auto-approve"""


def add_arguments(parser: Parser) -> None:
    """Whether to ask."""
    parser.add_argument("-y", "--auto-approve", action="store_true", help="do not ask")


def run(args: Namespace, context: Context) -> int:
    """Ask, and forget."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.prompt import confirm
    from reconciler.engine.engine import forget
    from reconciler.kit.printable import printable

    home = environment_of(context).home
    if not args.auto_approve and not confirm(f"Forget all keys in {printable(str(home))}?", context):
        context.stderr.write("nothing was forgotten\n")
        return EXIT_ERROR
    forget(home)
    context.stdout.write("The bundled KMS is empty.\n")
    return EXIT_DONE
