"""Small plans for tests, and what a KMS holds after them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.apply.outcome import Outcome
from reconciler.kit.clock import Clock
from reconciler.kms.paging import entries
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import sweep_keys
from reconciler.model.address import Address, Kind
from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, Plan, Reason
from reconciler.plan.steps import (
    CreateAlias,
    CreateGrant,
    CreateKey,
    EnableRotation,
    KeyHandle,
    PlannedKey,
    Step,
)

STACK = "shop"
ROLE = "arn:aws:iam::111122223333:role/app"
TERMS = GrantTerms(
    ROLE,
    None,
    None,
    None,
    frozenset({"Encrypt", "Decrypt"}),
    GrantConstraints(encryption_context_equals={"tenant": "a"}),
)


def key_address(name: str) -> Address:
    return Address(Kind.KEY, name)


def planned(name: str, generation: int = 1) -> PlannedKey:
    return PlannedKey(key_address(name), generation)


def create_key(name: str = "orders", **fields: Any) -> CreateKey:
    owner = Ownership(STACK, name, 1)
    given: dict[str, Any] = {
        "key": planned(name),
        "owner": owner,
        "key_spec": KeySpec.SYMMETRIC_DEFAULT,
        "key_usage": KeyUsage.ENCRYPT_DECRYPT,
        "origin": Origin.AWS_KMS,
        "multi_region": False,
        "description": f"key of {name}",
        "policy": None,
        "tags": {"team": "payments", **owner.tags()},
    }
    return CreateKey(**{**given, **fields})


def key_change(name: str, *more: Step) -> Change:
    return Change(key_address(name), Action.CREATE, Reason.MISSING, steps=(create_key(name), *more))


def alias_change(name: str, key: KeyHandle, *after: Address) -> Change:
    step = CreateAlias(AliasName(f"alias/{name}"), key)
    return Change(Address(Kind.ALIAS, name), Action.CREATE, Reason.MISSING, steps=(step,), depends_on=after)


def grant_change(name: str, key: KeyHandle, *after: Address) -> Change:
    step = CreateGrant(key, f"kmsctl:{STACK}:{name}:0123456789abcdef", TERMS)
    return Change(Address(Kind.GRANT, name), Action.CREATE, Reason.MISSING, steps=(step,), depends_on=after)


def resource(name: str) -> tuple[Change, ...]:
    """A key that rotates, its alias and a grant on it."""
    key = planned(name)
    return (
        key_change(name, EnableRotation(key, Days(365))),
        alias_change(name, key, key.address),
        grant_change(name, key, key.address),
    )


def plan_of(*changes: Change) -> Plan:
    return Plan(STACK, {}, "", changes)


def run(plan: Plan, kms: Kms, clock: Clock, parallelism: int = 1, **crew: Any) -> Outcome:
    return carry_out(plan, {RUN_TARGET: kms}, Crew(clock, parallelism, **crew))


def live_keys(kms: Kms) -> list[Mapping[str, Any]]:
    """The metadata of all keys that do not await deletion."""
    found = [kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"] for key_id in sweep_keys(kms)]
    return [metadata for metadata in found if metadata["KeyState"] != "PendingDeletion"]


def aliases(kms: Kms) -> dict[str, str]:
    """Alias name to key id."""
    return {entry["AliasName"]: entry["TargetKeyId"] for entry in entries(kms, "ListAliases", {}, "Aliases")}
