"""`kmsctl graph`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Draw what the manifests declare: keys, the aliases that point to them, the grants on
them. No KMS is asked. `mermaid` shows in Markdown on GitHub and GitLab; `dot` is for
Graphviz."""
EXAMPLES = """\
  kmsctl graph -f keys/ > keys.mmd
  kmsctl graph -f keys/ --output dot | dot -Tsvg > keys.svg"""


def add_arguments(parser: Parser) -> None:
    """What to draw."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target_name(parser)
    arguments.add_output(parser, "mermaid", "dot")


def run(args: Namespace, context: Context) -> int:
    """Draw."""
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.report.graph import graph_of
    from reconciler.workflow.validate import check

    show("graph", graph_of(check(request_of(args, context))), args, context)
    return EXIT_DONE
