"""`kmsctl operator crds`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "[--kind KIND] [--output FORMAT]"
DESCRIPTION = """\
Print the CustomResourceDefinitions of this version, one a kind. Apply them before the
operator of a new version starts. Helm and kustomize install the same."""
EXAMPLES = """\
  kmsctl operator crds | kubectl apply --server-side -f -
  kmsctl operator crds --kind Key --output json"""


def add_arguments(parser: Parser) -> None:
    """Which, and how."""
    from reconciler.cli import arguments
    from reconciler.manifest.documents import ManifestKind

    parser.add_argument(
        "--kind",
        metavar="KIND",
        choices=[str(kind) for kind in ManifestKind],
        action="append",
        help=f"{', '.join(ManifestKind)}; repeatable (default: all)",
    )
    arguments.add_output(parser, "yaml", "json")


def run(args: Namespace, context: Context) -> int:
    """Print them."""
    from reconciler.controller.crds.definition import definition_of
    from reconciler.controller.crds.files import as_yaml
    from reconciler.manifest.documents import ManifestKind
    from reconciler.report.json.encode import readable

    definitions = [definition_of(kind) for kind in ManifestKind if not args.kind or kind in args.kind]
    if args.output == "json":
        context.stdout.write(readable({"apiVersion": "v1", "kind": "List", "items": definitions}))
    else:
        context.stdout.write(as_yaml(definitions))
    return EXIT_DONE
