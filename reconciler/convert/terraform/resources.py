"""Resources of `aws_kms_…` as drafts.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key and the pages beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Final

from reconciler.convert.drafts import (
    AliasDraft,
    Draft,
    GrantDraft,
    KeyDraft,
    Link,
    Place,
    PolicyDraft,
    Subject,
)
from reconciler.convert.fields import Fields
from reconciler.convert.grants import constraints_in, grant_fields
from reconciler.convert.keys import (
    KeyFacts,
    immutable,
    key_fields,
    origin_in,
    replica_fields,
    tell_bypass,
    tell_material,
)
from reconciler.convert.policies import LOST, policy_in
from reconciler.convert.remarks import Remarks, Words
from reconciler.convert.tags import kept
from reconciler.convert.terraform.instances import Instance
from reconciler.convert.terraform.plans import targets_of
from reconciler.convert.terraform.stores import store
from reconciler.convert.unresolved import literal

_PENDING: Final = frozenset({"PendingImport", "PendingDeletion", "PendingReplicaDeletion"})
"""States in which a key is not enabled, and nobody disabled it."""
_PASSED_OVER: Final = frozenset(
    {
        *("arn", "id", "key_id", "region", "tags", "timeouts", "name_prefix", "target_key_arn", "grant_token"),
        *("grant_creation_tokens", "expiration_model", "key_state", "key_rotation_enabled", "key_spec", "key_usage"),
        *("key_material_base64", "key_store_password", "xks_proxy_authentication_credential", "custom_key_store_type"),
        *("valid_to", "name", "grant_id"),
    }
)
"""What the provider computes, or what is no wish for the key; and what is never looked at."""
_BYPASS: Final = "bypass_policy_lockout_safety_check"
_MATERIAL: Final = "key_material_base64"


def drafts_of(instance: Instance, subject: Subject, remarks: Remarks) -> Iterator[Draft]:
    """What `instance` declares; nothing for what is no resource of KMS."""
    fields = Fields(subject, subject.node.replaced(literal(instance.node.value)), remarks)
    reader = _READERS.get(instance.type)
    if reader is None:
        why = f"{instance.type} is not a key, alias, grant, policy or key store"
        fields.tell(instance.node, Words("it is left out", why))
        return
    yield from reader(fields, instance)
    fields.tell_unread(_PASSED_OVER)


def _key(fields: Fields, instance: Instance) -> Iterator[KeyDraft]:
    tell_bypass(fields, _BYPASS)
    in_store, external = fields.text("custom_key_store_id"), fields.text("xks_key_id")
    facts = KeyFacts(
        description=fields.text("description"),
        key_spec=fields.text("customer_master_key_spec"),
        key_usage=fields.text("key_usage"),
        origin=origin_in(in_store, external),
        multi_region=fields.flag("multi_region"),
        enabled=fields.flag("is_enabled"),
        rotates=fields.flag("enable_key_rotation"),
        rotation_days=fields.whole("rotation_period_in_days"),
        window_days=fields.whole("deletion_window_in_days"),
        tags=_tags(fields),
        policy=policy_in(fields, "policy"),
        xks_key_id=external,
    )
    link = _link(fields, instance, "custom_key_store_id") if in_store else None
    yield _key_draft(fields, instance, key_fields(facts), store=link)


def _external_key(fields: Fields, instance: Instance) -> Iterator[KeyDraft]:
    yield _key_draft(fields, instance, key_fields(_external(fields)))


def _replica(fields: Fields, instance: Instance) -> Iterator[KeyDraft]:
    tell_bypass(fields, _BYPASS)
    facts = KeyFacts(
        description=fields.text("description"),
        key_spec=fields.text("key_spec"),
        key_usage=fields.text("key_usage"),
        enabled=fields.flag("enabled"),
        window_days=fields.whole("deletion_window_in_days"),
        tags=_tags(fields),
        policy=policy_in(fields, "policy"),
    )
    yield _replica_draft(fields, instance, facts)


def _external_replica(fields: Fields, instance: Instance) -> Iterator[KeyDraft]:
    yield _replica_draft(fields, instance, _external(fields))


def _external(fields: Fields) -> KeyFacts:
    tell_bypass(fields, _BYPASS)
    if fields.node.get(_MATERIAL).value is not None:
        tell_material(fields, _MATERIAL, "the key's material stands in the state for all who can read that")
    if fields.text("valid_to"):
        why = "it is a field of `importedMaterial`, which says where the material is, and that is not known"
        fields.tell(fields.node.get("valid_to"), Words("`valid_to` is left out", why))
    return KeyFacts(
        description=fields.text("description"),
        origin="EXTERNAL",
        multi_region=fields.flag("multi_region"),
        enabled=None if fields.node.text("key_state") in _PENDING else fields.flag("enabled"),
        window_days=fields.whole("deletion_window_in_days"),
        tags=_tags(fields),
        policy=policy_in(fields, "policy"),
    )


def _alias(fields: Fields, instance: Instance) -> Iterator[AliasDraft]:
    name = fields.text("name")
    if name is None:
        why = "its name is known after an apply"
        fields.tell(fields.node, Words("it is left out", why, "convert the state once it is there"))
        return
    link = _link(fields, instance, "target_key_id")
    yield AliasDraft(fields.subject, _place(fields, instance, "arn"), name, link)


def _grant(fields: Fields, instance: Instance) -> Iterator[GrantDraft]:
    blocks = fields.known("constraints")
    found = constraints_in(
        fields, list(blocks.items()) if blocks else [], "encryption_context_equals", "encryption_context_subset"
    )
    if found is None or (blocks is None and fields.node.get("constraints").value is not None):
        fields.tell(fields.node, Words("it is left out", "without its constraints it would allow more"))
        return
    if fields.flag("retire_on_delete"):
        fields.tell(
            fields.node.get("retire_on_delete"), Words("`retire_on_delete` is left out", "kmsctl revokes grants")
        )
    spec = grant_fields(fields, "grantee_principal", "retiring_principal", "operations")
    spec |= {"constraints": found} if found else {}
    link = _link(fields, instance, "key_id")
    yield GrantDraft(fields.subject, _place(fields, instance, "key_id"), link, spec, fields.text("grant_id"))


def _policy(fields: Fields, instance: Instance) -> Iterator[PolicyDraft]:
    tell_bypass(fields, _BYPASS)
    document = policy_in(fields, "policy")
    if document is not None and document is not LOST:
        link = _link(fields, instance, "key_id")
        yield PolicyDraft(fields.subject, _place(fields, instance, "key_id"), link, document)


_READERS: Final = MappingProxyType[str, Callable[[Fields, Instance], Iterator[Draft]]](
    {
        "aws_kms_key": _key,
        "aws_kms_external_key": _external_key,
        "aws_kms_replica_key": _replica,
        "aws_kms_replica_external_key": _external_replica,
        "aws_kms_alias": _alias,
        "aws_kms_grant": _grant,
        "aws_kms_key_policy": _policy,
        "aws_kms_custom_key_store": store,
    }
)


def _key_draft(fields: Fields, instance: Instance, spec: dict[str, object], *, store: Link | None = None) -> KeyDraft:
    return KeyDraft(
        fields.subject, _place(fields, instance, "arn"), _identity(fields), spec, instance.exists, store=store
    )


def _replica_draft(fields: Fields, instance: Instance, facts: KeyFacts) -> KeyDraft:
    shared = {name: value for name, value in immutable(facts).items() if name != "multiRegion"}
    primary = _link(fields, instance, "primary_key_arn")
    place = _place(fields, instance, "arn")
    return KeyDraft(
        fields.subject, place, _identity(fields), replica_fields(facts), instance.exists, primary=primary, shared=shared
    )


def _identity(fields: Fields) -> str | None:
    return fields.text("arn") or fields.text("key_id") or fields.text("id")


def _place(fields: Fields, instance: Instance, arn: str) -> Place:
    return Place.of(fields.node.text(arn), fields.text("region") or instance.region)


def _link(fields: Fields, instance: Instance, argument: str) -> Link:
    handles = tuple(f"{fields.node.origin.file}#{address}" for address in targets_of(instance, argument))
    return Link(handles, fields.text(argument))


def _tags(fields: Fields) -> dict[str, str]:
    """With the provider's `default_tags`, where the state knows them."""
    name = "tags" if fields.node.get("tags_all").value is None else "tags_all"
    return kept(fields.pairs(name) or {}, fields, name)
