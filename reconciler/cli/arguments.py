"""Arguments that several commands share, each declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import endpoint_url, parallelism, region, said

if TYPE_CHECKING:
    from argparse import _ActionsContainer

    from reconciler.cli.parser import Parser


def add_manifests(parser: Parser) -> None:
    """Which manifests, and whose they are."""
    group = parser.add_argument_group("manifests")
    group.add_argument(
        "-f",
        "--filename",
        metavar="PATH",
        type=said,
        action="append",
        default=[],
        help="a file, a folder, or - for standard input; repeatable (default: `manifests` of kmsctl.yaml)",
    )
    group.add_argument("-k", "--kustomize", metavar="DIR", type=said, help="build DIR with kustomize or kubectl")
    add_stack(group)


def add_stack(parser: _ActionsContainer) -> None:
    """Whose keys."""
    parser.add_argument(
        "--stack",
        metavar="NAME",
        type=said,
        help="what is planned together (default: `stack` of kmsctl.yaml, or `default`)",
    )


def add_target_name(parser: Parser) -> None:
    """Which target, where none is reached."""
    parser.add_argument("--target", metavar="NAME", type=said, help="the run's Target, for resources that name none")


def add_target(parser: Parser) -> None:
    """Which KMS."""
    group = parser.add_argument_group("target")
    group.add_argument(
        "--target",
        metavar="NAME",
        type=said,
        help="the run's Target, for resources that name none (default: `target` of kmsctl.yaml, or `local`, "
        "the bundled KMS)",
    )
    group.add_argument(
        "--backend",
        choices=("aws", "local"),
        help="`local` takes every target to the bundled KMS; `aws` takes the run's to AWS",
    )
    group.add_argument(
        "--endpoint-url", metavar="URL", type=endpoint_url, help="another address of the AWS API, for every AWS target"
    )
    group.add_argument(
        "--profile", metavar="NAME", type=said, help="profile of the AWS configuration, for the run's target"
    )
    group.add_argument("--region", metavar="REGION", type=region, help="Region of the run's target")


def add_output(parser: Parser, *formats: str) -> None:
    """How to print; the first format is the default."""
    parser.add_argument("--output", metavar="FORMAT", choices=formats, default=formats[0], help=f"{', '.join(formats)}")


def add_parallelism(parser: Parser) -> None:
    """How many calls at once."""
    parser.add_argument(
        "--parallelism", metavar="N", type=parallelism, default=8, help="calls in flight at once (default: 8)"
    )


def add_allow(parser: Parser) -> None:
    """Dangers that are meant."""
    parser.add_argument(
        "--allow",
        metavar="REASON",
        type=said,
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


def add_approval(parser: Parser) -> None:
    """Who approves."""
    parser.add_argument(
        "-y", "--auto-approve", action="store_true", help="do not ask; needed where there is no terminal"
    )
