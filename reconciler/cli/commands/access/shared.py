"""What the commands of `kmsctl access` have in common: which key, in which state, and what is known of IAM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import path

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.parser import Parser
    from reconciler.policy.access import Identities
    from reconciler.workflow.access.find import FoundKey
    from reconciler.workflow.session import Session

KEY_HELP = "what its manifest calls it (NAME or NAME@TARGET), alias/NAME, a key id or an ARN"


def add_state(parser: Parser) -> None:
    """Which keys: planned ones with manifests, real ones without."""
    from reconciler.cli import arguments

    arguments.add_manifests(parser)
    parser.add_argument(
        "--live", action="store_true", help="the key as it is, although -f is given; -f then says where it is declared"
    )
    arguments.add_target(parser)
    group = parser.add_argument_group("IAM")
    group.add_argument("--identities", metavar="FILE", type=path, help="read users and roles from an identities file")
    group.add_argument("--iam", action="store_true", help="read the users and roles of the key's account from IAM")


def is_planned(args: Namespace) -> bool:
    """Whether the key is asked about as a plan would leave it."""
    return bool(args.filename or args.kustomize) and not args.live


def identities_of(args: Namespace, session: Session, found: FoundKey) -> Identities | None:
    """What is known of IAM; None when nobody asked for it.

    Raises:
        InvalidInput: the identities file has errors.
        KmsError: IAM refused to be read.
        KmsctlError: both were asked for, or IAM is not there.
    """
    from reconciler.kit.errors import KmsctlError
    from reconciler.workflow.access.iam import identities_from_iam, identities_in

    if args.identities is not None and args.iam:
        raise KmsctlError("--identities and --iam contradict each other", fix="say one of them")
    if args.identities is not None:
        return identities_in(args.identities)
    return identities_from_iam(session, found.target) if args.iam else None
