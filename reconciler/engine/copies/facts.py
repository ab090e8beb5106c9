"""What is known of a KMS that is to be copied. Enums, texts and parameters are AWS's; instants are aware datetimes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class MaterialFacts:
    """One imported material of a key."""

    material_id: str
    present: bool = True
    pending: bool = False
    """Whether it awaits a rotation."""
    valid_to: datetime | None = None
    description: str | None = None
    stand_in: bytes | None = field(default=None, repr=False)
    """What takes its place in the copy, as it would be imported; None: anything."""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """One grant on a key."""

    grant_id: str
    body: Mapping[str, Any]
    """The parameters of CreateGrant that ListGrants gives back, its name among them if it has one."""
    issuing_account: str
    """ARN of the root under which it was made."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One key with all that hangs on it."""

    account: str
    region: str
    key_id: str
    spec: str
    usage: str
    origin: str
    state: str
    created: datetime
    policy: str
    description: str = ""
    manager: str = "CUSTOMER"
    primary_region: str | None = None
    """The Region of the primary when it is a multi-Region key."""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    """With their prefix."""
    grants: tuple[GrantFacts, ...] = ()
    materials: tuple[MaterialFacts, ...] = ()
    """Of origin EXTERNAL alone, oldest first."""
    rotation_period: int | None = None
    """Days, when automatic rotations are on."""
    on_demand_rotations: int = 0
    deletion_date: datetime | None = None
    store_id: str | None = None
    xks_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """One custom key store."""

    account: str
    region: str
    store_id: str
    name: str
    kind: str
    """AWS_CLOUDHSM or EXTERNAL_KEY_STORE."""
    connection: str
    failure: str | None
    """The ConnectionErrorCode of one whose connection failed."""
    settings: Mapping[str, str]
    """By AWS's parameter names."""
    secret: str = field(repr=False)
    """What takes the place of its password, or of its credential: of which the id is the real one."""


@dataclass(frozen=True, slots=True)
class Estate:
    """Everything that is copied. Keys refer to stores by their ids."""

    keys: tuple[KeyFacts, ...] = ()
    stores: tuple[StoreFacts, ...] = ()


MaterialIds = Mapping[tuple[str, str], str]
"""What material that is known by a key id and its id is called in the copy."""
