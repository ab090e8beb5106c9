"""Short ways to say what is declared and what is there, for tests by example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from reconciler.kit.arn import key_arn
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    Deletion,
    DesiredAlias,
    DesiredGrant,
    DesiredKey,
    DesiredState,
    ExternalKey,
    GrantTerms,
    ManagedKey,
)
from reconciler.model.identifiers import RUN_TARGET, AliasName, GrantId, KeyArn, KeyId, TargetName
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import (
    ObservedAlias,
    ObservedGrant,
    ObservedKey,
    ObservedState,
    ObservedTarget,
    Regions,
)
from reconciler.model.ownership import DELETION_TAG, GrantName, Ownership, deletion_mark, marked_deletion
from reconciler.model.stores import Backing, Connection, DesiredStore, ObservedStore, origin_of
from reconciler.plan.changes import Change, Plan
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.steps import ExistingKey, TagKey
from tests.support.custody import PROXY, STORE
from tests.support.pools import ACCOUNTS, READ_AT, STACK, position, terms_of

PRUNE = PlanOptions(prune=True)
DESTROY = PlanOptions(prune=True, destroy=True)

DB = Address(Kind.KEY, "db")
EU = TargetName("eu")
DB_EU = Address(Kind.REPLICA_KEY, "db-eu", EU)
GRANT = Address(Kind.GRANT, "reader")
RSA = {"key_spec": KeySpec.RSA_2048, "key_usage": KeyUsage.SIGN_VERIFY}
IMPORTED = {"origin": Origin.EXTERNAL}


def wants(name: str = "db", **fields: Any) -> DesiredKey:
    """A declared key."""
    return DesiredKey(Address(Kind.KEY, name), position(name), **{"enabled": True, **fields})


def wants_replica(of: str = "db", name: str = "", **fields: Any) -> DesiredKey:
    """A declared replica on the target `eu` of a declared key on the run's."""
    address = Address(Kind.REPLICA_KEY, name or f"{of}-eu", EU)
    primary = ManagedKey(Address(Kind.KEY, of))
    return DesiredKey(
        address, position(address.name), **{"enabled": True, "multi_region": True, "primary": primary, **fields}
    )


def has(
    key_id: str = "k-1",
    name: str | None = "db",
    generation: int = 1,
    *,
    age: int = 0,
    deletion: Deletion | None = None,
    tags: dict[str, str] | None = None,
    grants: Iterable[ObservedGrant] | None = None,
    **fields: Any,
) -> ObservedKey:
    """A real key, of this stack unless `name` is None; `age` in days."""
    own = Ownership(STACK, name, generation).tags() if name else {}
    mark = {DELETION_TAG: deletion_mark(deletion or Deletion())} if name else {}
    account = ACCOUNTS[RUN_TARGET]
    key = ObservedKey(
        KeyId(key_id),
        KeyArn(key_arn(account.region, account.account_id, key_id)),
        KeySpec.SYMMETRIC_DEFAULT,
        KeyUsage.ENCRYPT_DECRYPT,
        Origin.AWS_KMS,
        KeyState.ENABLED,
        READ_AT - timedelta(days=age),
        tags={**own, **mark, **(tags or {})},
        grants=None if grants is None else tuple(replace(grant, key_id=KeyId(key_id)) for grant in grants),
    )
    return replace(key, **{"material": fields.get("state") is not KeyState.PENDING_IMPORT, **fields})


def pending(key_id: str = "k-1", name: str | None = "db", generation: int = 1, **fields: Any) -> ObservedKey:
    """A real key whose deletion is scheduled."""
    due = READ_AT + timedelta(days=7)
    return has(key_id, name, generation, **{"state": KeyState.PENDING_DELETION, "deletion_date": due, **fields})


def wants_alias(name: str, key: str | Address) -> DesiredAlias:
    """A declared alias of a declared key (an address) or one from outside (an id, ARN or alias)."""
    address = Address(Kind.ALIAS, name)
    return DesiredAlias(address, position(name), AliasName(f"alias/{name}"), reference(key))


def wants_store(name: str = STORE, backing: Backing = PROXY, *, connected: bool = True) -> DesiredStore:
    """A declared custom key store."""
    return DesiredStore(Address(Kind.CUSTOM_KEY_STORE, name), position(name), backing, connected)


def has_store(
    name: str = STORE, backing: Backing = PROXY, connection: Connection = Connection.CONNECTED, **fields: Any
) -> ObservedStore:
    """A real custom key store."""
    settings = backing.settings | fields.pop("settings", {})
    return ObservedStore(f"cks-{name}", name, origin_of(backing), connection, settings=settings, **fields)


def beside(state: ObservedState, *stores: ObservedStore) -> ObservedState:
    """What is there, and custom key stores on the run's target."""
    here = replace(state.targets[RUN_TARGET], stores={store.name: store for store in stores})
    return ObservedState({**state.targets, RUN_TARGET: here})


def wants_grant(name: str = "reader", key: str | Address = DB, terms: GrantTerms | None = None) -> DesiredGrant:
    """A declared grant."""
    return DesiredGrant(Address(Kind.GRANT, name), position(name), reference(key), terms or terms_of("reader"))


def reference(key: str | Address) -> ManagedKey | ExternalKey:
    """What names a key in a manifest."""
    return ManagedKey(key) if isinstance(key, Address) else ExternalKey(key)


def has_grant(
    name: str = "reader", terms: GrantTerms | None = None, *, grant_id: str = "g-1", called: str | None = None
) -> ObservedGrant:
    """A real grant of this stack, or one that is `called` something else."""
    real = terms or terms_of("reader")
    own = str(GrantName.naming(STACK, name, real.digest()))
    return ObservedGrant(GrantId(grant_id), KeyId("k-1"), own if called is None else called, real)


def declares(*resources: DesiredKey | DesiredAlias | DesiredGrant | DesiredStore) -> DesiredState:
    """All that the stack declares."""
    return DesiredState(
        STACK,
        tuple(r for r in resources if isinstance(r, DesiredKey)),
        tuple(r for r in resources if isinstance(r, DesiredAlias)),
        tuple(r for r in resources if isinstance(r, DesiredGrant)),
        tuple(r for r in resources if isinstance(r, DesiredStore)),
    )


def there(*keys: ObservedKey, aliases: dict[str, str] | None = None) -> ObservedState:
    """All that the run's target holds; aliases by bare name."""
    found = {AliasName(f"alias/{name}"): KeyId(key) for name, key in (aliases or {}).items()}
    target = ObservedTarget(
        ACCOUNTS[RUN_TARGET],
        READ_AT,
        {key.key_id: key for key in keys},
        {name: ObservedAlias(name, key) for name, key in found.items()},
    )
    return ObservedState({RUN_TARGET: target})


def has_primary(key_id: str = "mrk-1", name: str | None = "db", generation: int = 1, **fields: Any) -> ObservedKey:
    """A real multi-Region key on the run's target, the primary of one on the target `eu`, or as `regions` says."""
    return has(
        key_id, name, generation, **{"multi_region": True, "regions": Regions("us-east-1", ("eu-west-1",)), **fields}
    )


def has_replica(key_id: str = "mrk-1", name: str | None = "db-eu", generation: int = 1, **fields: Any) -> ObservedKey:
    """Its real replica on the target `eu`."""
    arn = KeyArn(key_arn(ACCOUNTS[EU].region, ACCOUNTS[EU].account_id, key_id))
    return replace(has_primary(key_id, name, generation, **fields), arn=arn)


def everywhere(here: ObservedState, *there: ObservedKey, aliases: dict[str, str] | None = None) -> ObservedState:
    """What is on the run's target, and the keys and aliases that are on the target `eu`."""
    found = {AliasName(f"alias/{name}"): KeyId(key) for name, key in (aliases or {}).items()}
    target = ObservedTarget(
        ACCOUNTS[EU],
        READ_AT,
        {key.key_id: key for key in there},
        {name: ObservedAlias(name, key) for name, key in found.items()},
    )
    return ObservedState({**here.targets, EU: target})


def planned(desired: DesiredState, observed: ObservedState, options: PlanOptions | None = None) -> dict[str, Change]:
    """The changes by address; where an address has several, `address key-id`."""
    return by_name(plan(desired, observed, options))


def by_name(of: Plan) -> dict[str, Change]:
    """The changes of a plan by address, or by address and resource id when there are several."""
    addresses = [change.address for change in of.changes]
    return {
        str(c.address) if addresses.count(c.address) == 1 else f"{c.address} {c.resource_id}": c for c in of.changes
    }


def only(desired: DesiredState, observed: ObservedState, options: PlanOptions | None = None) -> Change:
    """The one change of a plan."""
    (change,) = plan(desired, observed, options).changes
    return change


def kinds(change: Change) -> list[str]:
    """What a change's steps are called."""
    return [type(step).__name__ for step in change.steps]


def names(change: Change) -> list[str]:
    """What a change's risks are called."""
    return [risk.name for risk in change.risks]


def differing(change: Change) -> dict[str, tuple[Any, Any]]:
    """The fields that a change shows, before and after."""
    return {field.path: (field.before, field.after) for field in change.fields}


def lifts_protection(planned: Plan, observed: ObservedState) -> bool:
    """Whether a protected key becomes unprotected: what protection forbade is for the next plan."""
    for change, step in planned.steps():
        if isinstance(step, TagKey) and isinstance(step.key, ExistingKey) and DELETION_TAG in step.tags:
            key = observed.targets[change.address.target].keys[KeyId(step.key.key)]
            if marked_deletion(key.tags).protect and not marked_deletion(step.tags).protect:
                return True
    return False
