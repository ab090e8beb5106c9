"""Reports on stdout, in the format that was asked for.

By convention `reconciler.report.<format>.<report>` has `render`; only the one that is asked for is imported.
"""

from __future__ import annotations

from argparse import Namespace
from importlib import import_module
from typing import Any

from reconciler.cli.colour import style_of
from reconciler.cli.context import Context


def show(report: str, value: Any, args: Namespace, context: Context, **options: Any) -> None:
    """Print `value` as the report called `report`; `options` are what its renderers take beside it."""
    render = import_module(f"reconciler.report.{args.output}.{report}").render
    look = (style_of(args, context.stdout, context.environ),) if args.output == "text" else ()
    context.stdout.write(render(value, *look, **options))
