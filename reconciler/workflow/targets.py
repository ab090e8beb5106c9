"""The composition root: the one module that knows every way to a KMS, AWS's and the bundled one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from reconciler.kit.clock import Clock
from reconciler.kms.account import check_account, identify
from reconciler.kms.aws import connect, region_of
from reconciler.kms.port import Kms
from reconciler.kms.quotas import load_quotas
from reconciler.kms.retrying import Retrying
from reconciler.kms.throttled import Throttled
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.model.target import LOCAL_ACCOUNT, Target
from reconciler.workflow.environment import Environment
from reconciler.workflow.local import open_engine


@dataclass(frozen=True, slots=True)
class Connection:
    """A target, open until `close` is called."""

    kms: Kms
    account: Account
    close: Callable[[], None]
    immediate: bool = False
    """Whether it is the bundled KMS: what was written shows at once, and threads only cost."""


@contextmanager
def connect_all(
    targets: Mapping[TargetName, Target], environment: Environment, *, parallelism: int = 8
) -> Iterator[Mapping[TargetName, Connection]]:
    """Open `targets`, close them when the block ends.

    Raises:
        KmsctlError: a target cannot be reached, or its credentials are not good.
        Refused: a target is another account than it must be.
    """
    with ExitStack() as closing:
        connections = {}
        for name, target in targets.items():
            connection = open_target(target, environment, parallelism=parallelism)
            closing.callback(connection.close)
            connections[name] = connection
        yield connections


def open_target(target: Target, environment: Environment, *, parallelism: int = 8) -> Connection:
    """Open `target`; nothing is read before it is known to be the account that it must be.

    Raises:
        KmsctlError: it cannot be reached, or its credentials are not good.
        Refused: it is another account than it must be.
    """
    region = region_of(target)
    if target.backend == "local":
        kms, close = _bundled(target, region, environment)
    else:
        kms, close = _aws(target, region, environment.clock, parallelism)
    try:
        account = identify(kms, region)
        check_account(target, account)
    except BaseException:
        close()
        raise
    return Connection(kms, account, close, immediate=target.backend == "local")


def _bundled(target: Target, region: str, environment: Environment) -> tuple[Kms, Callable[[], None]]:
    engine = open_engine(environment)
    return engine.client(account=target.account_id or LOCAL_ACCOUNT, region=region), engine.close


def _aws(target: Target, region: str, clock: Clock, parallelism: int) -> tuple[Kms, Callable[[], None]]:
    """Each attempt waits for the quota, and the quota learns of each refusal: so retrying is on the outside."""
    aws = connect(target, parallelism=parallelism)
    return Retrying(Throttled(aws, load_quotas(region), clock=clock), clock=clock), aws.close
