"""`kmsctl export`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import said
from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "[KEY ...] [options]"
DESCRIPTION = """\
Print manifests of keys that are there, as they are: applied, they adopt the keys and
change nothing but kmsctl's own tags.

Without KEY, of every key in the account and Region that is no stack's. Nothing is
changed by printing them. Manifests that are given say which Targets there are, and
which names are taken."""
EXAMPLES = """\
  kmsctl export --backend aws --region eu-central-1 > keys.yaml
  kmsctl export alias/orders alias/cards -f targets.yaml --target production
  kmsctl export --backend aws $(terraform show -json | jq -r '.. | objects |
    select(.type? == "aws_kms_key") | .values.key_id')"""


def add_arguments(parser: Parser) -> None:
    """Which keys, and where."""
    from reconciler.cli import arguments

    parser.add_argument(
        "keys", metavar="KEY", nargs="*", type=said, help="a key, by its id, its ARN or an alias (alias/…)"
    )
    arguments.add_manifests(parser)
    arguments.add_target(parser)
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Read, and print."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.report.yaml.export import render, summary
    from reconciler.workflow.export.export import export
    from reconciler.workflow.session import open_session

    request = request_of(args, context, manifests_optional=True)
    with open_session(request, environment_of(context)) as session:
        exported = export(session, request, args.keys)
    context.stdout.write(render(exported))
    context.stderr.write(summary(exported))
    return EXIT_DONE
