"""What the commands of `kmsctl access` have in common: which key, in which state, and what is known of IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.iam import add_iam

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.policy.access import Identities
    from reconciler.workflow.access.find import FoundKey
    from reconciler.workflow.session import Session

KEY_HELP = "what its manifest calls it (NAME or NAME@TARGET), alias/NAME, a key id or an ARN"


def add_place(parser: Parser) -> None:
    """Which keys: planned ones with manifests, real ones without."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    parser.add_argument(
        "--live", action="store_true", help="the key as it is, although -f is given; -f then says where it is declared"
    )
    arguments.add_target(parser)


def add_state(parser: Parser) -> None:
    """The same, and what is known of IAM."""
    add_place(parser)
    add_iam(parser, "the key's account")


def is_planned(args: Namespace) -> bool:
    """Whether the key is asked about as a plan would leave it."""
    return bool(args.filename or args.kustomize) and not args.live


def identities_of(args: Namespace, context: Context, session: Session, found: FoundKey) -> Identities | None:
    """What is known of IAM in the account of the key; None when nobody asked for it.

    Raises:
        InvalidInput: the identities file has errors.
        KmsError: IAM refused to be read.
        KmsctlError: there is no IAM to read.
    """
    from reconciler.cli.iam import identities_of as known_of

    return known_of(args, context, session, (found.target,))
