"""Multi-Region keys: which keys belong together.

A multi-Region key is a primary key and its replicas in other Regions, with one key id. The primary's row holds what
they share and may change: the rotation schedule and the count of rotations on demand. Material is copied to each.
Source: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

from reconciler.engine.errors import unsupported
from reconciler.engine.store.records import Key
from reconciler.engine.store.store import Store


def is_replica(key: Key) -> bool:
    """Whether `key` is a replica of a multi-Region key."""
    return key.primary_region is not None and key.primary_region != key.region


def members_of(store: Store, key: Key) -> list[Key]:
    """`key` and the keys related to it: the primary first, then its replicas by Region; itself alone if it has none."""
    if key.primary_region is None:
        return [key]
    regions = sorted(store.keys.related_regions(key), key=lambda region: (region != key.primary_region, region))
    found = (store.keys.find(key.account, region, key.key_id) for region in regions)
    return [member for member in found if member is not None]


def replicas_of(store: Store, key: Key) -> list[Key]:
    """The replicas of `key`, which is no replica itself, by Region."""
    return members_of(store, key)[1:]


def primary_of(store: Store, key: Key) -> Key:
    """The primary of the multi-Region key that `key` belongs to; `key` itself when it is a single-Region key."""
    return members_of(store, key)[0] if is_replica(key) else key


def must_be_primary(key: Key) -> None:
    """See that `key` is no replica.

    Raises:
        KmsError: UnsupportedOperationException.
    """
    if is_replica(key):
        raise unsupported(f"{key.arn} is not a multi-region primary key.")
