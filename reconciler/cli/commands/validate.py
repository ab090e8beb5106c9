"""`kmsctl validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR, InvalidInput, KmsctlError

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Check manifests without asking any KMS: syntax, fields, names, references, and whether
what they combine can be. Every error is shown, with its file, line and column."""
EXAMPLES = """\
  kmsctl validate -f keys/
  kmsctl validate -k overlays/prod
  kmsctl validate -f - --output json < keys.yaml"""

_PLURALS = {"alias": "aliases", "policy": "policies"}


def add_arguments(parser: Parser) -> None:
    """What to check."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    arguments.add_target_name(parser)
    arguments.add_output(parser, "text", "json")


def run(args: Namespace, context: Context) -> int:
    """Check, and say what was found."""
    from reconciler.cli.request import request_of
    from reconciler.manifest.documents import ManifestKind
    from reconciler.workflow.validate import check

    if args.output == "json":
        return _for_machines(args, context)
    request = request_of(args, context)
    desired = check(request)
    counts = (
        ([key for key in desired.keys if key.primary is None], "key"),
        ([key for key in desired.keys if key.primary is not None], "replica"),
        (desired.aliases, "alias"),
        (desired.grants, "grant"),
        (desired.stores, "custom key store"),
        (request.manifests.of_kind(ManifestKind.KEY_POLICY), "policy"),
        (request.manifests.of_kind(ManifestKind.TARGET), "target"),
    )
    declared = [_plural(len(resources), noun) for resources, noun in counts if resources]
    context.stdout.write(f"Valid: {', '.join(declared)}.\n")
    return EXIT_DONE


def _for_machines(args: Namespace, context: Context) -> int:
    """What is wrong is the result, so it goes to stdout."""
    from reconciler.cli.request import request_of
    from reconciler.report.json.diagnostics import render, render_error
    from reconciler.workflow.validate import check

    try:
        check(request_of(args, context))
        text, code = render(()), EXIT_DONE
    except InvalidInput as error:
        text, code = render(error.diagnostics), EXIT_ERROR
    except KmsctlError as error:
        text, code = render_error(error), error.exit_code
    context.stdout.write(text)
    return code


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {_PLURALS.get(noun, f'{noun}s')}"
