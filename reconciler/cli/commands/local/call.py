"""`kmsctl local call`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reconciler.cli.values import account, region
from reconciler.kit.errors import EXIT_DONE, KmsctlError

if TYPE_CHECKING:
    from argparse import Namespace

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser

USAGE = "OPERATION [JSON] [--account ID] [--region REGION]"
DESCRIPTION = """\
Make one call to the bundled KMS and print the answer as JSON.

OPERATION is AWS's name, as CreateKey or create-key; tagging:GetResources,
sts:GetCallerIdentity and cloudtrail:LookupEvents are there too. JSON holds the
parameters; @FILE reads them from a file, and - from standard input. Blobs are base64,
as in the AWS CLI. What Decrypt answers is the plaintext: you asked for it."""
EXAMPLES = """\
  kmsctl local call describe-key '{"KeyId": "alias/payments"}'
  kmsctl local call encrypt '{"KeyId": "alias/payments", "Plaintext": "aGVsbG8="}'
  kmsctl local call DisableKey @parameters.json"""


def add_arguments(parser: Parser) -> None:
    """The call, and who makes it where."""
    parser.add_argument("operation", metavar="OPERATION", help="what to call")
    parser.add_argument("parameters", metavar="JSON", nargs="?", default="{}", help="the parameters (default: none)")
    parser.add_argument("--account", metavar="ID", type=account, help="the account that calls (default: 111122223333)")
    parser.add_argument(
        "--region", metavar="REGION", type=region, help="the Region that is called (default: us-east-1)"
    )


def run(args: Namespace, context: Context) -> int:
    """Call."""
    from reconciler.cli.environment import environment_of
    from reconciler.cli.wirejson import from_wire, operation_called, to_wire
    from reconciler.model.target import DEFAULT_REGION, LOCAL_ACCOUNT
    from reconciler.report.json.encode import readable
    from reconciler.workflow.local import open_engine

    operation = operation_called(args.operation)
    parameters = to_wire(operation, _parameters(args.parameters, context))
    with open_engine(environment_of(context)) as engine:
        client = engine.client(account=args.account or LOCAL_ACCOUNT, region=args.region or DEFAULT_REGION)
        answer = from_wire(client(operation, parameters))
    context.stdout.write(readable(answer))
    return EXIT_DONE


def _parameters(given: str, context: Context) -> Mapping[str, Any]:
    import json

    try:
        value = json.loads(_text(given, context))
    except ValueError as error:
        raise KmsctlError(
            "the parameters are not JSON", why=str(error), fix="write them as '{\"Name\": value}'"
        ) from None
    except RecursionError:
        raise KmsctlError("the parameters are not usable", why="they are nested too deeply") from None
    if not isinstance(value, dict):
        raise KmsctlError("the parameters are not a JSON object", fix="write them as '{\"Name\": value}'")
    return value


def _text(given: str, context: Context) -> str | bytes:
    from pathlib import Path

    if given == "-":
        return context.stdin.read()
    if given.startswith("@"):
        return Path(given[1:]).read_bytes()
    return given
