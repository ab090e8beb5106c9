"""The users and roles of an account, read from IAM in one list: policies of their groups, boundaries and tags included.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms import codes
from reconciler.kms.port import Kms
from reconciler.model.observed import Account
from reconciler.policy.access import Identities, Person
from reconciler.policy.document import PolicyDocument, parse_attached_policy
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, Unparsable
from reconciler.policy.faults import InvalidPolicy

OPERATION: Final = "iam:GetAccountAuthorizationDetails"
_PAGE: Final = 1_000
_LISTS: Final = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
_Entry = Mapping[str, Any]


def read_identities(kms: Kms, account: Account) -> Identities:
    """Everybody in `account`, with all that limits or allows them there but the organisation's policies.

    Raises:
        KmsError: IAM cannot be asked.
        KmsctlError: IAM may not be read, or the list breaks off.
    """
    details = _details(kms)
    managed = {entry["Arn"]: _managed(entry) for entry in details["Policies"]}
    groups = {entry["GroupName"]: _policies(entry, "GroupPolicyList", managed) for entry in details["GroupDetailList"]}
    people = [
        *(_user(entry, groups, managed) for entry in details["UserDetailList"]),
        *(_person(entry, _policies(entry, "RolePolicyList", managed), managed) for entry in details["RoleDetailList"]),
    ]
    return Identities.of_people([account.account_id], people)


def _details(kms: Kms) -> Mapping[str, list[_Entry]]:
    found: dict[str, list[_Entry]] = {name: [] for name in _LISTS}
    marker, seen = "", set[str]()
    while True:
        answer = _page(kms, marker)
        for name in _LISTS:
            found[name] += answer.get(name) or []
        marker = answer.get("Marker") or ""
        if not answer.get("IsTruncated"):
            return found
        if not marker or marker in seen:
            raise KmsctlError(
                "the list of users and roles that IAM answers is incomplete",
                why="it says that there is more, but not where",
                fix="try again; if it stays, use --identities with a file",
            )
        seen.add(marker)


def _page(kms: Kms, marker: str) -> _Entry:
    try:
        return kms(OPERATION, {"MaxItems": _PAGE} | ({"Marker": marker} if marker else {}))
    except KmsError as error:
        if error.code not in codes.DENIED:
            raise
        raise KmsctlError(
            "the users and roles of the account may not be read from IAM",
            why=f"{OPERATION} answers {error.code}",
            fix=f"allow {OPERATION} to whoever asks, or say --identities FILE",
        ) from error


def _user(entry: _Entry, groups: Mapping[str, tuple[NamedPolicy, ...]], managed: Mapping[str, NamedPolicy]) -> Person:
    of_groups = (policy for name in entry.get("GroupList") or () for policy in groups.get(name, ()))
    return _person(entry, (*_policies(entry, "UserPolicyList", managed), *of_groups), managed)


def _person(entry: _Entry, policies: tuple[NamedPolicy, ...], managed: Mapping[str, NamedPolicy]) -> Person:
    limit = (entry.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    boundary = _attached(limit, managed) if limit else None
    tags = {tag["Key"]: tag["Value"] for tag in entry.get("Tags") or ()}
    return Person(entry["Arn"], IdentityPolicies(policies, boundary), tags)


def _policies(entry: _Entry, inline: str, managed: Mapping[str, NamedPolicy]) -> tuple[NamedPolicy, ...]:
    own = (NamedPolicy(one["PolicyName"], _parsed(one["PolicyDocument"])) for one in entry.get(inline) or ())
    attached = (_attached(one["PolicyArn"], managed) for one in entry.get("AttachedManagedPolicies") or ())
    return (*own, *attached)


def _attached(arn: str, managed: Mapping[str, NamedPolicy]) -> NamedPolicy:
    return managed.get(arn) or NamedPolicy(_name(arn), Unparsable("IAM does not list it"))


def _managed(entry: _Entry) -> NamedPolicy:
    versions: Iterable[_Entry] = entry.get("PolicyVersionList") or ()
    documents: Iterator[Any] = (one.get("Document") for one in versions if one.get("IsDefaultVersion"))
    document = next(documents, None)
    known = Unparsable("IAM does not show its default version") if document is None else _parsed(document)
    return NamedPolicy(_name(entry["Arn"]), known)


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _parsed(document: str | Mapping[str, Any]) -> PolicyDocument | Unparsable:
    """A document as boto3 gives it, or as IAM does: JSON, URL-encoded."""
    try:
        return parse_attached_policy(json.loads(unquote(document)) if isinstance(document, str) else document)
    except (InvalidPolicy, ValueError, RecursionError) as error:
        return Unparsable(error.why if isinstance(error, InvalidPolicy) else "it is no JSON")
