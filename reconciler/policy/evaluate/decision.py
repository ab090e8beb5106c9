"""What was decided, and why."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field

from reconciler.policy.statement import Effect


class Reason(enum.Enum):
    """Why a request is allowed or denied; the value is for people."""

    KEY_POLICY = "the key policy allows it"
    IDENTITY_POLICY = "an identity policy allows it, by leave of the account"
    BOTH_ACCOUNTS = "the key policy and the requester's own account allow it"
    ROOT_USER = "the root user of the account may do everything"
    GRANT = "a grant allows it"
    DENIED_BY_KEY_POLICY = "a statement of the key policy denies it"
    DENIED_BY_IDENTITY_POLICY = "a statement of an identity policy denies it"
    DENIED_BY_BOUNDARY = "a statement of the permission boundary denies it"
    DENIED_BY_SESSION_POLICY = "a statement of the session policy denies it"
    DENIED_BY_SERVICE_CONTROL = "a statement of a service control policy denies it"
    DENIED_BY_RESOURCE_CONTROL = "a statement of a resource control policy denies it"
    NOT_ALLOWED_BY_KEY_POLICY = "no statement of the key policy allows it"
    NOT_ALLOWED_BY_IDENTITY_POLICY = "no identity policy allows it"
    NOT_ALLOWED_BY_BOUNDARY = "the permission boundary does not allow it"
    NOT_ALLOWED_BY_SESSION_POLICY = "the session policy does not allow it"
    NOT_ALLOWED_BY_SERVICE_CONTROL = "at some level of the organisation no service control policy allows it"
    NOT_ALLOWED_BY_GRANT = "neither the grant nor the key's account lets the requester retire it"
    IDENTITY_POLICIES_UNKNOWN = "the requester's identity policies are not known"
    NOT_ACROSS_ACCOUNTS = "it works in the key's own account only"
    UNPARSABLE_POLICY = "a policy cannot be read, and might deny it"


class Source(enum.Enum):
    """The kind of policy that a trace is about."""

    KEY_POLICY = "key policy"
    IDENTITY_POLICY = "identity policy"
    BOUNDARY = "permission boundary"
    SESSION_POLICY = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    GRANT = "grant"


class Outcome(enum.Enum):
    """What became of one statement or grant."""

    MATCHED = "matches"
    OTHER_PRINCIPAL = "is about other principals"
    OTHER_ACTION = "is about other actions"
    OTHER_RESOURCE = "is about other resources"
    CONDITION_FAILED = "a condition does not hold"
    CONDITION_OPEN = "depends on conditions, and makes no difference"
    UNPARSABLE = "cannot be read"


@dataclass(frozen=True, slots=True)
class Trace:
    """One statement or grant that was looked at."""

    source: Source
    name: str
    """The policy's name, empty for the key policy; a grant's id."""
    index: int
    """Of the statement in its policy, from 0."""
    sid: str | None
    effect: Effect
    outcome: Outcome
    detail: str = ""
    """Which condition failed, or why the policy cannot be read; safe to print, without values of the request."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a request is allowed. Equal when the verdict and its reason are."""

    allowed: bool
    reason: Reason
    explain: Callable[[], tuple[Trace, ...]] = field(compare=False, repr=False)

    @property
    def trace(self) -> tuple[Trace, ...]:
        """Each statement and grant looked at, worked out when it is read.

        In this order: key policy, identity policies, boundary, session policy, the organisation's policies, grants.
        """
        return self.explain()
