"""ACK: objects of `kms.services.k8s.aws`.

Source: https://github.com/aws-controllers-k8s/kms-controller/tree/main/apis/v1alpha1, annotations:
https://aws-controllers-k8s.github.io/docs/guides/deletion-policy
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.convert.drafts import AliasDraft, Draft, GrantDraft, KeyDraft, Link, Place, Tool
from reconciler.convert.fields import Fields
from reconciler.convert.grants import constraints_in, grant_fields
from reconciler.convert.keys import KeyFacts, WhenGone, key_fields, replica_fields, tell_bypass
from reconciler.convert.kubernetes import annotation, handle, subject
from reconciler.convert.places import Node
from reconciler.convert.policies import policy_in
from reconciler.convert.remarks import Remarks, Words
from reconciler.convert.tags import kept, pairs_of
from reconciler.convert.unresolved import literal

GROUP: Final = "kms.services.k8s.aws"
_WHEN_GONE: Final = MappingProxyType({"retain": WhenGone.RETAIN, "delete": WhenGone.DELETE})
_WINDOW: Final = "kms.services.k8s.aws/pending-window-in-days"
_PASSED_OVER: Final = frozenset({"tags", "constraints", "keyRef", "targetKeyRef", "name", "grantTokens"})
"""What is read another way, or is no wish for the key."""
_BYPASS: Final = "bypassPolicyLockoutSafetyCheck"


def drafts_in(documents: list[Node], _: Mapping[str, str], remarks: Remarks) -> Iterable[Draft]:
    """What objects of ACK declare."""
    for document in documents:
        fields = Fields(subject(document, Tool.ACK), document.get("spec").replaced(_spec(document)), remarks)
        reader = _READERS.get(document.text("kind"))
        if reader is None:
            fields.tell(document, Words("it is left out", "it is no Key, ReplicaKey, Alias or Grant"))
        else:
            yield from reader(fields, document)
            fields.tell_unread(_PASSED_OVER)


def _spec(document: Node) -> object:
    return literal(document.get("spec").mapping)


def _key(fields: Fields, document: Node) -> Iterator[KeyDraft]:
    yield KeyDraft(
        fields.subject,
        _place(document),
        _arn(document) or document.text("status", "keyID") or None,
        key_fields(_facts(fields, document)),
        store=Link(text=fields.text("customKeyStoreID")) if fields.text("customKeyStoreID") else None,
    )


def _replica(fields: Fields, document: Node) -> Iterator[KeyDraft]:
    known = _place(document)
    place = Place.of(None, fields.text("replicaRegion") or known.region, known.account)
    arn = document.text("status", "replicaKeyMetadata", "arn") or _arn(document)
    spec = replica_fields(_facts(fields, document))
    primary = _link(fields, document, "keyID", "keyRef")
    yield KeyDraft(fields.subject, place, arn, spec, primary=primary)


def _facts(fields: Fields, document: Node) -> KeyFacts:
    tell_bypass(fields, _BYPASS)
    return KeyFacts(
        description=fields.text("description"),
        key_spec=fields.text("keySpec"),
        key_usage=fields.text("keyUsage"),
        origin=fields.text("origin"),
        multi_region=fields.flag("multiRegion"),
        rotates=fields.flag("enableKeyRotation"),
        window_days=_window(fields, document),
        when_gone=_WHEN_GONE.get(annotation(document, "services.k8s.aws/deletion-policy") or ""),
        tags=kept(pairs_of(fields, "tagKey", "tagValue", "tags"), fields, "tags"),
        policy=policy_in(fields, "policy"),
    )


def _window(fields: Fields, document: Node) -> int | None:
    annotations = Fields(fields.subject, document.get("metadata", "annotations"), fields.remarks)
    return annotations.whole(_WINDOW)


def _alias(fields: Fields, document: Node) -> Iterator[AliasDraft]:
    name = fields.text("name")
    if name is None:
        fields.tell(document, Words("it is left out", "it has no name"))
    else:
        yield AliasDraft(fields.subject, _place(document), name, _link(fields, document, "targetKeyID", "targetKeyRef"))


def _grant(fields: Fields, document: Node) -> Iterator[GrantDraft]:
    block = fields.node.get("constraints")
    found = constraints_in(
        fields, [block] if block.value is not None else [], "encryptionContextEquals", "encryptionContextSubset"
    )
    if found is None:
        fields.tell(document, Words("it is left out", "without its constraints it would allow more"))
        return
    spec = grant_fields(fields, "granteePrincipal", "retiringPrincipal", "operations")
    spec |= {"constraints": found} if found else {}
    grant_id = document.text("status", "grantID") or None
    yield GrantDraft(fields.subject, _place(document), _link(fields, document, "keyID", "keyRef"), spec, grant_id)


def _link(fields: Fields, document: Node, text: str, reference: str) -> Link:
    """The key that an object names by id, or by the name of its object."""
    name = fields.node.text(reference, "from", "name")
    namespace = fields.node.text(reference, "from", "namespace") or None
    return Link((handle(document, "Key", name, namespace),) if name else (), fields.text(text))


def _arn(document: Node) -> str | None:
    """The ARN of the resource; that of a key alone tells which key it is."""
    return document.text("status", "ackResourceMetadata", "arn") or None


def _place(document: Node) -> Place:
    status = document.get("status", "ackResourceMetadata")
    region = status.text("region") or annotation(document, "services.k8s.aws/region")
    account = status.text("ownerAccountID") or annotation(document, "services.k8s.aws/owner-account-id")
    return Place.of(_arn(document), region, account)


_READERS: Final = MappingProxyType[str, Callable[[Fields, Node], Iterator[Draft]]](
    {"Key": _key, "ReplicaKey": _replica, "Alias": _alias, "Grant": _grant}
)
