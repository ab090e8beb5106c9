"""Who asks: a principal, by its ARN or a service's name, and all the ways in which a policy can name it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from reconciler.kit.arn import Arn, root_arn
from reconciler.policy.principals import ANYONE, Principal, PrincipalKind, is_account_id

_CACHED = 4096


class RequesterKind(enum.Enum):
    """What makes a request."""

    ROOT = "root user"
    USER = "user"
    ROLE = "role"
    """A role as such, of which nobody knows which session will ask."""
    SESSION = "session of a role"
    FEDERATED_USER = "federated user"
    SERVICE = "service"
    PROVIDER = "identity provider"
    OTHER = "unknown principal"
    """Named by nothing but `*`."""


class Naming(enum.IntEnum):
    """How a policy's principal comes to include a requester; the more directly, the higher."""

    NONE = 0
    ACCOUNT = 1
    """By its account: IAM policies of the account hand the permission on."""
    LIMITED = 2
    """By its role, or with everybody: within a permission boundary and a session policy."""
    DIRECT = 3
    """By itself."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. Two are equal when their ARNs are; made by `Requester.of`."""

    arn: str
    """Of a user, role, role session, federated user, root user or identity provider; or a service's name."""
    account: str | None = field(compare=False)
    """None for services and for what has no account."""
    partition: str = field(compare=False)
    kind: RequesterKind = field(compare=False)
    role: str | None = field(compare=False)
    """ARN of the role without its path, for a role and its sessions: names of roles are unique in an account."""
    names: Mapping[Principal, Naming] = field(compare=False, repr=False)
    """Every principal, in the form of `canonical`, that includes it, and how."""

    @classmethod
    def of(cls, arn: str) -> Requester:
        """The requester that `arn`, or a service's name such as `s3.amazonaws.com`, stands for."""
        return _requester(arn)

    def naming(self, principals: frozenset[Principal]) -> Naming:
        """The most direct way in which `principals`, in the form of `canonical`, include it."""
        return max([how for name, how in self.names.items() if name in principals], default=Naming.NONE)


@lru_cache(maxsize=_CACHED)
def _requester(arn: str) -> Requester:
    parsed = Arn.parse(arn)
    if parsed is None:
        return Requester(arn, None, "aws", RequesterKind.SERVICE, None, _names_of_service(arn))
    kind, role = _kind_of(parsed)
    account = parsed.account if is_account_id(parsed.account) else None
    return Requester(arn, account, parsed.partition, kind, role, _names_of(parsed, kind, role))


def canonical(principal: Principal) -> Principal:
    """`principal` in the form that `Requester.names` uses: roles without their path."""
    parsed = Arn.parse(principal.name) if principal.kind is PrincipalKind.AWS else None
    if parsed is None or not parsed.resource.startswith("role/"):
        return principal
    return Principal(principal.kind, _role_arn(parsed, parsed.resource.rpartition("/")[2]))


def is_service_linked(arn: str) -> bool:
    """Whether `arn`, with its path, is of a role that a service made for itself: nobody else can make one there.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    """
    return ":role/aws-service-role/" in arn


def _kind_of(arn: Arn) -> tuple[RequesterKind, str | None]:
    kind, _, rest = arn.resource.partition("/")
    match arn.service, kind:
        case "iam", "root":
            return RequesterKind.ROOT, None
        case "iam", "user":
            return RequesterKind.USER, None
        case "iam", "role":
            return RequesterKind.ROLE, _role_arn(arn, rest.rpartition("/")[2])
        case "sts", "assumed-role":
            return RequesterKind.SESSION, _role_arn(arn, rest.partition("/")[0])
        case "sts", "federated-user":
            return RequesterKind.FEDERATED_USER, None
        case "iam", "saml-provider" | "oidc-provider":
            return RequesterKind.PROVIDER, None
        case _:
            return RequesterKind.OTHER, None


def _role_arn(arn: Arn, name: str) -> str:
    return str(Arn(arn.partition, "iam", "", arn.account, f"role/{name}"))


def _names_of_service(name: str) -> Mapping[Principal, Naming]:
    return {
        Principal(PrincipalKind.AWS, ANYONE): Naming.LIMITED,
        Principal(PrincipalKind.SERVICE, name): Naming.DIRECT,
    }


def _names_of(arn: Arn, kind: RequesterKind, role: str | None) -> Mapping[Principal, Naming]:
    def aws(name: str) -> Principal:
        return Principal(PrincipalKind.AWS, name)

    names = {aws(ANYONE): Naming.LIMITED}
    if kind is RequesterKind.PROVIDER:
        return names | {Principal(PrincipalKind.FEDERATED, str(arn)): Naming.DIRECT}
    if kind is RequesterKind.OTHER:
        return names
    through_account = Naming.DIRECT if kind is RequesterKind.ROOT else Naming.ACCOUNT
    names |= {aws(arn.account): through_account, aws(root_arn(arn.account, arn.partition)): through_account}
    if role is not None:
        names[aws(role)] = Naming.LIMITED
    if kind is not RequesterKind.ROLE:
        names[aws(str(arn))] = Naming.DIRECT
    return names
