"""Read one key: its description, and the facets whose answer can matter."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from reconciler.kit.errors import KmsError
from reconciler.kit.printable import printable
from reconciler.kms import codes
from reconciler.kms.decode import Pool, UnknownValue, decode_grant, decode_key, decode_materials
from reconciler.kms.paging import entries
from reconciler.kms.port import Kms
from reconciler.kms.retirable import by_id
from reconciler.kms.subjects import Role, Subject
from reconciler.kms.sweeps import GRANT_PAGE, read_tags
from reconciler.model.identifiers import Days, KeyId
from reconciler.model.keyspec import Origin, rotates_by_itself, rotates_on_demand
from reconciler.model.material import has_several_materials
from reconciler.model.observed import ObservedGrant, ObservedKey, ObservedMaterials, ObservedRotation
from reconciler.model.ownership import RotationMark, most_grants

logger = logging.getLogger(__name__)

Grants = Mapping[KeyId, tuple[ObservedGrant, ...]]
"""Keys whose grants are known, in full, before the keys are read."""

ROTATION_PAGE = 100
MALFORMED = frozenset({"InvalidArnException", "ValidationException"})
"""What a call is answered whose key can be none."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A key that is not ours, and cannot be read."""

    key: str
    """What calls name it by."""
    why: str
    """The error's code, or the value that this version does not know."""


def read_key(
    kms: Kms, subject: Subject, pool: Pool, *, every_grant: bool, grants: Grants
) -> ObservedKey | Unread | None:
    """The key, or None when it is gone.

    Args:
        kms: where it is.
        subject: which key, and what of it.
        pool: shares equal values with the other keys.
        every_grant: read all grants, wanted or not.
        grants: what a list of retirable grants has shown already, in full.

    Raises:
        KmsError: a key of ours that cannot be read: a plan without it would make it a second time.
        UnknownValue: a key that matters has a spec or state that this version does not know.
    """
    try:
        return _read(kms, subject, pool, every_grant=every_grant, grants=grants)
    except KmsError as error:
        if error.code == codes.GONE:
            return None
        if subject.role is not Role.OWNED and (error.code in codes.DENIED or error.code in MALFORMED):
            logger.info("key %s is left out: %s", printable(subject.key), printable(error.code))
            return Unread(subject.key, error.code)
        raise
    except UnknownValue as error:
        if subject.role is Role.UNMANAGED:
            logger.warning("key %s is left out: %s", printable(subject.key), error.what)
            return Unread(subject.key, error.what)
        raise


def _read(kms: Kms, subject: Subject, pool: Pool, *, every_grant: bool, grants: Grants) -> ObservedKey:
    metadata = kms("DescribeKey", {"KeyId": subject.key})["KeyMetadata"]
    tags = subject.tags
    if tags is None:
        tags = {} if subject.foreign else read_tags(kms, subject.key, pool)
    key = decode_key(metadata, tags)
    if key.aws_managed and subject.role is Role.UNMANAGED:
        return key  # whatever else there is to it, nobody here can change it
    materials, rotation = _materials(kms, subject, key) or (None, _rotation(kms, subject, key))
    return replace(
        key,
        policy=_policy(kms, subject, pool),
        rotation=rotation,
        materials=materials,
        grants=_grants(kms, subject, tags, pool, every_grant=every_grant, known=grants.get(KeyId(subject.key))),
    )


def _policy(kms: Kms, subject: Subject, pool: Pool) -> str | None:
    if not subject.wanted.policy or subject.foreign:
        return None
    return pool.one(str(kms("GetKeyPolicy", {"KeyId": subject.key, "PolicyName": "default"})["Policy"]))


def _materials(kms: Kms, subject: Subject, key: ObservedKey) -> tuple[ObservedMaterials, ObservedRotation] | None:
    """All materials of a key that can have several, and the count of its rotations; None where they do not matter.

    A key with imported material rotates on demand alone, and `GetKeyRotationStatus` need not say anything of it.
    """
    imported = key.origin is Origin.EXTERNAL and has_several_materials(key.key_spec)
    if not (imported and subject.wanted.material) or subject.foreign:
        return None
    parameters = {"KeyId": subject.key, "Limit": ROTATION_PAGE, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    found = list(entries(kms, "ListKeyRotations", parameters, "Rotations"))
    count = sum(entry.get("RotationType") == "ON_DEMAND" for entry in found)
    return decode_materials(found), ObservedRotation(enabled=False, on_demand_rotations=count)


def _rotation(kms: Kms, subject: Subject, key: ObservedKey) -> ObservedRotation | None:
    """Nothing while deletion is pending: KMS then answers that rotation is off, whatever it was and will be again.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
    """
    counts = _count_matters(subject, key)
    if key.pending_deletion or not (
        counts or (subject.wanted.rotation and rotates_by_itself(key.key_spec, key.origin))
    ):
        return None
    try:
        status = kms("GetKeyRotationStatus", {"KeyId": subject.key})
        count = _on_demand_rotations(kms, subject.key, status.get("OnDemandRotationStartDate")) if counts else None
    except KmsError as error:
        if error.code == codes.INVALID_STATE or error.code in codes.UNSUPPORTED:
            return None
        raise
    period = status.get("RotationPeriodInDays")
    return ObservedRotation(bool(status["KeyRotationEnabled"]), Days(period) if period else None, count)


def _count_matters(subject: Subject, key: ObservedKey) -> bool:
    if subject.wanted.serial is None or subject.foreign or not rotates_on_demand(key.key_spec, key.origin):
        return False
    mark = RotationMark.of(key.tags)
    return mark is None or mark.serial != subject.wanted.serial


def _on_demand_rotations(kms: Kms, key: str, under_way: datetime | None) -> int:
    """How often the key was rotated on demand, a rotation that is under way and not yet listed among them.

    `under_way` was read before the list, so a rotation that ended in between is in both, and counted once.
    """
    dates = [
        entry["RotationDate"]
        for entry in entries(kms, "ListKeyRotations", {"KeyId": key, "Limit": ROTATION_PAGE}, "Rotations")
        if entry.get("RotationType") == "ON_DEMAND"
    ]
    unlisted = under_way is not None and all(date < under_way for date in dates)
    return len(dates) + unlisted


def _grants(
    kms: Kms,
    subject: Subject,
    tags: Mapping[str, str],
    pool: Pool,
    *,
    every_grant: bool,
    known: tuple[ObservedGrant, ...] | None,
) -> tuple[ObservedGrant, ...] | None:
    if known is not None:
        return known
    ours = subject.role is Role.OWNED and (every_grant or most_grants(tags) > 0)
    wanted = subject.wanted.grants or (subject.wanted.every_grant and not subject.foreign)
    if not (ours or wanted):
        return None
    return by_id(_decoded(entries(kms, "ListGrants", {"KeyId": subject.key, "Limit": GRANT_PAGE}, "Grants"), pool))


def _decoded(found: Iterable[Mapping[str, Any]], pool: Pool) -> Iterable[ObservedGrant]:
    return (decode_grant(entry, pool) for entry in found)
