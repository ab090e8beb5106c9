"""`kmsctl local serve`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import duration, path, port, workers
from reconciler.kit.errors import EXIT_DONE
from reconciler.kit.quotas import CURRENT, PROFILES

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.kit.diagnostics import Diagnostic

USAGE = "[--port N] [--data DIR] [--identities FILE] [options]"
DESCRIPTION = """\
Serve the bundled KMS over HTTP, for any AWS SDK, the AWS CLI or Terraform: KMS, and the
few calls of STS, tagging and CloudTrail that go with it, at one address. Stop it with
Ctrl-C or SIGTERM; requests in flight are finished.

Without --identities nobody has to prove who he is: all credentials are the account root
of 111122223333, and an access key id of 12 digits names another account. That is why it
listens on this machine only. With --identities every request must be signed (AWS
Signature Version 4) with an access key of that file, and is allowed what its policies
say."""
EXAMPLES = """\
  kmsctl local serve
  kmsctl local serve --port 0 --data /tmp/kms --allow-reset
  kmsctl local serve --identities identities.yaml
  aws --endpoint-url http://127.0.0.1:4599 kms list-keys"""


def add_arguments(parser: Parser) -> None:
    """Where to listen, whom to serve, and what to practise against."""
    parser.add_argument(
        "--port", metavar="N", type=port, default=4599, help="port; 0 takes any free one (default: 4599)"
    )
    parser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="address (default: 127.0.0.1)")
    parser.add_argument("--data", metavar="DIR", type=path, help="data folder (default: $KMSCTL_HOME)")
    parser.add_argument("--identities", metavar="FILE", type=path, help="accounts, users, roles and their access keys")
    parser.add_argument(
        "--auth", choices=("sigv4", "none"), metavar="HOW", help="sigv4 (default with --identities) or none"
    )
    parser.add_argument("--workers", metavar="N", type=workers, help="processes (default: one a core, at most 4)")
    parser.add_argument(
        "--consistency-delay",
        metavar="TIME",
        type=duration,
        help="let a new grant wait so long, as 3s, for who does not present its token, and a new key's tags",
    )
    parser.add_argument(
        "--quotas",
        metavar="PROFILE",
        nargs="?",
        choices=PROFILES,
        const=CURRENT,
        help=f"throttle as AWS does: {' or '.join(PROFILES)} (default: {CURRENT})",
    )
    parser.add_argument("--allow-reset", action="store_true", help="let POST /_kmsctl/reset forget everything")
    parser.add_argument("--tls-cert", metavar="FILE", type=path, help="serve HTTPS with this certificate (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", type=path, help="and this private key (PEM)")


def run(args: Namespace, context: Context) -> int:
    """Serve until told to stop."""
    from datetime import timedelta

    from reconciler.cli.environment import environment_of
    from reconciler.engine.server.settings import Auth
    from reconciler.kit.printable import printable
    from reconciler.report.style import Style
    from reconciler.report.text.diagnostics import render
    from reconciler.workflow.serve import ServeRequest, serve

    def ready(line: str) -> None:
        context.stdout.write(f"{printable(line, limit=4_096)}\n")
        context.stdout.flush()

    def warn(warnings: Sequence[Diagnostic]) -> None:
        context.stderr.write(render(warnings, Style()))

    request = ServeRequest(
        data=args.data,
        host=args.host,
        port=args.port,
        auth=Auth(args.auth) if args.auth else None,
        identities=args.identities,
        workers=args.workers,
        consistency_delay=args.consistency_delay or timedelta(),
        allow_reset=args.allow_reset,
        quotas=args.quotas,
        tls_certificate=args.tls_cert,
        tls_key=args.tls_key,
    )
    serve(request, environment_of(context), ready, warn)
    return EXIT_DONE
