"""`kmsctl validate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.diagnostics import Severity
from reconciler.kit.errors import EXIT_DONE, EXIT_ERROR, EXIT_REFUSED, InvalidInput, KmsctlError

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.kit.diagnostics import Diagnostic

USAGE = "-f PATH [options]"
DESCRIPTION = """\
Check manifests without asking any KMS: syntax, fields, names, references, and whether
what they combine can be. Every error is shown, with its file, line and column.

AccessTests are held against the policies and grants that the manifests declare; what
fails ends with exit code 3. What only the account can tell is left to plan."""
EXAMPLES = """\
  kmsctl validate -f keys/
  kmsctl validate -k overlays/prod
  kmsctl validate -f - --output json < keys.yaml"""

_PLURALS = {"alias": "aliases", "policy": "policies"}


def add_arguments(parser: Parser) -> None:
    """What to check."""
    from reconciler.cli import arguments
    from reconciler.cli.iam import add_identities

    arguments.add_manifests(parser)
    arguments.add_target_name(parser)
    arguments.add_output(parser, "text", "json", "sarif", "junit", "github")
    add_identities(parser)


def run(args: Namespace, context: Context) -> int:
    """Check, and say what was found."""
    from reconciler.cli.iam import identities_in
    from reconciler.cli.request import request_of
    from reconciler.manifest.documents import ManifestKind
    from reconciler.workflow.validate import check, tested

    if args.output != "text":
        return _for_machines(args, context)
    request = request_of(args, context)
    desired = check(request)
    _tell(tested(request, desired, identities_in(args.identities, context)), args, context)
    counts = (
        ([key for key in desired.keys if key.primary is None], "key"),
        ([key for key in desired.keys if key.primary is not None], "replica"),
        (desired.aliases, "alias"),
        (desired.grants, "grant"),
        (desired.stores, "custom key store"),
        (request.manifests.of_kind(ManifestKind.KEY_POLICY), "policy"),
        (request.manifests.of_kind(ManifestKind.ACCESS_TEST), "access test"),
        (request.manifests.of_kind(ManifestKind.TARGET), "target"),
    )
    declared = [_plural(len(resources), noun) for resources, noun in counts if resources]
    context.stdout.write(f"Valid: {', '.join(declared)}.\n")
    return EXIT_DONE


def _tell(found: tuple[Diagnostic, ...], args: Namespace, context: Context) -> None:
    """What AccessTests have to say: what fails refuses the manifests, what is left to a plan is told."""
    if _exit_code(found) != EXIT_DONE:
        raise InvalidInput(found, exit_code=EXIT_REFUSED)
    if found:
        from reconciler.cli.colour import style_of
        from reconciler.cli.quotes import sources_of
        from reconciler.report.text.diagnostics import render

        style = style_of(args, context.stderr, context.environ)
        context.stderr.write(render(found, style, sources=sources_of(one.position for one in found)))


def _exit_code(found: tuple[Diagnostic, ...]) -> int:
    return EXIT_REFUSED if any(one.severity is Severity.ERROR for one in found) else EXIT_DONE


def _for_machines(args: Namespace, context: Context) -> int:
    """What is wrong is the result, so it goes to stdout."""
    from importlib import import_module

    from reconciler.cli.iam import identities_in
    from reconciler.cli.request import request_of
    from reconciler.workflow.validate import check, tested

    report = import_module(f"reconciler.report.{args.output}.diagnostics")
    try:
        request = request_of(args, context)
        found = tested(request, check(request), identities_in(args.identities, context))
        checked = {"checked": request.manifests.files} if args.output == "junit" else {}
        text, code = report.render(found, **checked), _exit_code(found)
    except InvalidInput as error:
        text, code = report.render(error.diagnostics), EXIT_ERROR
    except KmsctlError as error:
        text, code = report.render_error(error), error.exit_code
    context.stdout.write(text)
    return code


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {_PLURALS.get(noun, f'{noun}s')}"
