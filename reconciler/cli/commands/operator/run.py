"""`kmsctl operator run`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconciler.cli.values import said

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from reconciler.cli.context import Context
    from reconciler.cli.parser import Parser
    from reconciler.controller.settings import Settings

USAGE = "--cluster-name NAME [options]"
DESCRIPTION = """\
Run the operator: keep the keys of a cluster as its resources declare them, until SIGTERM
or Ctrl-C, which finish the calls in flight. Several replicas may run: one leads, the
others serve the webhook and stand by.

Every option can be a variable of the environment instead, called KMSCTL_ and the option's
name, as KMSCTL_CLUSTER_NAME. The cluster is the one of $KUBECONFIG, else the one that the
process runs in, else the one of ~/.kube/config. Credentials for AWS come from the Target."""
EXAMPLES = """\
  kmsctl operator run --cluster-name eu-prod
  kmsctl operator run --cluster-name dev --log-format text --leader-elect false
  KMSCTL_NAMESPACES=payments,orders kmsctl operator run --cluster-name eu-prod"""

_EXTRA = frozenset({"aiohttp", "kopf", "prometheus_client"})
"""What the extra `operator` installs."""


def add_arguments(parser: Parser) -> None:
    """Every setting, as text: variables and flags are checked alike, and by one hand."""
    from reconciler.controller.settings import OPTIONS

    for option in OPTIONS:
        default = f" (default: {option.default})" if option.default else ""
        parser.add_argument(option.flag, metavar=option.metavar, type=said, help=f"{option.help}{default}")


def run(args: Namespace, context: Context) -> int:
    """Run until told to stop."""
    from reconciler.controller.settings import OPTIONS, Settings

    flags = {option.name: getattr(args, option.name) for option in OPTIONS}
    settings = Settings.from_environment(context.environ, flags)
    return _operator()(settings)


def _operator() -> Callable[[Settings], int]:
    from reconciler.kit.errors import KmsctlError

    try:
        from reconciler.controller.run import run as run_operator
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _EXTRA:
            raise
        raise KmsctlError(
            f"the Python module {missing} is missing",
            why="kmsctl is installed without what only its operator needs",
            fix="install kmsctl[operator], e.g. `pip install 'kmsctl[operator]'`",
        ) from None
    return run_operator
