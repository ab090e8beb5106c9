"""The composition root: the one module that knows every way to a KMS, AWS's and the bundled one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from reconciler.kit.clock import Clock
from reconciler.kit.errors import Refused
from reconciler.kit.printable import printable
from reconciler.kms.account import check_account, identify
from reconciler.kms.aws import StaticCredentials, connect, is_aws, region_of
from reconciler.kms.port import Kms
from reconciler.kms.quotas import load_quotas
from reconciler.kms.retrying import Patience, Retrying
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
        Refused: a target is another account than it must be, or two targets are one place.
    """
    with ExitStack() as closing:
        connections = {}
        for name, target in targets.items():
            connection = open_target(target, environment, parallelism=parallelism)
            closing.callback(connection.close)
            connections[name] = connection
        _must_differ(targets, connections)
        yield connections


def _must_differ(targets: Mapping[TargetName, Target], connections: Mapping[TargetName, Connection]) -> None:
    """Two names for one account and Region would take each other's keys for orphans, and prune them.

    Addresses of the API count: stand-ins for AWS often have the same account. Two of AWS's own addresses for one
    Region, a public and a private one, are not noticed.
    """
    names: dict[object, TargetName] = {}
    for name, target in targets.items():
        account = connections[name].account
        place = (target.backend, target.endpoint_url, account.account_id, account.region, account.partition)
        first = names.setdefault(place, name)
        if first != name:
            raise Refused(
                f"{_called(first)} and {_called(name)} are one place: account {account.account_id} in {account.region}",
                why="the keys that are declared for the one would be orphans for the other",
                fix="give everything there the same targetRef, or make it the run's target with --target; otherwise "
                "see that their Region or account differs",
            )


def _called(name: TargetName) -> str:
    return f"target {printable(name)!r}" if name else "the run's target"


def open_target(
    target: Target,
    environment: Environment,
    *,
    parallelism: int = 8,
    credentials: StaticCredentials | None = None,
    around: Callable[[Kms], Kms] | None = None,
    patience: Patience | None = None,
) -> Connection:
    """Open `target`; nothing is read before it is known to be the account that it must be.

    Args:
        target: which.
        environment: where the bundled KMS has its data, and the clock.
        parallelism: calls at once.
        credentials: of AWS; None: those of this machine.
        around: what every attempt of a call goes through, to count it.
        patience: how long to keep trying a call; None: as whoever waits for a command has it.

    Raises:
        KmsctlError: it cannot be reached, or its credentials are not good.
        Refused: it is another account than it must be.
    """
    region = region_of(target)
    if target.backend == "local":
        bundled, close = _bundled(target, region, environment)
        kms = around(bundled) if around else bundled
    else:
        aws = connect(target, parallelism=parallelism, credentials=credentials)
        kms = _patient(around(aws) if around else aws, target, region, environment.clock, patience)
        close = aws.close
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


def _patient(kms: Kms, target: Target, region: str, clock: Clock, patience: Patience | None) -> Kms:
    """Each attempt waits for the quota, and the quota learns of each refusal: so retrying is on the outside."""
    throttled = Throttled(kms, load_quotas(region), clock=clock, known=is_aws(target))
    return Retrying(throttled, clock=clock, patience=patience)
