"""Where a plan leads: whoever approves it has to see that, of a saved plan most of all, whose file says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.kit.printable import printable
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.model.target import Target


def places(targets: Mapping[TargetName, Target], accounts: Mapping[TargetName, Account]) -> str:
    """A line for every target: account, Region and caller, and by which endpoint, profile and role it was reached."""
    lines = (_place(target, accounts[name]) for name, target in sorted(targets.items()))
    return "".join(f"the saved plan leads to {line}\n" for line in lines)


def in_short(targets: Mapping[TargetName, Target], accounts: Mapping[TargetName, Account]) -> str:
    """The same in one clause: `in AWS account 111122223333 (eu-central-1)`."""
    clauses = dict.fromkeys(_in_short(target, accounts[name]) for name, target in sorted(targets.items()))
    return " and ".join(clauses)


def _in_short(target: Target, account: Account) -> str:
    where = f"{printable(account.account_id)} ({printable(account.region)})"
    if target.backend == "local":
        return f"in account {where} of the bundled KMS"
    return f"in AWS account {where}" if target.endpoint_url is None else f"in account {where} at {target.endpoint_url}"


def _place(target: Target, account: Account) -> str:
    kms = "AWS" if target.backend == "aws" else "the bundled KMS"
    who = f"account {printable(account.account_id)} in {printable(account.region)}, as {printable(account.caller_arn)}"
    return ", ".join([f"{kms}: {who}", *_ways(target)])


def _ways(target: Target) -> Iterator[str]:
    for name, value in (
        ("endpoint", target.endpoint_url),
        ("profile", target.profile),
        ("role", target.role_arn),
    ):
        if value is not None:
            yield f"{name} {printable(value)}"
