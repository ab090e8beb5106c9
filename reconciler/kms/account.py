"""Who and where we are, asked before anything else."""

from __future__ import annotations

from reconciler.kit.arn import Arn
from reconciler.kit.errors import KmsctlError, Refused
from reconciler.kit.printable import printable
from reconciler.kms.port import Kms
from reconciler.model.observed import Account
from reconciler.model.target import Target


def identify(kms: Kms, region: str) -> Account:
    """Ask STS for the caller; `region` is the connection's (see `reconciler.kms.aws.region_of`).

    Raises:
        KmsctlError: the answer is not one of STS.
    """
    answer = kms("sts:GetCallerIdentity", {})
    account_id, caller = answer.get("Account"), Arn.parse(str(answer.get("Arn", "")))
    if not isinstance(account_id, str) or caller is None:
        raise KmsctlError(
            "the endpoint does not say whose account it is",
            why="its answer to GetCallerIdentity has no account and no ARN",
            fix="check the endpoint URL: it must answer for STS as well as for KMS",
        )
    return Account(account_id, region, caller.partition, str(caller))


def check_account(target: Target, account: Account) -> None:
    """Stop before the first read when this is not the account that the target is for.

    Raises:
        Refused: `accountId` names another account, or `allowedAccountIds` does not list it.
    """
    name = f"target {printable(target.name)!r}" if target.name else "the target"
    if target.account_id and target.account_id != account.account_id:
        raise Refused(
            f"{name} is account {printable(target.account_id)}, but the credentials are of {account.account_id}",
            why="accountId names the one account that the target may be",
            fix="use credentials, a profile or a role of that account, or correct accountId",
        )
    if target.allowed_account_ids and account.account_id not in target.allowed_account_ids:
        allowed = printable(", ".join(sorted(target.allowed_account_ids)))
        raise Refused(
            f"{name} does not allow account {account.account_id}",
            why=f"allowedAccountIds lists {allowed}",
            fix="use credentials, a profile or a role of an allowed account, or add this one",
        )
