"""What a command is told of IAM: `--identities FILE`, and `--iam` where there is an account to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import path

if TYPE_CHECKING:
    from argparse import Namespace, _ActionsContainer
    from collections.abc import Iterable
    from pathlib import Path

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.model.accesstest import AccessTest
    from reconciler.model.identifiers import TargetName
    from reconciler.policy.access import Identities
    from reconciler.workflow.session import Session


def add_iam(parser: Parser, whose: str) -> None:
    """Both; `whose` says in the help which account IAM is asked about."""
    group = parser.add_argument_group("IAM").add_mutually_exclusive_group()
    add_identities(group)
    group.add_argument("--iam", action="store_true", help=f"read the users and roles of {whose} from IAM")


def add_identities(parser: _ActionsContainer) -> None:
    """A file alone, where no account is asked."""
    parser.add_argument("--identities", metavar="FILE", type=path, help="read users and roles from an identities file")


def identities_of(
    args: Namespace, context: Context, session: Session, targets: Iterable[TargetName]
) -> Identities | None:
    """What is known of IAM in the accounts of `targets`; None when nobody asked for it.

    Raises:
        InvalidInput: the identities file has errors.
        KmsError: IAM refused to be read.
        KmsctlError: there is no IAM to read.
    """
    if args.iam:
        from reconciler.workflow.access.iam import identities_from_iam

        return identities_from_iam(session, targets)
    return identities_in(args.identities, context)


def identities_in(file: Path | None, context: Context) -> Identities | None:
    """What `file` says; what is odd about it without being wrong is told.

    Raises:
        InvalidInput: it has errors.
    """
    if file is None:
        return None
    from reconciler.report.style import Style
    from reconciler.report.text.diagnostics import render
    from reconciler.workflow.access.iam import of_declared
    from reconciler.workflow.identities import read_identities

    read = read_identities(file)
    context.stderr.write(render(read.warnings, Style()) if read.warnings else "")
    return of_declared(read.identities)


def identities_for(tests: Iterable[AccessTest], args: Namespace, context: Context, session: Session) -> Identities:
    """What is known of IAM where `tests` ask; without any there is nothing to read.

    Raises:
        InvalidInput: the identities file has errors.
        KmsError: IAM refused to be read.
        KmsctlError: there is no IAM to read.
    """
    from reconciler.policy.access import Identities

    targets = {test.key.target for test in tests}
    return (identities_of(args, context, session, targets) if targets else None) or Identities()
