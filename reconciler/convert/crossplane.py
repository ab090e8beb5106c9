"""Crossplane: objects of the providers for AWS, by Upbound and of the community's former one.

Sources: https://github.com/crossplane-contrib/provider-upjet-aws/tree/main/apis (kms),
https://github.com/crossplane-contrib/provider-aws/tree/master/apis/kms/v1alpha1, and for what all objects have
https://docs.crossplane.io/latest/managed-resources/managed-resources
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.convert.drafts import AliasDraft, Draft, GrantDraft, KeyDraft, Link, Place, Tool
from reconciler.convert.fields import Fields
from reconciler.convert.grants import constraints_in, grant_fields
from reconciler.convert.keys import (
    KeyFacts,
    WhenGone,
    immutable,
    key_fields,
    origin_in,
    replica_fields,
    tell_bypass,
    tell_material,
)
from reconciler.convert.kubernetes import annotation, group_of, handle, subject
from reconciler.convert.places import Node
from reconciler.convert.policies import policy_in
from reconciler.convert.remarks import Remarks, Words
from reconciler.convert.tags import kept, pairs_of
from reconciler.convert.unresolved import literal

GROUPS: Final = frozenset({"kms.aws.upbound.io", "kms.aws.m.upbound.io", "kms.aws.crossplane.io"})
_KEY_KINDS: Final = ("Key", "ExternalKey", "ReplicaKey", "ReplicaExternalKey")
_EXTERNAL: Final = frozenset({"ExternalKey", "ReplicaExternalKey"})
_PENDING: Final = frozenset({"PendingImport", "PendingDeletion", "PendingReplicaDeletion"})
_STORE: Final = ("customKeyStoreId", "customKeyStoreID")
_EXTERNAL_NAME: Final = "crossplane.io/external-name"
_PASSED_OVER: Final = frozenset(
    {
        *("region", "tags", "constraints", "name", "grantCreationTokens", "grantTokens", "retireOnDelete"),
        *("targetKeyIdRef", "targetKeyIdSelector", "keyIdRef", "keyIdSelector", "primaryKeyArnRef"),
        *("primaryKeyArnSelector", "validTo", "keyMaterialBase64SecretRef"),
    }
)
"""What is read another way, or is no wish for the key."""
_BYPASS: Final = "bypassPolicyLockoutSafetyCheck"
_MATERIAL: Final = "keyMaterialBase64SecretRef"


def drafts_in(documents: list[Node], _: Mapping[str, str], remarks: Remarks) -> Iterable[Draft]:
    """What objects of Crossplane declare."""
    for document in documents:
        fields = Fields(subject(document, Tool.CROSSPLANE), _parameters(document), remarks)
        reader = _READERS.get(document.text("kind"))
        if reader is None:
            why = "it is no key, alias or grant"
            fields.tell(document, Words("it is left out", why))
        else:
            yield from reader(fields, document, documents)
            fields.tell_unread(_PASSED_OVER)


def _parameters(document: Node) -> Node:
    """`forProvider`, and of `initProvider` what that does not say."""
    asked = document.get("spec", "forProvider")
    return asked.replaced(literal({**document.get("spec", "initProvider").mapping, **asked.mapping}))


def _key(fields: Fields, document: Node, _: list[Node]) -> Iterator[KeyDraft]:
    in_store = _either(fields, *_STORE)
    facts = _facts(fields, document)
    yield KeyDraft(
        fields.subject,
        _place(fields, document),
        _identity(document),
        key_fields(facts),
        store=Link(text=in_store) if in_store else None,
    )


def _replica(fields: Fields, document: Node, documents: list[Node]) -> Iterator[KeyDraft]:
    facts = _facts(fields, document)
    observed = document.get("status", "atProvider")
    spec, usage = observed.text("keySpec") or None, observed.text("keyUsage") or None
    shared = immutable(KeyFacts(key_spec=spec, key_usage=usage, origin=facts.origin))
    primary = _link(fields, document, documents, "primaryKeyArn")
    place = _place(fields, document)
    yield KeyDraft(fields.subject, place, _identity(document), replica_fields(facts), primary=primary, shared=shared)


def _facts(fields: Fields, document: Node) -> KeyFacts:
    tell_bypass(fields, _BYPASS)
    external = document.text("kind") in _EXTERNAL
    if fields.node.get(_MATERIAL).value is not None:
        tell_material(fields, _MATERIAL, "the Secret holds the material in base64")
    if fields.node.get("validTo").value is not None:
        why = "it is a field of `importedMaterial`, which says where the material is, and that is not known"
        fields.tell(fields.node.get("validTo"), Words("`validTo` is left out", why))
    pending = document.text("status", "atProvider", "keyState") in _PENDING
    xks = fields.text("xksKeyId")
    return KeyFacts(
        description=fields.text("description"),
        key_spec=_either(fields, "keySpec", "customerMasterKeySpec"),
        key_usage=fields.text("keyUsage"),
        origin="EXTERNAL" if external else fields.text("origin") or origin_in(_either(fields, *_STORE), xks),
        multi_region=fields.flag("multiRegion"),
        enabled=None if external and pending else _flag(fields, "isEnabled", "enabled"),
        rotates=fields.flag("enableKeyRotation"),
        rotation_days=fields.whole("rotationPeriodInDays"),
        window_days=fields.whole("deletionWindowInDays") or fields.whole("pendingWindowInDays"),
        when_gone=_when_gone(document),
        tags=kept(_tags(fields), fields, "tags"),
        policy=policy_in(fields, "policy"),
        xks_key_id=xks,
    )


def _alias(fields: Fields, document: Node, documents: list[Node]) -> Iterator[AliasDraft]:
    name = annotation(document, _EXTERNAL_NAME) or document.text("metadata", "name")
    link = _link(fields, document, documents, "targetKeyId")
    yield AliasDraft(fields.subject, _place(fields, document), f"alias/{name.removeprefix('alias/')}", link)


def _grant(fields: Fields, document: Node, documents: list[Node]) -> Iterator[GrantDraft]:
    block = fields.node.get("constraints")
    blocks = list(block.items()) or ([block] if block.value not in (None, []) else [])
    found = constraints_in(fields, blocks, "encryptionContextEquals", "encryptionContextSubset")
    if found is None:
        fields.tell(document, Words("it is left out", "without its constraints it would allow more"))
        return
    spec = grant_fields(fields, "granteePrincipal", "retiringPrincipal", "operations")
    spec |= {"constraints": found} if found else {}
    observed = document.get("status", "atProvider")
    grant_id = observed.text("grantId") or observed.text("grantID") or None
    link = _link(fields, document, documents, "keyId")
    yield GrantDraft(fields.subject, _place(fields, document), link, spec, grant_id)


def _link(fields: Fields, document: Node, documents: list[Node], name: str) -> Link:
    """The key that an object names by id, by the name of its object, or by labels."""
    reference = fields.node.text(f"{name}Ref", "name")
    selector = fields.node.get(f"{name}Selector")
    found = [reference] if reference else _selected(selector, document, documents)
    if len(found) > 1:
        fields.tell(selector, Words(f"`{name}Selector` is left out", f"it selects {len(found)} keys"))
        found = []
    handles = tuple(handle(document, kind, one) for one in found for kind in _KEY_KINDS)
    return Link(handles, fields.text(name))


def _selected(selector: Node, document: Node, documents: list[Node]) -> list[str]:
    """The names of the keys that a selector means."""
    labels = selector.get("matchLabels").mapping
    together = selector.get("matchControllerRef").value is True
    if not labels and not together:
        return []
    return [
        one.text("metadata", "name")
        for one in documents
        if one.text("kind") in _KEY_KINDS
        and group_of(one) == group_of(document)
        and labels.items() <= one.get("metadata", "labels").mapping.items()
        and (not together or _controller(one) == _controller(document) != "")
    ]


def _controller(document: Node) -> str:
    owners = document.get("metadata", "ownerReferences").items()
    return next((owner.text("uid") for owner in owners if owner.get("controller").value is True), "")


def _tags(fields: Fields) -> dict[str, str]:
    if isinstance(fields.node.get("tags").value, list):
        return pairs_of(fields, "tagKey", "tagValue", "tags")
    return fields.pairs("tags") or {}


def _when_gone(document: Node) -> WhenGone | None:
    """Only what keeps a key counts: the API server writes `deletionPolicy: Delete` into every object."""
    policies = document.get("spec", "managementPolicies").value
    if isinstance(policies, list) and policies and not {"*", "Delete"} & {str(one) for one in policies}:
        return WhenGone.RETAIN
    return WhenGone.RETAIN if document.text("spec", "deletionPolicy") == "Orphan" else None


def _either(fields: Fields, *names: str) -> str | None:
    return next((found for name in names if (found := fields.text(name))), None)


def _flag(fields: Fields, *names: str) -> bool | None:
    return next((found for name in names if (found := fields.flag(name)) is not None), None)


def _identity(document: Node) -> str | None:
    return document.text("status", "atProvider", "arn") or annotation(document, _EXTERNAL_NAME)


def _place(fields: Fields, document: Node) -> Place:
    return Place.of(document.text("status", "atProvider", "arn"), fields.node.text("region"))


_READERS: Final = MappingProxyType[str, Callable[[Fields, Node, list[Node]], Iterator[Draft]]](
    {
        "Key": _key,
        "ExternalKey": _key,
        "ReplicaKey": _replica,
        "ReplicaExternalKey": _replica,
        "Alias": _alias,
        "Grant": _grant,
    }
)
