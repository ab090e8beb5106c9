"""What the policies of an organisation, which limit whole accounts, can say to one question.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html,
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html and
https://docs.aws.amazon.com/kms/latest/developerguide/resource-control-policies.html
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate.inputs import Controlled, IdentityPolicies, NamedPolicy, Unparsable
from reconciler.policy.evaluate.question import Question
from reconciler.policy.evaluate.requester import Naming, Requester, is_service_linked
from reconciler.policy.evaluate.rulings import Counts, Ruling, readable, ruling

KeyPolicy = PolicyDocument | Unparsable

_RETIRES = "kms:retiregrant"


@dataclass(frozen=True, slots=True)
class Limits:
    """What they can say."""

    levels: tuple[Ruling, ...] = ()
    """Service control policies of the requester's account: every level must allow."""
    control: Ruling | None = None
    """Resource control policies of the key's account, which only deny."""

    @property
    def every(self) -> tuple[Ruling, ...]:
        """All of them."""
        return self.levels if self.control is None else (*self.levels, self.control)

    def allow(self, counts: Counts) -> bool:
        """Whether every level allows."""
        return all(level.allowed(counts) is not Naming.NONE for level in self.levels)


UNLIMITED = Limits()


def controls(requester: Requester, action: str, identity: IdentityPolicies | None) -> bool:
    """Whether resource control policies count: not for roles that services made, and not for who retires grants."""
    linked = is_service_linked(requester.arn) or (identity is not None and identity.service_linked)
    return not linked and action.lower() != _RETIRES


def apart(
    key_policy: KeyPolicy | Controlled | None, requester: Requester, action: str, identity: IdentityPolicies | None
) -> tuple[KeyPolicy | None, tuple[NamedPolicy, ...]]:
    """A key policy, and those of the resource control policies over it that count."""
    if not isinstance(key_policy, Controlled):
        return key_policy, ()
    return key_policy.policy, key_policy.control if controls(requester, action, identity) else ()


def limits_of(
    service_control: tuple[tuple[NamedPolicy, ...], ...], control: tuple[NamedPolicy, ...], question: Question
) -> Limits | None:
    """What these policies say to `question`; None when one cannot be read."""
    if not service_control and not control:
        return UNLIMITED
    levels = [_read(level, question) for level in service_control]
    denying = _read(control, question)
    read = tuple(level for level in levels if level is not None)
    return None if denying is None or len(read) < len(levels) else Limits(read, denying)


def _read(policies: tuple[NamedPolicy, ...], question: Question) -> Ruling | None:
    documents = readable(policies)
    return None if documents is None else ruling(documents, question)
