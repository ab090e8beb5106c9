"""The people, keys and words of the tables: one case is one request, its policies, and what AWS's page says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.policy.control import parse_control_policy
from reconciler.policy.document import parse_document, parse_identity_policy
from reconciler.policy.evaluate import (
    Controlled,
    Decision,
    GrantFacts,
    IdentityPolicies,
    NamedPolicy,
    Prepared,
    Reason,
    Requester,
    Unparsable,
    prepare,
)
from reconciler.policy.evaluate.verdict import ALLOWING

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/"
API = "https://docs.aws.amazon.com/kms/latest/APIReference/"

US, THEM = "111122223333", "444455556666"
ROOT = f"arn:aws:iam::{US}:root"
ALICE, BOB = f"arn:aws:iam::{US}:user/alice", f"arn:aws:iam::{US}:user/bob"
APP = f"arn:aws:iam::{US}:role/app"
SESSION = f"arn:aws:sts::{US}:assumed-role/app/i-0abc"
FEDERATED = f"arn:aws:sts::{US}:federated-user/fay"
STRANGER = f"arn:aws:iam::{THEM}:user/eve"
THEIR_ROOT = f"arn:aws:iam::{THEM}:root"
THEIR_ROLE = f"arn:aws:iam::{THEM}:role/engineering"
THEIR_SESSION = f"arn:aws:sts::{THEM}:assumed-role/engineering/bob"
S3 = "s3.amazonaws.com"
KEY = f"arn:aws:kms:us-east-1:{US}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ALIAS = f"arn:aws:kms:us-east-1:{US}:alias/app"

Statement = dict[str, Any]
Policy = Sequence[Statement] | Unparsable | None


def allow(principal: Any = None, action: Any = "kms:*", **elements: Any) -> Statement:
    """A statement of a key policy, or of an identity policy when no principal is named."""
    return _statement("Allow", principal, action, elements)


def deny(principal: Any = None, action: Any = "kms:*", **elements: Any) -> Statement:
    return _statement("Deny", principal, action, elements)


def _statement(effect: str, principal: Any, action: Any, elements: Mapping[str, Any]) -> Statement:
    said: Statement = {"Effect": effect, "Action": action, "Resource": "*", **elements}
    if "NotAction" in said:
        del said["Action"]
    if "NotResource" in said:
        del said["Resource"]
    if principal is not None:
        said["Principal"] = {"AWS": principal} if isinstance(principal, str | list) and principal != "*" else principal
    return said


DELEGATE = allow(ROOT)
"""AWS's default key policy: the account's IAM policies decide."""


@dataclass(frozen=True)
class Case:
    """One request and what becomes of it."""

    name: str
    page: str
    key_policy: Policy
    expect: Reason
    who: str = ALICE
    action: str = "kms:Decrypt"
    resource: str = KEY
    account: str | None = US
    identity: Policy = ()
    boundary: Policy = None
    session: Policy = None
    unknown: bool = False
    """Nobody knows the requester's IAM policies."""
    scp: Sequence[Sequence[dict[str, Any]]] = ()
    """The service control policies of the requester's account, one a level."""
    rcp: Policy = None
    """The resource control policy of the key's account."""
    linked: bool = False
    """The requester is a role of a service, known by its role."""
    root: bool = False
    """The requester is the root user of its account, which IAM does not restrict."""
    facts: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    grants: tuple[GrantFacts, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    version: str = "2012-10-17"

    def prepared(self) -> Prepared:
        return prepare(
            Requester.of(self.who),
            self.action,
            self.resource,
            key_account=self.account,
            key_policy=self._key_policy(),
            identity=None if self.unknown else self._identity(),
        )

    def decide(self) -> Decision:
        facts = {key: (value,) if isinstance(value, str) else value for key, value in self.facts.items()}
        return self.prepared().decide(facts, self.grants, self.context)

    @property
    def allowed(self) -> bool:
        return self.expect in ALLOWING or self.expect is Reason.GRANT

    def _key_policy(self) -> Any:
        if self.key_policy is None or isinstance(self.key_policy, Unparsable):
            return self.key_policy
        policy = parse_document({"Version": self.version, "Statement": list(self.key_policy)})
        if self.rcp is None:
            return policy
        if isinstance(self.rcp, Unparsable):
            return Controlled(policy, (NamedPolicy("rcp", self.rcp),))
        control = parse_control_policy({"Version": self.version, "Statement": list(self.rcp)})
        return Controlled(policy, (NamedPolicy("rcp", control),))

    def _identity(self) -> IdentityPolicies:
        policies = (self._named("own", self.identity),) if self.identity else ()
        return IdentityPolicies(
            tuple(filter(None, policies)),
            self._named("boundary", self.boundary),
            self._named("session", self.session),
            unrestricted=self.root,
            service_control=tuple(tuple(filter(None, [self._named("scp", level)])) for level in self.scp),
            service_linked=self.linked,
        )

    def _named(self, name: str, policy: Policy) -> NamedPolicy | None:
        if policy is None:
            return None
        if isinstance(policy, Unparsable):
            return NamedPolicy(name, policy)
        return NamedPolicy(name, parse_identity_policy({"Version": self.version, "Statement": list(policy)}))


def grant(grantee: str, *operations: str, **constraints: Any) -> GrantFacts:
    return GrantFacts("grant-1", grantee, frozenset(operations), **constraints)
