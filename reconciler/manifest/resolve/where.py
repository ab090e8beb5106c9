"""The account and Region of a target, as far as they are known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.kit.arn import partition_of
from reconciler.manifest.pseudo import Pseudo
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from reconciler.model.target import DEFAULT_REGION, LOCAL_ACCOUNT, Target


@dataclass(frozen=True, slots=True)
class Where:
    """What pseudo parameters stand for on one target, and which checks of ARNs make sense there."""

    target: TargetName
    """As addresses have it: `RUN_TARGET` for the run's own."""
    account_id: str
    region: str
    partition: str
    account_known: bool
    """False when nobody has asked and no manifest says: `account_id` is an example then."""
    region_known: bool
    """Likewise of `region` and `partition`."""

    @property
    def pseudo(self) -> Pseudo:
        """The pseudo parameters here."""
        return Pseudo(self.account_id, self.region, self.partition)


def whereabouts(
    names: Iterable[TargetName],
    targets: Mapping[TargetName, Target],
    accounts: Mapping[TargetName, Account | None],
    run_target: TargetName,
) -> dict[TargetName, Where]:
    """Where each of `names`, as manifests refer to them, is; a target that was not asked is what its manifest says."""
    found = {}
    for name in names:
        address = RUN_TARGET if name == run_target else name
        account = accounts.get(address)
        declared = targets.get(run_target if address == RUN_TARGET else name, Target())
        found[name] = _connected(address, account) if account else _declared(address, declared)
    return found


def _connected(address: TargetName, account: Account) -> Where:
    return Where(address, account.account_id, account.region, account.partition, account_known=True, region_known=True)


def _declared(address: TargetName, target: Target) -> Where:
    region = target.region or DEFAULT_REGION
    return Where(
        address,
        target.account_id or LOCAL_ACCOUNT,
        region,
        partition_of(region),
        account_known=target.account_id is not None,
        region_known=target.region is not None,
    )
