"""A Grant manifest to a desired grant, an Alias manifest to a desired alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.kit.arn import Arn, root_arn
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.checks.aliases import bare, full
from reconciler.manifest.documents import Document, Manifests, Message
from reconciler.manifest.limits import MAX_GRANT_NAME
from reconciler.manifest.resolve.externals import check_key_reference
from reconciler.manifest.resolve.keys import key_address
from reconciler.manifest.resolve.principals import wrong_partition
from reconciler.manifest.resolve.where import Where
from reconciler.model.address import Address, Kind
from reconciler.model.desired import (
    DesiredAlias,
    DesiredGrant,
    ExternalKey,
    GrantConstraints,
    GrantTerms,
    KeyReference,
    ManagedKey,
)
from reconciler.model.ownership import GrantName
from reconciler.policy.principals import is_account_id, is_principal_arn


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an Alias or a Grant is resolved among."""

    manifests: Manifests
    where: Where
    stack: str


def desired_alias(document: Document, among: Surroundings, faults: list[Diagnostic]) -> DesiredAlias:
    """The alias that `document` declares; what is wrong goes to `faults`."""
    name, where = document.spec["name"], among.where
    key = _key(document, among, faults, own_account=True)
    return DesiredAlias(Address(Kind.ALIAS, bare(name), where.target), document.position, full(name), key)


def desired_grant(document: Document, among: Surroundings, faults: list[Diagnostic]) -> DesiredGrant:
    """The grant that `document` declares; what is wrong goes to `faults`."""
    spec, where, stack = document.spec, among.where, among.stack
    terms = GrantTerms(
        grantee_principal=_principal(document, "granteePrincipal", where, faults),
        grantee_service=spec.get("granteeServicePrincipal"),
        retiring_principal=_principal(document, "retiringPrincipal", where, faults),
        retiring_service=spec.get("retiringServicePrincipal"),
        operations=frozenset(spec["operations"]),
        constraints=_constraints(document, where, faults),
    )
    length = len(str(GrantName.naming(stack, document.name, terms.digest())))
    if length > MAX_GRANT_NAME:
        faults.append(document.fault(("metadata", "name"), _too_long(length, stack)))
    key = _key(document, among, faults, own_account=False)
    return DesiredGrant(Address(Kind.GRANT, document.name, where.target), document.position, key, terms)


def _too_long(length: int, stack: str) -> Message:
    return Message(
        "name-too-long",
        f"with the stack {stack} the grant's name in KMS has {length} characters",
        f"KMS allows {MAX_GRANT_NAME}, and a grant is known by stack, name and digest",
        "make the name shorter",
    )


def _key(document: Document, among: Surroundings, faults: list[Diagnostic], *, own_account: bool) -> KeyReference:
    where = among.where
    if "keyRef" in document.spec:
        name = document.spec["keyRef"]["name"]
        key = among.manifests.key(name)
        return ManagedKey(key_address(key, where) if key else Address(Kind.KEY, name, where.target))
    text = where.pseudo.text(document.spec["key"])
    messages = check_key_reference(text, where, own_account=own_account, aliases=True)
    faults += (document.fault(("spec", "key"), message) for message in messages)
    return ExternalKey(text)


def _principal(document: Document, field: str, where: Where, faults: list[Diagnostic]) -> str | None:
    """The ARN that a principal stands for: accounts and names in the target's own account are spelled out."""
    if field not in document.spec:
        return None
    text = where.pseudo.text(document.spec[field])
    if is_account_id(text):
        return root_arn(text, where.partition)
    if text.startswith(("role/", "user/")):
        return f"arn:{where.partition}:iam::{where.account_id}:{text}"
    arn = Arn.parse(text)
    if arn is None or not is_principal_arn(text):
        message = Message(
            "invalid-principal",
            f"{printable(text)} is no principal that a grant can have",
            "a grant is for one account, role, user or role session",
            "use an ARN, role/NAME or user/NAME; services have fields of their own",
        )
        faults.append(document.fault(("spec", field), message))
    elif where.region_known and arn.partition != where.partition:
        faults.append(document.fault(("spec", field), wrong_partition(text, arn, where.partition)))
    return text


def _constraints(document: Document, where: Where, faults: list[Diagnostic]) -> GrantConstraints:
    constraints: Mapping[str, Any] = where.pseudo.fill(document.spec.get("constraints", {}))
    source = constraints.get("sourceArn")
    arn = Arn.parse(source) if source is not None else None
    path = ("spec", "constraints", "sourceArn")
    if source is not None and (arn is None or not is_account_id(arn.account)):
        message = Message(
            "invalid-value",
            f"{printable(source)} is no ARN of a resource with an account",
            "KMS compares it with the resource on whose behalf a service asks",
            "for example arn:aws:dynamodb:us-east-1:111122223333:table/cards",
        )
        faults.append(document.fault(path, message))
    elif arn is not None and where.region_known and arn.partition != where.partition:
        faults.append(document.fault(path, wrong_partition(str(source), arn, where.partition)))
    return GrantConstraints(
        constraints.get("encryptionContextEquals", {}), constraints.get("encryptionContextSubset", {}), source
    )
