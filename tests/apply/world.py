"""A stack before and after an edit that takes every kind of step, and the way from one to the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from reconciler.apply.crew import Crew
from reconciler.apply.executor import carry_out
from reconciler.apply.outcome import Outcome
from reconciler.engine.engine import Engine
from reconciler.kit.arn import root_arn
from reconciler.kit.clock import Clock
from reconciler.kit.diagnostics import Position
from reconciler.kms.account import identify
from reconciler.kms.observe import observe
from reconciler.kms.paging import entries
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import sweep_keys, sweep_stores
from reconciler.kms.usage import last_used
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    AutomaticRotation,
    Deletion,
    DesiredAlias,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    GrantTerms,
    ManagedKey,
    NoRotation,
    OnDemandRotation,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.material import ImportedMaterial, SecretFile, WrappingAlgorithm
from reconciler.model.observed import ObservedState
from reconciler.model.ownership import OPERATION_TAG
from reconciler.model.scope import scope_of
from reconciler.model.stores import DesiredStore
from reconciler.plan.changes import Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan, usage_questions
from tests.apply.build import ROLE, STACK, TERMS
from tests.support.custody import PROXY
from tests.support.secrets import derived

ACCOUNT = "111122223333"
EU = TargetName("eu")
REGIONS = {RUN_TARGET: "us-east-1", EU: "eu-west-1"}
Clients = Mapping[TargetName, Kms]
"""A KMS of every target."""
PRUNE = PlanOptions(prune=True)
HERE = Position("stack.yaml")
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Root",
                "Effect": "Allow",
                "Principal": {"AWS": root_arn(ACCOUNT)},
                "Action": "kms:*",
                "Resource": "*",
            },
            {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"},
        ],
    }
)


def key(name: str, **fields: Any) -> DesiredKey:
    return DesiredKey(Address(Kind.KEY, name), HERE, enabled=fields.pop("enabled", True), **fields)


def replica(of: str, **fields: Any) -> DesiredKey:
    """A replica in Europe."""
    address = Address(Kind.REPLICA_KEY, f"{of}-eu", EU)
    primary = ManagedKey(Address(Kind.KEY, of))
    return DesiredKey(address, HERE, enabled=True, multi_region=True, primary=primary, **fields)


def fed(name: str, serial: int, **fields: Any) -> DesiredKey:
    """A key with imported material, which has a place of its own for each serial."""
    place = SecretFile(f"{name}/{serial}")
    material = ImportedMaterial(place, WrappingAlgorithm.RSAES_OAEP_SHA_256, serial=serial, **fields)
    return key(name, origin=Origin.EXTERNAL, material=material)


def store(name: str, path: str = "/kms/xks/v1", *, connected: bool = True) -> DesiredStore:
    """An external key store with an address of its own."""
    backing = replace(PROXY, uri_endpoint=f"https://{name}.example.com", uri_path=path)
    return DesiredStore(Address(Kind.CUSTOM_KEY_STORE, name), HERE, backing, connected)


def kept(name: str, of: str) -> DesiredKey:
    """A key in a custom key store."""
    address = Address(Kind.CUSTOM_KEY_STORE, of)
    return key(name, origin=Origin.EXTERNAL_KEY_STORE, store=address, xks_key_id=f"behind-{name}")


def alias(name: str, of: str) -> DesiredAlias:
    return DesiredAlias(Address(Kind.ALIAS, name), HERE, AliasName(f"alias/{name}"), ManagedKey(Address(Kind.KEY, of)))


def grant(name: str, on: str, terms: GrantTerms = TERMS) -> DesiredGrant:
    return DesiredGrant(Address(Kind.GRANT, name), HERE, ManagedKey(Address(Kind.KEY, on)), terms)


BEFORE = DesiredState(
    STACK,
    keys=(
        key("edited", description="old", rotation=AutomaticRotation(), tags={"team": "a"}),
        key("closing", rotation=AutomaticRotation()),
        key("opening", enabled=False),
        key("turning", rotation=OnDemandRotation(1)),
        key("signing", key_spec=KeySpec.ECC_NIST_P256, key_usage=KeyUsage.SIGN_VERIFY, replacement="NewKey"),
        key("revived"),
        key("dropped", deletion=Deletion("Schedule", Days(7))),
        key("released"),
        key("wide", multi_region=True, rotation=AutomaticRotation()),
        replica("wide", tags={"team": "a"}),
        fed("fed", 1),
    ),
    aliases=(
        alias("edited", "edited"),
        alias("moving", "closing"),
        alias("signing", "signing"),
        alias("old", "edited"),
    ),
    grants=(grant("reader", "edited"), grant("leaving", "closing")),
    stores=(store("closed-store"), store("moved-store")),
)
AFTER = DesiredState(
    STACK,
    keys=(
        key("edited", description="new", policy=POLICY, rotation=NoRotation("tested"), tags={"team": "b"}),
        key("closing", enabled=False, rotation=AutomaticRotation(Days(100))),
        key("opening"),
        key("turning", rotation=OnDemandRotation(2)),
        key("signing", key_spec=KeySpec.ECC_NIST_P384, key_usage=KeyUsage.SIGN_VERIFY, replacement="NewKey"),
        key("revived"),
        key("fresh", rotation=AutomaticRotation(), tags={"team": "c"}),
        key("wide", multi_region=True, rotation=AutomaticRotation(Days(200)), primary_region="eu-west-1"),
        replica("wide", tags={"team": "b"}),
        key("spread", multi_region=True, primary_region="eu-west-1"),
        replica("spread", policy=POLICY),
        fed("fed", 2),
        kept("kept", "new-store"),
    ),
    aliases=(
        alias("edited", "edited"),
        alias("moving", "opening"),
        alias("signing", "signing"),
        alias("fresh", "fresh"),
    ),
    grants=(grant("reader", "edited", replace(TERMS, operations=frozenset({"Decrypt"}))), grant("writer", "fresh")),
    stores=(
        store("closed-store", connected=False),
        replace(store("moved-store"), backing=replace(PROXY, uri_endpoint="https://elsewhere.example.com")),
        store("new-store"),
    ),
)
"""Needs pruning for what it no longer declares."""


def clients(engine: Engine) -> Clients:
    """One engine is every Region."""
    return {target: engine.client(region=region) for target, region in REGIONS.items()}


def make_plan(kms: Clients, desired: DesiredState, clock: Clock, options: PlanOptions = PRUNE) -> Plan:
    """What a run plans: read, plan, and once more with the last use of the keys that the guard asks for."""
    scopes = scope_of(desired, every_grant=True)
    accounts = {name: identify(kms[name], region) for name, region in REGIONS.items()}
    targets = {name: observe(kms[name], accounts[name], scopes[name], clock=clock, parallelism=1) for name in REGIONS}
    for name, keys in usage_questions(plan(desired, ObservedState(targets), options), ObservedState(targets)).items():
        answers = last_used(kms[name], accounts[name], keys, clock=clock)
        known = {key_id: replace(targets[name].keys[key_id], last_use=use) for key_id, use in answers.items()}
        targets[name] = replace(targets[name], keys={**targets[name].keys, **known})
    return plan(desired, ObservedState(targets), options)


def converge(
    kms: Clients, desired: DesiredState, clock: Clock, parallelism: int = 1, through: Clients | None = None
) -> Outcome:
    """Plan and apply once; `through` makes the apply's calls."""
    return carry_out(make_plan(kms, desired, clock), through or kms, Crew(clock, parallelism, secrets=derived))


def prepare(kms: Clients, clock: Clock) -> None:
    """The stack as declared before the edit, and what happened to it since."""
    assert converge(kms, BEFORE, clock).ok
    assert not make_plan(kms, BEFORE, clock).effective
    here = kms[RUN_TARGET]
    revived = next(found for found in snapshot(kms) if found["name"] == "revived")
    [key_id] = [
        key_id for key_id in sweep_keys(here) if _tags(here, key_id).get("kms.reconciler.dev/name") == "revived"
    ]
    assert revived["state"] == "Enabled"
    here("ScheduleKeyDeletion", {"KeyId": key_id})


def snapshot(kms: Clients) -> list[dict[str, Any]]:
    """Everything that the account holds, with names for ids: two equal stacks have equal snapshots."""
    found = [entry for client in kms.values() for entry in (*_snapshot(client), *_stores(client))]
    return sorted(found, key=lambda entry: json.dumps(entry, sort_keys=True))


def _snapshot(kms: Kms) -> list[dict[str, Any]]:
    by_key: dict[str, list[str]] = {}
    for entry in entries(kms, "ListAliases", {}, "Aliases"):
        by_key.setdefault(entry["TargetKeyId"], []).append(entry["AliasName"])
    return [_described(kms, key_id, by_key.get(key_id, [])) for key_id in sweep_keys(kms)]


def _stores(kms: Kms) -> list[dict[str, Any]]:
    nothing: dict[str, Any] = {"tags": {}, "aliases": [], "grants": []}
    return [
        {"name": found.name, "state": str(found.connection), "settings": found.settings, **nothing}
        for found in sweep_stores(kms).values()
    ]


def _materials(kms: Kms, key_id: str) -> list[list[str]]:
    """Of imported material, what is there and what of it is used."""
    found = kms("ListKeyRotations", {"KeyId": key_id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"})["Rotations"]
    return [[entry["KeyMaterialState"], entry["ImportState"]] for entry in found]


def _described(kms: Kms, key_id: str, aliases: list[str]) -> dict[str, Any]:
    metadata = kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]
    tags = _tags(kms, key_id)
    rotates = (metadata["KeySpec"], metadata["Origin"]) == ("SYMMETRIC_DEFAULT", "AWS_KMS")
    rotates = rotates and metadata["KeyState"] != "PendingDeletion"
    rotation = kms("GetKeyRotationStatus", {"KeyId": key_id}) if rotates else {}
    return {
        "name": tags.get("kms.reconciler.dev/name"),
        "tags": {name: value for name, value in tags.items() if name != OPERATION_TAG},
        "state": metadata["KeyState"],
        "region": metadata["Arn"].split(":")[3],
        "primary": metadata.get("MultiRegionConfiguration", {}).get("PrimaryKey", {}).get("Region"),
        "spec": metadata["KeySpec"],
        "description": metadata["Description"],
        "policy": kms("GetKeyPolicy", {"KeyId": key_id, "PolicyName": "default"})["Policy"],
        "rotation": [rotation.get("KeyRotationEnabled"), rotation.get("RotationPeriodInDays")],
        "rotations": len(kms("ListKeyRotations", {"KeyId": key_id})["Rotations"]) if rotates else 0,
        "materials": _materials(kms, key_id) if metadata["Origin"] == "EXTERNAL" else [],
        "aliases": sorted(aliases),
        "grants": sorted(entry["Name"] for entry in entries(kms, "ListGrants", {"KeyId": key_id}, "Grants")),
    }


def _tags(kms: Kms, key_id: str) -> Mapping[str, str]:
    return {tag["TagKey"]: tag["TagValue"] for tag in entries(kms, "ListResourceTags", {"KeyId": key_id}, "Tags")}


def copy(base: Path, to: Path) -> Path:
    """A copy of an engine's data folder."""
    to.mkdir(mode=0o700)
    for file in base.iterdir():
        (to / file.name).write_bytes(file.read_bytes())
        (to / file.name).chmod(0o600)
    return to
