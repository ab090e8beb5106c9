"""What a decision is made from, besides the request: the requester's IAM policies, and grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.policy.document import PolicyDocument

Facts = Mapping[str, tuple[str, ...]]
"""The request context: condition keys in lower case, each with one value or more. A key without a value is left out."""


@dataclass(frozen=True, slots=True)
class Unparsable:
    """A policy that nobody can read. It might deny, so everything is denied."""

    why: str
    """Safe to print."""


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy and what people call it: its name or ARN."""

    name: str
    document: PolicyDocument | Unparsable


@dataclass(frozen=True, slots=True)
class IdentityPolicies:
    """What IAM says of one requester, in its own account."""

    policies: tuple[NamedPolicy, ...] = ()
    boundary: NamedPolicy | None = None
    """The permission boundary of the user or role; None when it has none."""
    session: NamedPolicy | None = None
    """The policy passed when the session was made; None when none was."""
    unrestricted: bool = False
    """The account's root user: no IAM policy gives or limits what it may do."""
    service_control: tuple[tuple[NamedPolicy, ...], ...] = ()
    """The service control policies of the account, by level, from the root of the organisation down: one of each level
    must allow what any principal of the account does. Empty where none are known, or none limit the account."""
    service_linked: bool = False
    """A role that a service made for itself: no policy of the organisation limits it."""

    @property
    def every(self) -> tuple[NamedPolicy, ...]:
        """All of them, in the order in which a trace tells them."""
        limits = (one for one in (self.boundary, self.session) if one is not None)
        return (*self.policies, *limits, *(policy for level in self.service_control for policy in level))


@dataclass(frozen=True, slots=True)
class Controlled:
    """A key policy, and the resource control policies that the organisation sets on the key's account.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
    """

    policy: PolicyDocument | Unparsable
    control: tuple[NamedPolicy, ...]
    """Of all levels: they only ever deny."""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """What a grant says, as far as it decides."""

    grant_id: str
    grantee: str
    """ARN of a user, role, session, federated user or root user; or a service's name."""
    operations: frozenset[str]
    """As in `GrantOperation`: `Decrypt`, `ReEncryptFrom`, …"""
    context_equals: Mapping[str, str] | None = None
    context_subset: Mapping[str, str] | None = None
    source_arn: str | None = None
    """The `SourceArn` constraint: the resource for which a service may use the grant."""
    retiring: str | None = None
    """Who may retire it, an ARN or a service's name, besides a grantee who is allowed to."""
