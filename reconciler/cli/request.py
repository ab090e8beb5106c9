"""From a command's arguments to what the use cases take."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from reconciler.cli.context import Context
from reconciler.kit.errors import KmsctlError
from reconciler.manifest.config import Config, read_config
from reconciler.manifest.documents import Manifests
from reconciler.manifest.load import load
from reconciler.manifest.sources import read_sources
from reconciler.model.identifiers import TargetName
from reconciler.workflow.choice import Choice
from reconciler.workflow.request import Request


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
        lint=config.lint,
    )


def _manifests(args: Namespace, config: Config, context: Context, *, optional: bool) -> Manifests:
    paths = args.filename or ([] if args.kustomize else config.manifests)
    if paths or args.kustomize:
        return load(read_sources(paths, stdin=context.stdin, kustomize=args.kustomize))
    if optional:
        return Manifests()
    raise KmsctlError(
        "no manifests are given",
        fix="say where they are: -f FILE, -f FOLDER, -f - for standard input, or `manifests:` in kmsctl.yaml",
    )


def _choice(args: Namespace, config: Config) -> Choice:
    target = args.target or config.target
    return Choice(
        target=TargetName(target) if target else None,
        backend=getattr(args, "backend", None),
        endpoint_url=getattr(args, "endpoint_url", None),
        profile=getattr(args, "profile", None),
        region=getattr(args, "region", None),
    )
