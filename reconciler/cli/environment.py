"""From the process to the environment of the use cases."""

from __future__ import annotations

from reconciler.cli.context import Context
from reconciler.workflow.environment import Environment


def environment_of(context: Context) -> Environment:
    """The world, as the process sees it."""
    return Environment.of(context.environ, context.clock())
