"""From facts to rows: a copy is made in one transaction, without a call, a check, or an event of the record.

What the facts do not tell is chosen so that it gets in nobody's way: the next automatic rotation is a whole period
away, and what a key was doing for a moment (`Creating`, `Updating`) it has done. Symmetric keys get new material; that
of key pairs and HMAC keys is left out, since whoever makes a copy does not use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from reconciler.engine.copies.facts import Estate, GrantFacts, KeyFacts, MaterialFacts, MaterialIds, StoreFacts
from reconciler.engine.crypto import foreign
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.crypto.material import Material, generate
from reconciler.engine.crypto.specs import SPECS, SYMMETRIC_DEFAULT
from reconciler.engine.custom_stores.connection import CONNECTING, UNAVAILABLE
from reconciler.engine.instants import DAY, to_microseconds
from reconciler.engine.keys.imported import EXTERNAL
from reconciler.engine.keys.rotate import ON_DEMAND
from reconciler.engine.keys.state import CREATING, ENABLED, PENDING_DELETION, PENDING_REPLICA_DELETION, UPDATING
from reconciler.engine.store.records import CustomStore, Key, NewKey, RotationSchedule
from reconciler.engine.store.store import Store
from reconciler.kit.canonical import digest

_PASSING: Final = frozenset({CREATING, UPDATING})
_LONGEST_WINDOW: Final = 30
"""Days that a primary's deletion will wait once its replicas are gone, which KMS tells only then."""

Stores = Mapping[tuple[str, str, str], CustomStore]
"""By account, Region and id."""


def take_in(estate: Estate, store: Store, keyring: Keyring, now: int) -> MaterialIds:
    """Add `estate` to `store`, which has nothing of it, as it is at `now` (microseconds)."""
    ids: dict[tuple[str, str], str] = {}
    with store.writing():
        stores = {
            (one.account, one.region, one.store_id): _add_store(one, store, keyring, now) for one in estate.stores
        }
        for facts in sorted(estate.keys, key=lambda key: (key.created, key.account, key.region, key.key_id)):
            key = _add_key(facts, store, stores, now)
            ids |= _add_materials(facts, key, store, keyring, now)
            _add_belongings(facts, key, store, now)
    return ids


def _add_store(facts: StoreFacts, store: Store, keyring: Keyring, now: int) -> CustomStore:
    return store.custom_stores.insert(
        CustomStore(
            n=0,
            account=facts.account,
            region=facts.region,
            store_id=facts.store_id,
            name=facts.name,
            kind=facts.kind,
            created=now,
            connection=facts.connection,
            connected_at=now if facts.connection == CONNECTING else None,
            failure=facts.failure,
            settings=dict(facts.settings),
            sealed=keyring.seal_text(facts.store_id, facts.secret),
        )
    )


def _add_key(facts: KeyFacts, store: Store, stores: Stores, now: int) -> Key:
    custom = stores[facts.account, facts.region, facts.store_id] if facts.store_id else None
    new = NewKey(
        key_id=facts.key_id,
        spec=facts.spec,
        usage=facts.usage,
        origin=facts.origin,
        description=facts.description,
        policy=facts.policy,
        primary_region=facts.primary_region,
        manager=facts.manager,
        custom_store=custom.n if custom else None,
        xks_key_id=facts.xks_key_id,
    )
    key = store.keys.insert(facts.account, facts.region, new, to_microseconds(facts.created))
    return store.keys.update(key, {"on_demand_rotations": facts.on_demand_rotations} | _standing(facts, now))


def _standing(facts: KeyFacts, now: int) -> dict[str, Any]:
    """The columns that say in which state the key is, and for how long."""
    match facts.state:
        case state if state in _PASSING:
            return {"state": ENABLED}
        case state if state == UNAVAILABLE:
            return {"state": state, "resting_state": ENABLED}
        case state if state == PENDING_DELETION:
            due = to_microseconds(facts.deletion_date) if facts.deletion_date else 0
            return {"state": state, "deletion_due": max(due, now + DAY)}
        case state if state == PENDING_REPLICA_DELETION:
            return {"state": state, "deletion_window": _LONGEST_WINDOW}
        case state:
            return {"state": state}


def _add_materials(facts: KeyFacts, key: Key, store: Store, keyring: Keyring, now: int) -> dict[tuple[str, str], str]:
    if facts.origin == EXTERNAL:
        return _add_imported(facts, key, store, keyring)
    if facts.spec == SYMMETRIC_DEFAULT and facts.store_id is None:
        for number in range(1 + facts.on_demand_rotations):
            sealed = keyring.seal(key, generate(SPECS[facts.spec]))
            store.keys.materials.add(key, sealed, key.created + number, ON_DEMAND if number else None)
            store.keys.update(key, {"material_id": sealed.material_id})
    if facts.rotation_period is not None:
        schedule = RotationSchedule(facts.rotation_period, now + facts.rotation_period * DAY)
        store.keys.schedule_rotation(store.keys.by_number(key.n), schedule)
    return {}


def _add_imported(facts: KeyFacts, key: Key, store: Store, keyring: Keyring) -> dict[tuple[str, str], str]:
    ids = {}
    settled = [one for one in facts.materials if not one.pending]
    first_rotated = len(settled) - facts.on_demand_rotations
    for number, one in enumerate((*settled, *(one for one in facts.materials if one.pending))):
        ids[facts.key_id, one.material_id] = known = _name(one, key, keyring)
        store.keys.materials.expect(key, known, key.created + number, pending=one.pending)
        if one.present:
            _put(one, known, key, store, keyring)
        if not one.pending:
            if number and number >= first_rotated:
                store.keys.materials.make_rotated(key, known, key.created + number, ON_DEMAND)
            store.keys.update(key, {"material_id": known})
    store.keys.update(key, {"expires": store.keys.materials.next_expiry(key)})
    return ids


def _name(facts: MaterialFacts, key: Key, keyring: Keyring) -> str:
    return facts.material_id if facts.stand_in is None else keyring.imported_id(key, _read(facts.stand_in, key)[0])


def _put(facts: MaterialFacts, material_id: str, key: Key, store: Store, keyring: Keyring) -> None:
    secret, public = _read(facts.stand_in, key) if facts.stand_in else (b"", None)
    sealed = keyring.seal(key, Material(material_id, secret, public))
    valid_to = to_microseconds(facts.valid_to) if facts.valid_to else None
    store.keys.materials.put(key, sealed, valid_to, facts.description)


def _read(stand_in: bytes, key: Key) -> tuple[bytes, bytes | None]:
    return foreign.read(SPECS[key.spec], stand_in) or (stand_in, None)


def _add_belongings(facts: KeyFacts, key: Key, store: Store, now: int) -> None:
    store.tags.put(key, facts.tags)
    for alias in facts.aliases:
        store.aliases.insert(key, alias, now)
    named: set[str] = set()
    for grant in facts.grants:
        _add_grant(grant, key, store, named, now)


def _add_grant(facts: GrantFacts, key: Key, store: Store, named: set[str], now: int) -> None:
    """A grant that has a name is found again by all that it says, as KMS does; the first of equals is."""
    same = digest(facts.body) if "Name" in facts.body else None
    alone = same if same not in named else None
    named |= {alone} if alone else set()
    store.grants.insert(key, facts.grant_id, alone, {**facts.body, "IssuingAccount": facts.issuing_account}, now)
