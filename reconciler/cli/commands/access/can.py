"""`kmsctl access can`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import path, said
from reconciler.kit.errors import EXIT_CHANGES, EXIT_DONE, EXIT_REFUSED

if TYPE_CHECKING:
    from argparse import Namespace
    from pathlib import Path

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.policy.document import PolicyDocument

USAGE = "PRINCIPAL ACTION KEY [options]"
DESCRIPTION = """\
Ask whether a principal may do one thing with a key, and which statement or grant
decides.

With -f the key is asked about as the plan would leave it, without as it is.
Exits with 0 when it is allowed, with 3 when it is denied, and with 2 when the key
leaves it to IAM policies that are not known."""
EXAMPLES = """\
  kmsctl access can role/orders-api kms:Decrypt alias/orders
  kmsctl access can role/orders-api Decrypt orders -f keys/ --via s3
  kmsctl access can user/alice Encrypt orders -v --context app=orders
  kmsctl access can logs.amazonaws.com kms:Decrypt logs --fact aws:SourceAccount=111122223333"""


def add_arguments(parser: Parser) -> None:
    """The question."""
    from reconciler.cli import arguments
    from reconciler.cli.commands.access import shared

    parser.add_argument(
        "principal", metavar="PRINCIPAL", type=said, help="role/NAME, user/NAME, an ARN, or a service's name"
    )
    parser.add_argument("action", metavar="ACTION", type=said, help="such as kms:Decrypt, or Decrypt")
    parser.add_argument("key", metavar="KEY", type=said, help=shared.KEY_HELP)
    _add_request(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="show what became of every statement and grant")
    shared.add_state(parser)
    arguments.add_output(parser, "text", "json", "markdown", "html")
    arguments.add_parallelism(parser)


def _add_request(parser: Parser) -> None:
    from reconciler.cli.pairs import pair

    group = parser.add_argument_group("request")
    group.add_argument(
        "--context",
        metavar="NAME=VALUE",
        type=pair,
        action="append",
        default=[],
        help="a pair of the encryption context; repeatable",
    )
    group.add_argument("--via", metavar="SERVICE", type=said, help="the call comes through this service, such as s3")
    group.add_argument(
        "--fact",
        metavar="KEY=VALUE",
        type=pair,
        action="append",
        default=[],
        help="a condition key of the request, such as aws:SourceIp=203.0.113.7; repeatable",
    )
    group.add_argument(
        "--session-policy",
        metavar="FILE",
        type=path,
        help="the policy, JSON, that the principal's session is limited to",
    )


def _session_policy(file: Path | None) -> PolicyDocument | None:
    """The policy in `file`.

    Raises:
        KmsctlError: it cannot be read, or is no policy of a session.
    """
    if file is None:
        return None
    from reconciler.kit.errors import KmsctlError
    from reconciler.policy.document import parse_identity_policy
    from reconciler.policy.faults import InvalidPolicy

    try:
        return parse_identity_policy(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        raise KmsctlError(f"{file} cannot be read", why=str(error), fix="give a file with a policy in JSON") from error
    except InvalidPolicy as invalid:
        raise KmsctlError(f"{file} is no session policy", why=invalid.why, fix="see what IAM takes") from invalid


def run(args: Namespace, context: Context) -> int:
    """Ask."""
    from reconciler.cli.commands.access.shared import identities_of, is_planned
    from reconciler.cli.environment import environment_of
    from reconciler.cli.pairs import several, single
    from reconciler.cli.request import request_of
    from reconciler.cli.views import show
    from reconciler.workflow.access.ask import answer
    from reconciler.workflow.access.find import find_key
    from reconciler.workflow.access.questions import Question
    from reconciler.workflow.session import open_session

    question = Question(args.principal, args.action, single(args.context), args.via, several(args.fact))
    limit = _session_policy(args.session_policy)
    request = request_of(args, context, manifests_optional=not is_planned(args))
    with open_session(request, environment_of(context)) as session:
        found = find_key(session, args.key, planned=is_planned(args))
        known = identities_of(args, context, session, found)
        shown = answer(found, question, known, session.environment.clock.now(), limit)
    options = {"trace": args.verbose} if args.output == "text" else {}
    show("access_can", shown, args, context, **options)
    return _EXITS[shown.answer.standing.name]


_EXITS = {"ALLOWED": EXIT_DONE, "DELEGATED": EXIT_CHANGES, "DENIED": EXIT_REFUSED}
