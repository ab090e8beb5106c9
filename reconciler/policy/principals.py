"""Who a statement is about: the `Principal` and `NotPrincipal` elements of a key policy.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.policy.faults import FaultList, Location, json_type, nearest
from reconciler.policy.strings import read_strings

ANYONE = "*"
"""The principal that stands for everybody in every account."""

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_UNIQUE_ID = re.compile(r"(AROA|AIDA)[A-Z0-9]{12,124}")
_SERVICE = re.compile(
    r"[a-z0-9][a-z0-9.-]*\."
    r"(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|aws\.internal|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_PROVIDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9-]*)+(/[\x21-\x7e]*)?")
_IAM_RESOURCE = re.compile(r"root|(role|user)/[^*?]+", re.DOTALL)
_STS_RESOURCE = re.compile(r"assumed-role/[^*?/]+/[^*?]+|federated-user/[^*?]+", re.DOTALL)
_FEDERATED_RESOURCE = re.compile(r"(saml-provider|oidc-provider)/[^*?]+", re.DOTALL)


class PrincipalKind(enum.StrEnum):
    """The kinds of principal that a key policy can name, spelled as in the document."""

    AWS = "AWS"
    FEDERATED = "Federated"
    SERVICE = "Service"


@dataclass(frozen=True, slots=True, order=True)
class Principal:
    """One principal, as the document spells it; everybody is `Principal(PrincipalKind.AWS, "*")`.

    `"Principal": "*"` and `"Principal": {"AWS": "*"}` mean the same and both become that one.
    """

    kind: PrincipalKind
    name: str


NOBODYS_ACCOUNT = "000000000000"
"""An account that is nobody's: what it may do, everybody may."""


def stranger(partition: str) -> str:
    """A role that nothing names, of an account that nothing names."""
    return f"arn:{partition}:iam::{NOBODYS_ACCOUNT}:role/stranger"


def is_account_id(text: str) -> bool:
    """Whether `text` is twelve digits."""
    return _ACCOUNT_ID.fullmatch(text) is not None


def is_service(text: str) -> bool:
    """Whether `text` is the name of an AWS service, e.g. `logs.us-east-1.amazonaws.com`."""
    return _SERVICE.fullmatch(text) is not None


def is_unique_id(text: str) -> bool:
    """Whether `text` is what a live policy shows for a role or user that was deleted (`AROA…`, `AIDA…`).

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    return _UNIQUE_ID.fullmatch(text) is not None


def is_principal_arn(text: str) -> bool:
    """Whether `text` is the ARN of an account, role, user, role session or federated user, without wildcards."""
    arn = Arn.parse(text)
    if arn is None or arn.region or not is_account_id(arn.account):
        return False
    shapes = {"iam": _IAM_RESOURCE, "sts": _STS_RESOURCE}
    return arn.service in shapes and shapes[arn.service].fullmatch(arn.resource) is not None


def account_of(principal: Principal) -> str | None:
    """The account that an AWS principal belongs to; None for everybody, services, providers and deleted principals."""
    if principal.kind is not PrincipalKind.AWS:
        return None
    if is_account_id(principal.name):
        return principal.name
    arn = Arn.parse(principal.name)
    return arn.account if arn else None


def read_principals(value: object, location: Location, faults: FaultList) -> tuple[Principal, ...]:
    """The principals in the value of a `Principal` or `NotPrincipal` element, in the order written."""
    if value == ANYONE:
        return (Principal(PrincipalKind.AWS, ANYONE),)
    if not isinstance(value, Mapping):
        what = f"expected an object or *, found {_shown(value)}"
        faults.add(location, what, 'write {"AWS": …}, {"Service": …}, {"Federated": …} or "*"')
        return ()
    if not value:
        faults.add(location, "no principal is named", 'name one, e.g. {"AWS": "111122223333"}')
    found: list[Principal] = []
    for name, names in value.items():
        found += _read_kind(name, names, (*location, str(name)), faults)
    return tuple(found)


def _shown(value: object) -> str:
    return printable(value) if isinstance(value, str) else json_type(value)


def _read_kind(name: object, names: object, location: Location, faults: FaultList) -> list[Principal]:
    if name not in set(PrincipalKind):
        what = f"a key policy has no principals of the kind {printable(str(name), limit=80)}"
        faults.add(location, what, nearest(str(name), PrincipalKind))
        return []
    kind = PrincipalKind(str(name))
    found = []
    for position, text in read_strings(names, location, faults):
        fix = _fault_in(kind, text)
        if fix:
            faults.add(position, f"{printable(text)} is no principal of the kind {kind}", fix)
        found.append(Principal(kind, text))
    return found


def _fault_in(kind: PrincipalKind, text: str) -> str:
    """What to do about `text`, empty when it is a good name for a principal of `kind`."""
    match kind:
        case PrincipalKind.AWS:
            return _fault_in_aws(text)
        case PrincipalKind.SERVICE:
            return "" if is_service(text) else "use a service's name, e.g. logs.us-east-1.amazonaws.com"
        case PrincipalKind.FEDERATED:
            return "" if _is_provider(text) else "use the ARN of a SAML or OIDC provider, or the provider's host name"
        case _:
            assert_never(kind)


def _fault_in_aws(text: str) -> str:
    if text == ANYONE or is_account_id(text) or is_unique_id(text) or is_principal_arn(text):
        return ""
    if is_service(text):
        return "name services under Service, not under AWS"
    if ":group/" in text:
        return "IAM groups cannot be principals; name the roles or users"
    if "*" in text or "?" in text:
        return "a wildcard cannot stand for part of a principal; use * with a condition on aws:PrincipalArn"
    return "use a 12-digit account id, the ARN of a role or user, or *"


def _is_provider(text: str) -> bool:
    arn = Arn.parse(text)
    if arn is None:
        return _PROVIDER.fullmatch(text) is not None
    return arn.service == "iam" and _FEDERATED_RESOURCE.fullmatch(arn.resource) is not None
