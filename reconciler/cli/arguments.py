"""Arguments that several commands share, each declared once."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import _ActionsContainer

    from reconciler.cli.parser import Parser

MAX_PARALLELISM = 128
"""More connections than this never help: KMS allows a handful of most changes a second."""


def add_manifests(parser: Parser) -> None:
    """Which manifests, and whose they are."""
    group = parser.add_argument_group("manifests")
    group.add_argument(
        "-f",
        "--filename",
        metavar="PATH",
        action="append",
        default=[],
        help="a file, a folder, or - for standard input; repeatable (default: `manifests` of kmsctl.yaml)",
    )
    group.add_argument("-k", "--kustomize", metavar="DIR", help="build DIR with kustomize or kubectl")
    add_stack(group)


def add_stack(parser: _ActionsContainer) -> None:
    """Whose keys."""
    parser.add_argument(
        "--stack", metavar="NAME", help="what is planned together (default: `stack` of kmsctl.yaml, or `default`)"
    )


def add_target(parser: Parser) -> None:
    """Which KMS."""
    group = parser.add_argument_group("target")
    group.add_argument(
        "--target",
        metavar="NAME",
        help="the run's Target, for resources that name none (default: `target` of kmsctl.yaml, or `local`, "
        "the bundled KMS)",
    )
    group.add_argument(
        "--backend",
        choices=("aws", "local"),
        help="`local` takes every target to the bundled KMS; `aws` takes the run's to AWS",
    )
    group.add_argument("--endpoint-url", metavar="URL", help="another address of the AWS API, for every AWS target")
    group.add_argument("--profile", metavar="NAME", help="profile of the AWS configuration, for the run's target")
    group.add_argument("--region", metavar="REGION", help="Region of the run's target")


def add_output(parser: Parser, *formats: str) -> None:
    """How to print; the first format is the default."""
    parser.add_argument("--output", metavar="FORMAT", choices=formats, default=formats[0], help=f"{', '.join(formats)}")


def add_parallelism(parser: Parser) -> None:
    """How many calls at once."""
    parser.add_argument(
        "--parallelism", metavar="N", type=_parallelism, default=8, help="calls in flight at once (default: 8)"
    )


def add_allow(parser: Parser) -> None:
    """Dangers that are meant."""
    parser.add_argument(
        "--allow",
        metavar="REASON",
        action="append",
        default=[],
        help="accept a danger, by the name that the plan gives it; repeatable",
    )


def add_prune(parser: Parser) -> None:
    """Whether to act on what is no longer declared."""
    parser.add_argument(
        "--prune",
        action="store_true",
        help="also give up what is no longer declared, as its deletion policy says",
    )


def _parallelism(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MAX_PARALLELISM:
        raise ArgumentTypeError(f"{text!r} is no number from 1 to {MAX_PARALLELISM}")
    return int(text)


def add_approval(parser: Parser) -> None:
    """Who approves."""
    parser.add_argument(
        "-y", "--auto-approve", action="store_true", help="do not ask; needed where there is no terminal"
    )
