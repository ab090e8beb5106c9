"""The operations, one file a group. A new group is a new file and one line here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.engine.call import Operation
from reconciler.engine.operations import (
    aliases,
    cloudtrail,
    create_key,
    custom_key_stores,
    data_key_pairs,
    data_keys,
    encapsulation,
    encryption,
    grants,
    importing,
    key_agreement,
    keys,
    lifecycle,
    macs,
    policies,
    public_keys,
    replication,
    retirement,
    rotation,
    signing,
    sts,
    tagging,
    tags,
    usage,
)


def collect(groups: Iterable[Iterable[Operation]]) -> Mapping[str, Operation]:
    """The operations of all groups by name.

    Raises:
        ValueError: two have one name.
    """
    found: dict[str, Operation] = {}
    for group in groups:
        for operation in group:
            if operation.name in found:
                raise ValueError(f"two operations are called {operation.name}")
            found[operation.name] = operation
    return MappingProxyType(found)


OPERATIONS: Final = collect(
    (
        aliases.OPERATIONS,
        cloudtrail.OPERATIONS,
        create_key.OPERATIONS,
        custom_key_stores.OPERATIONS,
        data_key_pairs.OPERATIONS,
        data_keys.OPERATIONS,
        encapsulation.OPERATIONS,
        encryption.OPERATIONS,
        grants.OPERATIONS,
        importing.OPERATIONS,
        key_agreement.OPERATIONS,
        keys.OPERATIONS,
        lifecycle.OPERATIONS,
        macs.OPERATIONS,
        policies.OPERATIONS,
        public_keys.OPERATIONS,
        replication.OPERATIONS,
        retirement.OPERATIONS,
        rotation.OPERATIONS,
        signing.OPERATIONS,
        sts.OPERATIONS,
        tagging.OPERATIONS,
        tags.OPERATIONS,
        usage.OPERATIONS,
    )
)
"""Every operation that the engine has, by the port's name."""
