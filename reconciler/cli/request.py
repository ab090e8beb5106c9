"""From a command's arguments to what the use cases take."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.cli.context import Context
from reconciler.manifest.config import read_config
from reconciler.workflow.environment import Environment
from reconciler.workflow.session import Request

if TYPE_CHECKING:
    pass


def environment_of(context: Context) -> Environment:
    """The world, as the process sees it."""
    return Environment.of(context.environ, context.clock())


def request_of(args: Namespace, context: Context, *, manifests_optional: bool = False) -> Request:
    """What the run is about.

    Raises:
        InvalidInput: the manifests or `kmsctl.yaml` have errors.
        KmsctlError: no manifests are given, or they cannot be read.
    """
    config = read_config(Path())
    return Request(
        manifests=_manifests(args, config, context, optional=manifests_optional),
        stack=args.stack or config.stack,
        choice=_choice(args, config),
        parallelism=getattr(args, "parallelism", 8),
    )
