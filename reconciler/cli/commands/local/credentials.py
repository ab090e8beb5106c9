"""`kmsctl local credentials`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import path, port, region, said
from reconciler.kit.errors import EXIT_DONE

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.workflow.credentials import Credential

USAGE = "[NAME] --identities FILE [--format FORMAT] [--port N] [--region REGION]"
DESCRIPTION = """\
Print the access key of one identity of the identities file, ready for an AWS SDK and
the address of `kmsctl local serve`. This is the one command that prints a secret: what
it prints lets whoever reads it act as that identity.

NAME is a user, root with an account, or a service, as 111122223333/alice, alice,
111122223333/root, s3.amazonaws.com. It can be left out when there is only one.

env is for a shell, json for credential_process in ~/.aws/config, and ini is a profile
for that file."""
EXAMPLES = """\
  eval "$(kmsctl local credentials alice --identities identities.yaml)"
  kmsctl local credentials alice --identities identities.yaml --format ini"""


def add_arguments(parser: Parser) -> None:
    """Whose, and how."""
    parser.add_argument("name", metavar="NAME", nargs="?", type=said, help="whose access key")
    parser.add_argument("--identities", metavar="FILE", type=path, help="the identities file (needed)", required=True)
    parser.add_argument(
        "--format", metavar="FORMAT", choices=("env", "json", "ini"), default="env", help="env, json or ini"
    )
    parser.add_argument("--port", metavar="N", type=port, default=4599, help="the server's port (default: 4599)")
    parser.add_argument("--region", metavar="REGION", type=region, help="the Region to call (default: us-east-1)")


def run(args: Namespace, context: Context) -> int:
    """Print it."""
    from reconciler.model.target import DEFAULT_REGION
    from reconciler.workflow.credentials import credential

    url = f"http://127.0.0.1:{args.port}"
    found = credential(args.identities, args.name, args.region or DEFAULT_REGION, url)
    context.stdout.write({"env": _env, "json": _json, "ini": _ini}[args.format](found))
    return EXIT_DONE


def _env(found: Credential) -> str:
    from shlex import quote

    values = {
        "AWS_ACCESS_KEY_ID": found.key_id,
        "AWS_SECRET_ACCESS_KEY": found.secret,
        "AWS_REGION": found.region,
        "AWS_DEFAULT_REGION": found.region,
        "AWS_ENDPOINT_URL": found.endpoint_url,
    }
    lines = [f"export {name}={quote(value)}\n" for name, value in values.items()]
    return "".join(lines) + "unset AWS_SESSION_TOKEN AWS_PROFILE\n"


def _json(found: Credential) -> str:
    from reconciler.report.json.encode import readable

    return readable({"Version": 1, "AccessKeyId": found.key_id, "SecretAccessKey": found.secret})


def _ini(found: Credential) -> str:
    values = {
        "aws_access_key_id": found.key_id,
        "aws_secret_access_key": found.secret,
        "region": found.region,
        "endpoint_url": found.endpoint_url,
    }
    name = found.name.replace("/", "-")
    return f"[profile {name}]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
