"""Related keys of a multi-Region key: calls that are made in one Region and take effect in two.

Neither can be made twice: the second `ReplicateKey` is refused because the Region has a replica, the second
`UpdatePrimaryRegion` because the key is the primary no longer. So after a lost answer the other Region is looked at;
what is there says whether the call took effect, since a Region has one key of an id at most.

Both go on for some seconds after their answer (key states `Creating` and `Updating`), in which KMS refuses what comes
next; they are waited for.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html and API_UpdatePrimaryRegion.html.
"""

from __future__ import annotations

from typing import Any

from reconciler.apply.already import PENDING
from reconciler.apply.principals import send_once_principals_are_seen
from reconciler.apply.recover import recovering
from reconciler.apply.site import Done, Site, key_tags
from reconciler.apply.wait import Pausing, until
from reconciler.apply.wire import primary_update, replication
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms import codes
from reconciler.kms.decode import decode_regions
from reconciler.model.identifiers import KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.ownership import OPERATION_TAG, Ownership
from reconciler.plan.steps import ReplicateKey, UpdatePrimary

_NOT_SETTLED = "KMS still works on it; what comes next may be refused until it is done"
_WORKING = "KMS is still working on the key"
_MOVED_ALREADY = frozenset({codes.INVALID_STATE, "UnsupportedOperationException"})


def replicate(step: ReplicateKey, site: Site) -> Pausing[Done]:
    """Make the replica and wait until KMS has made it usable; `site` is the replica's.

    Raises:
        KmsctlError: the Region has a replica that is not this one, or nobody knows whether it was made.
        KmsError: it was not made.
    """
    primary = KeyId(site.resolve(step.primary).rpartition("/")[2])
    attempt = site.new_attempt()

    def call() -> Pausing[tuple[str, ...]]:
        try:
            yield from send_once_principals_are_seen(site.elsewhere(step.at), replication(step, primary, attempt))
        except KmsError as error:
            found = _find(step, primary, attempt, site) if error.code == "AlreadyExistsException" else None
            if found is None:
                raise
            return found
        return ()

    notes = yield from recovering(call, lambda: _find(step, primary, attempt, site), site)
    settled = yield from until(lambda: _state(site, primary) not in (None, KeyState.CREATING), site.clock, _WORKING)
    return Done(primary, notes if settled else (*notes, _NOT_SETTLED))


def move_primary(step: UpdatePrimary, site: Site) -> Pausing[Done]:
    """Make the key in another Region the primary, and wait until KMS has done so on both sides.

    Raises:
        KmsctlError: nobody knows whether it took effect.
        KmsError: it did not.
    """
    key = site.resolve(step.key)
    old, new = site.elsewhere(step.at), site.elsewhere(step.to)

    def call() -> Pausing[tuple[str, ...]]:
        yield from ()
        try:
            old.send(primary_update(step, key))
        except KmsError as error:
            if error.code not in _MOVED_ALREADY or not _is_primary(step, new, key):
                raise
            return ("it was the primary already",)
        return ()

    def moved() -> tuple[str, ...] | None:
        return ("the answer was lost; the primary is where it is to be",) if _is_primary(step, new, key) else None

    notes = yield from recovering(call, moved, new)
    settled = yield from until(lambda: _is_settled(step, old, key) and _is_settled(step, new, key), new.clock, _WORKING)
    return Done(notes=notes if settled else (*notes, _NOT_SETTLED))


def _find(step: ReplicateKey, key: KeyId, attempt: str, site: Site) -> tuple[str, ...] | None:
    """What to say of the replica that is there, if it is the one that was to be made; None when there is none yet."""
    metadata = _metadata(site, key)
    if metadata is None:
        return None
    tags = key_tags(site, key)
    if Ownership.of(tags) != step.owner:
        raise KmsctlError(
            f"{step.region} has a replica of key {key} already, and it is not {step.owner.name} of this stack",
            why="a Region has one of the related keys, and another made this one",
            fix="plan again: the plan shows whose it is; `adopt: true` takes over one that is nobody's",
        )
    if metadata["KeyState"] in PENDING:
        raise KmsctlError(
            f"the replica of key {key} in {step.region} awaits deletion",
            why="KMS makes no second one before it is gone",
            fix="plan again: the plan cancels its deletion",
        )
    if tags.get(OPERATION_TAG) == attempt:
        return ("the answer was lost; the replica was found",)
    return ("another apply made it first. Plan again to see whether both wanted the same",)


def _state(site: Site, key: KeyId) -> str | None:
    metadata = _metadata(site, key)
    return str(metadata["KeyState"]) if metadata else None


def _is_primary(step: UpdatePrimary, site: Site, key: str) -> bool:
    regions = decode_regions(_metadata(site, key) or {})
    return regions is not None and regions.primary == step.region


def _is_settled(step: UpdatePrimary, site: Site, key: str) -> bool:
    return _state(site, KeyId(key)) != KeyState.UPDATING and _is_primary(step, site, key)


def _metadata(site: Site, key: str) -> dict[str, Any] | None:
    """What DescribeKey says; None while there is no such key."""
    try:
        metadata: dict[str, Any] = site.kms("DescribeKey", {"KeyId": key})["KeyMetadata"]
    except KmsError as error:
        if error.code == codes.GONE:
            return None
        raise
    return metadata
