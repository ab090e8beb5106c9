"""From what was observed to what the engine copies: values in, values out. Pure.

Related keys of Regions that are no target of the run are copied as far as the read ones tell of them, so that KMS's
rules about primaries and replicas hold. A custom key store that was not read is made up around the keys in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from reconciler.apply.stores import PARAMETERS
from reconciler.apply.wire import grant_terms
from reconciler.engine.copies.facts import Estate, GrantFacts, KeyFacts, MaterialFacts, StoreFacts
from reconciler.kit.arn import partition_of, root_arn
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.material import has_several_materials
from reconciler.model.observed import Account, Material, ObservedGrant, ObservedKey, ObservedTarget
from reconciler.model.stores import CREDENTIAL_ID, Connection, ObservedStore
from reconciler.policy.default import default_policy
from reconciler.workflow.rehearse.stand_ins import CREDENTIAL, PASSWORD, StandIns, current_of
from reconciler.workflow.rehearse.subjects import is_foreign

_DEFAULT_PERIOD = 365
"""Days between automatic rotations, where none were named. Source: API reference, EnableKeyRotation."""


def estate_of(observed: Mapping[TargetName, ObservedTarget], given: StandIns) -> Estate:
    """Everything that `observed`, whose targets are different places of one KMS, tells."""
    keys: dict[tuple[str, str, str], KeyFacts] = {}
    stores: dict[tuple[str, str, str], StoreFacts] = {}
    for target in observed.values():
        copier = _Copier(target, given)
        for facts in copier.all_keys():
            keys[facts.account, facts.region, facts.key_id] = facts
        for store in copier.all_stores():
            stores[store.account, store.region, store.store_id] = store
    for facts in _related(observed, keys):
        keys.setdefault((facts.account, facts.region, facts.key_id), facts)
    return Estate(tuple(keys.values()), tuple(stores.values()))


def _related(
    observed: Mapping[TargetName, ObservedTarget], known: Mapping[tuple[str, str, str], KeyFacts]
) -> list[KeyFacts]:
    """The related keys of Regions that were not read."""
    found = []
    for target in observed.values():
        for key in target.keys.values():
            here = known[_account_of(key), key.region, key.key_id]
            regions = (key.regions.primary, *key.regions.replicas) if key.regions else ()
            policy = default_policy(here.account, partition_of(here.region))
            bare = replace(here, policy=policy, tags={}, aliases=(), grants=(), rotation_period=None)
            bare = replace(bare, state=KeyState.ENABLED, deletion_date=None)
            found += [replace(bare, region=region) for region in regions if region != key.region]
    return found


def _account_of(key: ObservedKey) -> str:
    return key.arn.split(":")[4]


@dataclass(frozen=True, slots=True)
class _Copier:
    """Of one target."""

    target: ObservedTarget
    given: StandIns

    def all_keys(self) -> Iterator[KeyFacts]:
        aliases: dict[KeyId, list[str]] = {}
        for alias in self.target.aliases.values():
            if alias.key_id:
                aliases.setdefault(alias.key_id, []).append(alias.name)
        for key in self.target.keys.values():
            yield self._key(key, tuple(aliases.get(key.key_id, ())))

    def all_stores(self) -> Iterator[StoreFacts]:
        account = self.target.account
        for store in self.target.stores.values():
            yield _store(store, account)
        read = {store.store_id for store in self.target.stores.values()}
        unread = {key.store_id: key for key in self.target.keys.values() if key.store_id and key.store_id not in read}
        for store_id, key in sorted(unread.items()):
            yield _store(_made_up(store_id, key), account)

    def _key(self, key: ObservedKey, aliases: tuple[str, ...]) -> KeyFacts:
        rotation = key.rotation
        automatic = rotation is not None and rotation.enabled and not key.is_replica
        return KeyFacts(
            account=_account_of(key),
            region=key.region,
            key_id=key.key_id,
            spec=key.key_spec,
            usage=key.key_usage,
            origin=key.origin,
            state=key.state,
            created=key.created,
            policy=self._policy(key),
            description=key.description,
            manager="AWS" if key.aws_managed else "CUSTOMER",
            primary_region=_primary_of(key),
            tags=key.tags,
            aliases=aliases if not is_foreign(key, self.target.account) else (),
            grants=tuple(_grant(grant, self.target.account) for grant in key.grants or ()),
            materials=tuple(self._materials(key)) if key.origin is Origin.EXTERNAL else (),
            rotation_period=(rotation.period or _DEFAULT_PERIOD) if rotation and automatic else None,
            on_demand_rotations=(rotation.on_demand_rotations or 0) if rotation else 0,
            deletion_date=key.deletion_date,
            store_id=key.store_id,
            xks_key_id=key.xks_key_id,
        )

    def _policy(self, key: ObservedKey) -> str:
        """Its own; AWS's default where that was not read; whatever lets the caller in on another account's key."""
        account = self.target.account
        return key.policy if key.policy is not None else default_policy(account.account_id, account.partition)

    def _materials(self, key: ObservedKey) -> Iterator[MaterialFacts]:
        found = key.materials
        if found is None or not has_several_materials(key.key_spec):
            current = current_of(key)
            if current is not None:
                yield self._material(Material(current, imported=key.material, valid_to=key.valid_to), key)
            return
        for material_id in sorted((*found.earlier, *found.missing)):
            yield self._material(Material(material_id, imported=material_id in found.earlier), key)
        if found.current is not None:
            yield self._material(found.current, key)
        if found.pending is not None:
            yield replace(self._material(found.pending, key), pending=True)

    def _material(self, material: Material, key: ObservedKey) -> MaterialFacts:
        return MaterialFacts(
            material.material_id,
            present=material.imported,
            valid_to=material.valid_to,
            description=material.description or None,
            stand_in=self.given.materials.get((key.key_id, material.material_id)),
        )


def _primary_of(key: ObservedKey) -> str | None:
    if key.regions is not None:
        return key.regions.primary
    return key.region if key.multi_region else None


def _grant(grant: ObservedGrant, account: Account) -> GrantFacts:
    body = grant_terms(grant.terms) | ({"Name": grant.name} if grant.name else {})
    return GrantFacts(grant.grant_id, body, grant.issuing_account or root_arn(account.account_id, account.partition))


def _store(store: ObservedStore, account: Account) -> StoreFacts:
    connection = Connection.DISCONNECTED if store.connection is Connection.DISCONNECTING else store.connection
    return StoreFacts(
        account=account.account_id,
        region=account.region,
        store_id=store.store_id,
        name=store.name,
        kind=store.origin,
        connection=connection,
        failure=store.error or None,
        settings={PARAMETERS[name]: value for name, value in store.settings.items() if name in PARAMETERS},
        secret=PASSWORD if store.origin is Origin.AWS_CLOUDHSM else _credential(store),
    )


def _credential(store: ObservedStore) -> str:
    return json.dumps({"AccessKeyId": store.settings.get(CREDENTIAL_ID, ""), "RawSecretAccessKey": CREDENTIAL})


def _made_up(store_id: str, key: ObservedKey) -> ObservedStore:
    """The store that `key` must be in."""
    connection = Connection.DISCONNECTED if key.state is KeyState.UNAVAILABLE else Connection.CONNECTED
    settings = {
        Origin.AWS_CLOUDHSM: {"cloudHsm.clusterId": f"of-{store_id}"},
        Origin.EXTERNAL_KEY_STORE: {
            "xksProxy.connectivity": "PUBLIC_ENDPOINT",
            "xksProxy.uriEndpoint": f"https://{store_id}.example.com",
            "xksProxy.uriPath": "/kms/xks/v1",
        },
    }
    return ObservedStore(store_id, store_id, key.origin, connection, settings=settings[key.origin])
