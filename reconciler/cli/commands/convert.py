"""`kmsctl convert`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.pairs import pair, single
from reconciler.cli.values import said
from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "FILE ... [options]"
DESCRIPTION = """\
Print manifests for the keys, aliases and grants that other tools declare: Terraform and
OpenTofu (as JSON), CloudFormation, ACK and Crossplane, told apart by what a file holds.

No KMS is asked. The manifests adopt what is there; what could not be carried over is
said on standard error, and in comments. Look at `kmsctl plan` before anything else."""
EXAMPLES = """\
  kmsctl convert template.yaml --parameter Stage=prod > keys.yaml
  terraform show -json | kmsctl convert - > keys.yaml
  kubectl get keys.kms.services.k8s.aws -A -o json | kmsctl convert -
  kmsctl convert infrastructure/ | kmsctl plan -f - --backend aws"""


def add_arguments(parser: Parser) -> None:
    """What to read."""
    parser.add_argument("files", metavar="FILE", nargs="+", type=said, help="a file, a folder, or - for standard input")
    parser.add_argument(
        "--parameter",
        metavar="NAME=VALUE",
        type=pair,
        action="append",
        default=[],
        help="the value of a parameter of CloudFormation; repeatable",
    )


def run(args: Namespace, context: Context) -> int:
    """Read, and print."""
    from reconciler.cli.colour import style_of
    from reconciler.report.text.diagnostics import render
    from reconciler.workflow.convert.convert import conversion, summary, written

    found = conversion(args.files, single(args.parameter), context.stdin)
    style = style_of(args, context.stderr, context.environ)
    # No lines are quoted: what other tools keep holds secrets.
    context.stderr.write(render(found.faults or found.remarks, style))
    if found.faults:
        return EXIT_ERROR
    context.stdout.write(written(found))
    context.stderr.write(summary(found))
    return EXIT_DONE
