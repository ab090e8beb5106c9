"""What all policies together say: explicit denials first, then who allows.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html and
https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconciler.policy.evaluate.decision import Reason
from reconciler.policy.evaluate.organization import UNLIMITED, Limits
from reconciler.policy.evaluate.question import Clause
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.evaluate.rulings import Counts, Ruling

ALLOWING = (Reason.KEY_POLICY, Reason.IDENTITY_POLICY, Reason.BOTH_ACCOUNTS, Reason.ROOT_USER)
"""The reasons of policies to allow; a tuple, for enums take long to hash."""


Policies = tuple[Ruling | None, Ruling | None, Ruling | None, Ruling | None]
"""The key policy, all identity policies, the permission boundary, the session policy."""


@dataclass(frozen=True, slots=True)
class Rulings:
    """What every policy can say; None where there is no policy that limits, or none that allows."""

    key: Ruling | None
    identity: Ruling | None
    boundary: Ruling | None
    session: Ruling | None
    unrestricted: bool
    foreign: bool
    """The key is another account's."""
    service: bool
    """The requester belongs to no account: no identity policies are asked for."""
    denies: tuple[tuple[Reason, Clause], ...]
    """Every Deny, with the reason that it gives."""
    limits: Limits

    @classmethod
    def of(
        cls, policies: Policies, limits: Limits = UNLIMITED, *, unrestricted: bool, foreign: bool, service: bool
    ) -> Rulings:
        """What `policies`, and those of organisations, can say."""
        key, identity, boundary, session = policies
        reasons = (
            (key, Reason.DENIED_BY_KEY_POLICY),
            (identity, Reason.DENIED_BY_IDENTITY_POLICY),
            (boundary, Reason.DENIED_BY_BOUNDARY),
            (session, Reason.DENIED_BY_SESSION_POLICY),
            *((level, Reason.DENIED_BY_SERVICE_CONTROL) for level in limits.levels),
            (limits.control, Reason.DENIED_BY_RESOURCE_CONTROL),
        )
        denies = tuple((reason, clause) for one, reason in reasons if one is not None for clause in one.denies)
        return cls(key, identity, boundary, session, unrestricted, foreign, service, denies, limits)

    def denied(self, counts: Counts) -> Reason | None:
        """The kind of policy that denies explicitly."""
        for reason, clause in self.denies:
            if counts(clause):
                return reason
        return None

    def allowed(self, counts: Counts) -> Reason:
        """Why the policies allow, or do not, when nothing denies explicitly. More clauses never allow less."""
        if self.limits.levels and not self.limits.allow(counts):
            return Reason.NOT_ALLOWED_BY_SERVICE_CONTROL
        if self.key is None:
            return self._by_identity(counts) or (Reason.ROOT_USER if self.unrestricted else Reason.IDENTITY_POLICY)
        naming = self.key.allowed(counts)
        if naming is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_KEY_POLICY
        if self.foreign and not self.service:
            return self._by_identity(counts) or Reason.BOTH_ACCOUNTS
        if naming is Naming.ACCOUNT:
            return self._by_identity(counts) or Reason.IDENTITY_POLICY
        if naming is Naming.LIMITED:
            return self._limited(counts) or Reason.KEY_POLICY
        return Reason.KEY_POLICY

    def within(self, naming: Naming, counts: Counts) -> bool:
        """Whether the policies on the requester let a grant count that includes it by `naming`."""
        if self.limits.levels and not self.limits.allow(counts):
            return False
        match naming:
            case Naming.ACCOUNT:
                return self._by_identity(counts) is None
            case Naming.LIMITED:
                return self._limited(counts) is None
            case _:
                return naming is Naming.DIRECT

    @property
    def any_resource(self) -> bool:
        """Whether they would say the same of every resource of the account with the same key policy."""
        return all(one.any_resource for one in self._every())

    def conditional(self) -> tuple[Clause, ...]:
        """Every clause that depends on the facts."""
        return tuple(clause for one in self._every() for clause in (*one.denies, *one.allows) if clause.checks)

    def _every(self) -> Iterator[Ruling]:
        yield from (one for one in (self.key, self.identity, self.boundary, self.session) if one is not None)
        yield from self.limits.every

    def _by_identity(self, counts: Counts) -> Reason | None:
        """Why the requester's own policies do not allow; None when they do."""
        if self.unrestricted:
            return None
        if self.identity is None:
            return Reason.IDENTITY_POLICIES_UNKNOWN
        if self.identity.allowed(counts) is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_IDENTITY_POLICY
        return self._limited(counts)

    def _limited(self, counts: Counts) -> Reason | None:
        """Which limit on the requester does not allow."""
        if self.boundary is not None and self.boundary.allowed(counts) is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_BOUNDARY
        if self.session is not None and self.session.allowed(counts) is Naming.NONE:
            return Reason.NOT_ALLOWED_BY_SESSION_POLICY
        return None
