"""`kmsctl lint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.kit.errors import EXIT_DONE, EXIT_REFUSED

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.lint.check import Severity
    from reconciler.lint.subject import IdentitySubject
    from reconciler.report.lint import LintReport

USAGE = "[-f PATH] [--live] [options]"
DESCRIPTION = """\
Look for what is dangerous, has no effect, or is weaker than it needs to be: in
manifests, without asking any KMS, or with --live in the keys as they are. What is
meant to be so is set aside with a reason, in the manifest or in kmsctl.yaml.

The exit code is 3 when a finding is as severe as --severity-threshold."""
EXAMPLES = """\
  kmsctl lint -f keys/
  kmsctl lint -f keys/ --output sarif > lint.sarif
  kustomize build overlays/prod | kmsctl lint -f - --severity-threshold warning
  kmsctl lint --live --target production
  kmsctl lint -f keys/ --identities identities.yaml
  kmsctl lint --live -f keys/ --output json"""


def add_arguments(parser: Parser) -> None:
    """What to look at, and how to show what is found."""
    from reconciler.cli import arguments
    from reconciler.cli.values import path

    arguments.add_manifests(parser)
    arguments.add_target(parser)
    parser.add_argument(
        "--live",
        action="store_true",
        help="look at keys as they are: those of the manifests, or without any all of the account and Region",
    )
    parser.add_argument(
        "--severity-threshold",
        metavar="LEVEL",
        choices=("error", "warning", "note"),
        default="error",
        help="the least severity that fails the run: error, warning or note (default: error)",
    )
    parser.add_argument(
        "--identities", metavar="FILE", type=path, help="look at the IAM policies of an identities file, too"
    )
    arguments.add_output(parser, "text", "json", "html", "sarif", "junit", "github")
    arguments.add_parallelism(parser)


def run(args: Namespace, context: Context) -> int:
    """Look, and show what was found."""
    from reconciler.cli.quotes import sources_of
    from reconciler.cli.views import show
    from reconciler.lint.check import Severity

    report = _report(args, context, Severity(args.severity_threshold))
    quoted = {}
    if args.output == "text":
        quoted["sources"] = sources_of(finding.position for finding in report.counting if finding.position)
    show("lint", report, args, context, **quoted)
    return EXIT_REFUSED if report.failed else EXIT_DONE


def _report(args: Namespace, context: Context, threshold: Severity) -> LintReport:
    from reconciler.cli.environment import environment_of
    from reconciler.cli.request import request_of
    from reconciler.workflow.lint.manifests import lint_manifests

    optional = args.live or args.identities is not None
    request = request_of(args, context, manifests_optional=optional, suppressions=True)
    policies = _policies(args)
    if not args.live:
        return lint_manifests(request, threshold, policies)
    from reconciler.workflow.lint.live import lint_live
    from reconciler.workflow.session import open_session

    with open_session(request, environment_of(context)) as session:
        return lint_live(session, request, threshold, policies)


def _policies(args: Namespace) -> tuple[IdentitySubject, ...]:
    """The IAM policies that were asked for."""
    if args.identities is None:
        return ()
    from reconciler.lint import subjects_iam
    from reconciler.workflow.access.iam import of_declared
    from reconciler.workflow.identities import read_identities

    return subjects_iam(of_declared(read_identities(args.identities).identities))
