"""`kmsctl local quota`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import account, number, region
from reconciler.kit.errors import EXIT_DONE, KmsctlError
from reconciler.kit.quotas import PROFILES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.engine.quotas.limits import Limit

USAGE = "list | set NAME VALUE | reset [options]"
DESCRIPTION = """\
List the quotas of an account and Region of the bundled KMS, raise or lower one as AWS
does on request, or give all of them AWS's default values again.

Quotas of resources always count. Quotas of requests count where calls are counted:
`kmsctl local serve --quotas`."""
EXAMPLES = """\
  kmsctl local quota list --region eu-central-1
  kmsctl local quota set CreateKey 50
  kmsctl local quota set aliases-per-key 100
  kmsctl local quota reset"""


def add_arguments(parser: Parser) -> None:
    """What to do, and whose quotas."""
    from reconciler.cli.arguments import add_output

    parser.add_argument("action", metavar="ACTION", choices=("list", "set", "reset"), help="list, set or reset")
    parser.add_argument("name", metavar="NAME", nargs="?", help="the quota, as list calls it")
    parser.add_argument("value", metavar="VALUE", nargs="?", type=number, help="its new value")
    parser.add_argument("--account", metavar="ID", type=account, help="the account (default: 111122223333)")
    parser.add_argument("--region", metavar="REGION", type=region, help="the Region (default: us-east-1)")
    parser.add_argument(
        "--profile", metavar="PROFILE", choices=PROFILES, help=f"whose defaults: {' or '.join(PROFILES)}"
    )
    add_output(parser, "text", "json")


def run(args: Namespace, context: Context) -> int:
    """Do it; every action ends with a list of what has another value than by default, `list` with all."""
    from reconciler.cli.environment import environment_of
    from reconciler.model.target import DEFAULT_REGION, LOCAL_ACCOUNT
    from reconciler.workflow.local import open_engine

    _check(args)
    place = (args.account or LOCAL_ACCOUNT, args.region or DEFAULT_REGION)
    with open_engine(environment_of(context)) as engine:
        if args.action == "set":
            engine.set_limit(*place, args.name, args.value)
        if args.action == "reset":
            engine.reset_limits(*place)
        limits = engine.limits(*place, args.profile)
    _print([limit for limit in limits if args.action == "list" or limit.name == args.name], args, context)
    return EXIT_DONE


def _check(args: Namespace) -> None:
    complete = args.name is not None and args.value is not None
    if args.action == "set" and not complete:
        raise KmsctlError("`quota set` needs a name and a value", fix="kmsctl local quota set CreateKey 50")
    if args.action != "set" and args.name is not None:
        raise KmsctlError(f"`quota {args.action}` takes no name", fix=f"kmsctl local quota {args.action}")


def _print(limits: Iterable[Limit], args: Namespace, context: Context) -> None:
    from dataclasses import asdict

    from reconciler.report.json.encode import readable

    if args.output == "json":
        context.stdout.write(readable([asdict(limit) for limit in limits]))
    elif args.action == "reset":
        context.stdout.write("All quotas have their default values.\n")
    else:
        context.stdout.writelines(_lines(limits))


def _lines(limits: Iterable[Limit]) -> Iterator[str]:
    for limit in limits:
        notes = [limit.unit]
        if limit.value != limit.default:
            notes.append(f"default {limit.default:,g}")
        if not limit.adjustable:
            notes.append("fixed")
        yield f"{limit.name:<44}{limit.value:>12,g}  {', '.join(notes)}\n"
