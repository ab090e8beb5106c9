"""From a command's arguments to what the use cases take."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from reconciler.cli.context import Context
from reconciler.kit.errors import KmsctlError
from reconciler.manifest.config import Config, read_config
from reconciler.manifest.documents import Manifests
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source, read_sources
from reconciler.model.identifiers import TargetName
from reconciler.model.suppression import Suppression
from reconciler.workflow.choice import Choice
from reconciler.workflow.request import Request


def request_of(
    args: Namespace, context: Context, *, manifests_optional: bool = False, suppressions: bool = False
) -> Request:
    """What the run is about; with `suppressions`, also what the manifests set aside of lint's findings.

    Raises:
        InvalidInput: the manifests or `kmsctl.yaml` have errors.
        KmsctlError: no manifests are given, or they cannot be read.
    """
    config = read_config(Path())
    sources = _sources(args, config, context, optional=manifests_optional)
    manifests = load(sources) if sources else Manifests()
    return Request(
        manifests=manifests,
        stack=args.stack or config.stack,
        choice=_choice(args, config),
        parallelism=getattr(args, "parallelism", 8),
        lint=config.lint,
        suppressions=_suppressions(manifests, sources) if suppressions else (),
    )


def _sources(args: Namespace, config: Config, context: Context, *, optional: bool) -> tuple[Source, ...]:
    paths = args.filename or ([] if args.kustomize else config.manifests)
    if paths or args.kustomize:
        return read_sources(paths, stdin=context.stdin, kustomize=args.kustomize)
    if optional:
        return ()
    raise KmsctlError(
        "no manifests are given",
        fix="say where they are: -f FILE, -f FOLDER, -f - for standard input, or `manifests:` in kmsctl.yaml",
    )


def _suppressions(manifests: Manifests, sources: tuple[Source, ...]) -> tuple[Suppression, ...]:
    from reconciler.manifest.suppressions import suppressions_of

    return suppressions_of(manifests, sources)


def _choice(args: Namespace, config: Config) -> Choice:
    target = args.target or config.target
    return Choice(
        target=TargetName(target) if target else None,
        backend=getattr(args, "backend", None),
        endpoint_url=getattr(args, "endpoint_url", None),
        profile=getattr(args, "profile", None),
        region=getattr(args, "region", None),
    )
