"""Reports on stdout, in the format that was asked for.

By convention `reconciler.report.<format>.<report>` has `render`; only the one that is asked for is imported.
"""

from __future__ import annotations

from argparse import Namespace
from importlib import import_module
from typing import Any

from reconciler.cli.colour import style_of
from reconciler.cli.context import Context


def show(report: str, value: Any, args: Namespace, context: Context) -> None:
    """Print `value` as the report called `report`."""
    context.stdout.write(_rendered(report, value, args, context))


def _rendered(report: str, value: Any, args: Namespace, context: Context) -> str:
    render = import_module(f"reconciler.report.{args.output}.{report}").render
    text: str = (
        render(value, style_of(args, context.stdout, context.environ)) if args.output == "text" else render(value)
    )
    return text
