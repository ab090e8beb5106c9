"""A Target: which account and Region, and how to get there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reconciler.kit.diagnostics import Position
from reconciler.model.identifiers import RUN_TARGET, TargetName

LOCAL_ACCOUNT = "111122223333"
"""The account of the built-in target."""
DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Target:
    """A `Target` manifest, or what the command line makes up for one."""

    name: TargetName = RUN_TARGET
    backend: Literal["aws", "local"] = "local"
    region: str | None = None
    """None: the profile's, or `DEFAULT_REGION` for the bundled KMS."""
    account_id: str | None = None
    """The account that it must be; for the bundled KMS, the one that it is."""
    allowed_account_ids: tuple[str, ...] = ()
    """Empty: any. A run against another account is refused before its first read."""
    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    endpoint_url: str | None = None
    position: Position | None = None
