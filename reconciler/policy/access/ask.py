"""One request to ask about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from reconciler.policy.evaluate import Facts

_NO_CONTEXT: Mapping[str, str] = MappingProxyType({})
_NO_FACTS: Facts = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ask:
    """A request of `principal` for `action` on a key."""

    principal: str
    """ARN of a user, role, session, federated user or root user; or a service's name such as `s3.amazonaws.com`."""
    action: str
    """As IAM names it: `kms:Decrypt`, `kms:ReEncryptFrom`."""
    context: Mapping[str, str] = field(default_factory=lambda: _NO_CONTEXT)
    """The encryption context."""
    via: str | None = None
    """The service through which the principal calls, by a forward access session: `s3`."""
    facts: Facts = field(default_factory=lambda: _NO_FACTS)
    """Condition keys, in lower case, besides those that follow from the rest, and instead of them."""
