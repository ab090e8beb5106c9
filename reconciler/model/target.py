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
class SecretCredentials:
    """Credentials in a Secret of the operator's namespace; never what they are."""

    secret_name: str


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
    credentials: SecretCredentials | None = None
    """Of the operator alone; None takes them from where every AWS SDK does."""
    allowed_namespaces: tuple[str, ...] = ()
    """Of the operator alone: names and patterns with `*` and `?`. Empty: no namespace may use it."""
    unmanaged_keys: Literal["Deny", "Allow"] = "Deny"
    """Of the operator alone: whether resources may touch keys that nothing in their own namespace declares."""
    position: Position | None = None
