"""What decides access to one key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import GrantFacts, NamedPolicy, Unparsable

_NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """A key as far as it decides who has access to it; `spec`, `usage` and `origin` in AWS's spelling."""

    arn: str
    """Of a key that is not there yet, one with a placeholder for its id."""
    account: str
    partition: str
    region: str
    policy: PolicyDocument | Unparsable
    grants: tuple[GrantFacts, ...] = ()
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    origin: str = "AWS_KMS"
    multi_region: bool = False
    replica: bool = False
    """Whether a multi-Region key is a replica, and not the primary."""
    aliases: tuple[str, ...] = ()
    """Names, `alias/…`."""
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)
    control: tuple[NamedPolicy, ...] = ()
    """The resource control policies of its account, as far as they are known."""
    organization: str | None = None
    """The id of its account's organisation, where that is known."""
