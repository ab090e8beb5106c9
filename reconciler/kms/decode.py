"""Answers on the wire, as the model's values. Nothing of the answers themselves is kept."""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.identifiers import AliasName, GrantId, KeyArn, KeyId
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import Material, ObservedAlias, ObservedGrant, ObservedKey, ObservedMaterials, Regions
from reconciler.model.stores import CREDENTIAL_ID, TRUST_ANCHOR, Connection, ObservedStore, certificate

H = TypeVar("H", bound=Hashable)
E = TypeVar("E", bound=enum.StrEnum)


class UnknownValue(KmsctlError):  # noqa: N818  it is the answer that is ahead of us, not wrong
    """A key has a spec, usage, origin or state that this version does not know."""

    def __init__(self, key: str, what: str, value: str) -> None:
        super().__init__(
            f"key {printable(key)} has the {what} {printable(value)!r}, which this version of kmsctl does not know",
            why="KMS gained it after this version was made, and a guess could be wrong",
            fix="update kmsctl, or take the key out of the manifests",
        )


class Pool:
    """One object for all that are equal: ten thousand keys repeat few policies, tag names and grant terms."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def one(self, value: H) -> H:
        """`value`, or the equal one that came first."""
        known: H = self._known.setdefault(value, value)
        return known


def key_id_of(text: str) -> KeyId:
    """The id in a key's ARN, or the id that `text` is."""
    return KeyId(text.rpartition("/")[2])


_USAGE = KeyUsage.ENCRYPT_DECRYPT
"""CreateKey's default, which not every KMS repeats when asked (moto does not)."""


def decode_key(metadata: Mapping[str, Any], tags: Mapping[str, str]) -> ObservedKey:
    """`KeyMetadata` of `DescribeKey`, with no facet read yet.

    Raises:
        UnknownValue: an enum has a value that this version does not know.
    """
    key_id = metadata["KeyId"]
    return ObservedKey(
        key_id=KeyId(key_id),
        arn=KeyArn(metadata["Arn"]),
        key_spec=_member(KeySpec, metadata.get("KeySpec"), key_id, "key spec"),
        key_usage=_member(KeyUsage, metadata.get("KeyUsage") or _USAGE, key_id, "key usage"),
        origin=_member(Origin, metadata.get("Origin"), key_id, "origin"),
        state=_member(KeyState, metadata.get("KeyState"), key_id, "key state"),
        created=metadata["CreationDate"],
        description=metadata.get("Description") or "",
        multi_region=bool(metadata.get("MultiRegion")),
        regions=decode_regions(metadata),
        aws_managed=metadata.get("KeyManager") == "AWS",
        material=_has_material(metadata),
        valid_to=metadata.get("ValidTo"),
        store_id=metadata.get("CustomKeyStoreId"),
        xks_key_id=(metadata.get("XksKeyConfiguration") or {}).get("Id"),
        deletion_date=metadata.get("DeletionDate"),
        tags=tags,
    )


def decode_regions(metadata: Mapping[str, Any]) -> Regions | None:
    """`MultiRegionConfiguration`; None for a key of one Region, and where it names no primary."""
    configuration = metadata.get("MultiRegionConfiguration") or {}
    primary = (configuration.get("PrimaryKey") or {}).get("Region")
    replicas = {key["Region"] for key in configuration.get("ReplicaKeys") or ()}
    return Regions(primary, tuple(sorted(replicas))) if primary else None


def _has_material(metadata: Mapping[str, Any]) -> bool:
    """Only imported material can be missing, all or some of it; KMS tells how it expires only when it is there.

    Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    """
    if metadata.get("Origin") != Origin.EXTERNAL:
        return True
    return metadata.get("KeyState") != KeyState.PENDING_IMPORT and "ExpirationModel" in metadata


def _member(kind: type[E], value: str | None, key: str, what: str) -> E:
    try:
        return kind(value or "")
    except ValueError:
        raise UnknownValue(key, what, value or "") from None


def decode_materials(entries: Iterable[Mapping[str, Any]]) -> ObservedMaterials:
    """All entries of `ListKeyRotations` of a key with imported material."""
    current = pending = None
    awaited = False
    others: dict[bool, list[str]] = {True: [], False: []}
    for entry in entries:
        match entry.get("KeyMaterialState"):
            case "CURRENT":
                current = _material(entry)
            case "PENDING_ROTATION" | "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" as state:
                pending, awaited = _material(entry), state != "PENDING_ROTATION"
            case _:
                others[_material(entry).imported].append(entry["KeyMaterialId"])
    return ObservedMaterials(current, pending, awaited, tuple(sorted(others[True])), tuple(sorted(others[False])))


def _material(entry: Mapping[str, Any]) -> Material:
    return Material(
        entry["KeyMaterialId"],
        imported=entry.get("ImportState") != "PENDING_IMPORT",
        valid_to=entry.get("ValidTo"),
        description=entry.get("KeyMaterialDescription") or "",
    )


def decode_store(entry: Mapping[str, Any]) -> ObservedStore:
    """One entry of `DescribeCustomKeyStores`.

    Raises:
        UnknownValue: its type or connection state is one that this version does not know.
    """
    name, proxy = entry["CustomKeyStoreName"], entry.get("XksProxyConfiguration") or {}
    told = {
        "cloudHsm.clusterId": entry.get("CloudHsmClusterId"),
        TRUST_ANCHOR: certificate(entry.get("TrustAnchorCertificate") or ""),
        "xksProxy.connectivity": proxy.get("Connectivity"),
        "xksProxy.uriEndpoint": proxy.get("UriEndpoint"),
        "xksProxy.uriPath": proxy.get("UriPath"),
        "xksProxy.vpcEndpointServiceName": proxy.get("VpcEndpointServiceName"),
        "xksProxy.vpcEndpointServiceOwner": proxy.get("VpcEndpointServiceOwner"),
        CREDENTIAL_ID: proxy.get("AccessKeyId"),
    }
    return ObservedStore(
        entry["CustomKeyStoreId"],
        name,
        _member(Origin, entry.get("CustomKeyStoreType"), name, "type of custom key store"),
        _member(Connection, entry.get("ConnectionState"), name, "connection state"),
        entry.get("ConnectionErrorCode") or "",
        {field: value for field, value in told.items() if value},
    )


def decode_tags(
    tags: Iterable[Mapping[str, str]], pool: Pool, key: str = "TagKey", value: str = "TagValue"
) -> dict[str, str]:
    """Tags as KMS lists them, or with `key` and `value` named otherwise, as the tagging API does."""
    return {pool.one(tag[key]): pool.one(tag[value]) for tag in tags}


def decode_alias(entry: Mapping[str, Any]) -> ObservedAlias:
    """One entry of `ListAliases`."""
    target = entry.get("TargetKeyId")
    return ObservedAlias(AliasName(entry["AliasName"]), KeyId(target) if target else None)


def decode_grant(entry: Mapping[str, Any], pool: Pool) -> ObservedGrant:
    """One entry of `ListGrants` or `ListRetirableGrants`."""

    def text(name: str) -> str | None:
        value = entry.get(name)
        return pool.one(value) if value else None

    terms = GrantTerms(
        grantee_principal=text("GranteePrincipal"),
        grantee_service=text("GranteeServicePrincipal"),
        retiring_principal=text("RetiringPrincipal"),
        retiring_service=text("RetiringServicePrincipal"),
        operations=pool.one(frozenset(entry.get("Operations") or ())),
        constraints=_constraints(entry.get("Constraints") or {}),
    )
    return ObservedGrant(
        grant_id=GrantId(entry["GrantId"]),
        key_id=key_id_of(entry["KeyId"]),
        name=entry.get("Name") or "",
        terms=terms,
        issuing_account=text("IssuingAccount") or "",
    )


_UNCONSTRAINED = GrantConstraints()


def _constraints(entry: Mapping[str, Any]) -> GrantConstraints:
    if not entry:
        return _UNCONSTRAINED
    return GrantConstraints(
        encryption_context_equals=dict(entry.get("EncryptionContextEquals") or {}),
        encryption_context_subset=dict(entry.get("EncryptionContextSubset") or {}),
        source_arn=entry.get("SourceArn"),
    )
