"""One object as the watch showed it last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.controller.cluster.refs import ObjectRef, ref_of
from reconciler.controller.objects.annotations import LINT_IGNORE, Asked, asked_of, with_asked
from reconciler.controller.objects.statuses import sound_status
from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import read_object

FINALIZER: Final = "kms.reconciler.dev/finalizer"
"""Keeps an object until it is settled what becomes of its resource."""
WITH_FINALIZER: Final = frozenset({"Key", "ReplicaKey", "Alias", "Grant", "CustomKeyStore"})
"""The kinds that stand for something in a KMS."""

ID_FIELDS: Final[Mapping[ManifestKind, str]] = {
    ManifestKind.KEY: "keyId",
    ManifestKind.REPLICA_KEY: "keyId",
    ManifestKind.ALIAS: "aliasName",
    ManifestKind.GRANT: "grantId",
    ManifestKind.CUSTOM_KEY_STORE: "storeId",
}
"""Where a status has the id of what an object stands for."""
ON_KEYS: Final = frozenset({ManifestKind.ALIAS, ManifestKind.GRANT})
"""The kinds that are on a key, and end whether or not somebody still declares it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An object, without what only the API server needs of it."""

    ref: ObjectRef
    uid: str
    resource_version: str
    generation: int
    created: str
    """As text: RFC 3339 in UTC sorts as it is."""
    deleting: bool
    finalizers: tuple[str, ...]
    asked: Asked
    status: Mapping[str, Any] = field(repr=False)
    document: Document | tuple[Diagnostic, ...] = field(repr=False)
    """The manifest in it, or what is wrong with it."""
    unread_targets: frozenset[str] = frozenset()
    """Of a manifest that is not sound: the Targets that it names all the same; empty where it names none."""
    policy_generation: int | None = None
    """Of the KeyPolicy that a key refers to, once that was looked up: what it says is part of what the key declares."""
    on_key: str | None = None
    """The id of the key that an alias or a grant is to be on, once that was looked up; None where it is not known."""

    @property
    def kind(self) -> ManifestKind:
        """Its kind."""
        return ManifestKind(self.ref.kind)

    @property
    def sound(self) -> Document | None:
        """Its manifest, if that has no errors of its own."""
        return self.document if isinstance(self.document, Document) else None

    @property
    def finalized(self) -> bool:
        """Whether our finalizer is on it."""
        return FINALIZER in self.finalizers

    @property
    def resource_id(self) -> str | None:
        """The id of what it stands for, as far as its status tells."""
        name = ID_FIELDS.get(self.kind)
        return self.status.get(name) if name else None

    @property
    def conditions(self) -> tuple[Mapping[str, Any], ...]:
        """Of its status."""
        return tuple(self.status.get("conditions") or ())

    @property
    def is_ready(self) -> bool:
        """Whether its status says so."""
        return any(c.get("type") == "Ready" and c.get("status") == "True" for c in self.conditions)

    @property
    def synced_before(self) -> bool:
        """Whether what it declares now was brought about once: what differs since then is drift.

        Where its key has a successor it has to follow, and that was not brought about before.
        """
        synced = (self.status.get("syncedGeneration"), self.status.get("syncedPolicyGeneration"))
        follows = self.on_key is not None and self.status.get("syncedKeyId") not in (None, self.on_key)
        return synced == (self.generation, self.policy_generation) and not follows

    def asks_anew(self, before: Seen) -> bool:
        """Whether somebody wants something else than `before`; our own writes to an object do not count.

        Who replaces an object as a whole (`kubectl replace`, Argo CD's `Replace=true`) takes our finalizer off, unheard
        unless it is put back at once: deleted without it, a grant would not be revoked.
        """
        mine = (self.uid, self.generation, self.asked, self.deleting)
        let_go = before.finalized and not self.finalized and not self.deleting
        return let_go or mine != (before.uid, before.generation, before.asked, before.deleting)


def seen_of(body: Mapping[str, Any], *, before: Seen | None = None) -> Seen:
    """Read from an object of ours as the API has it; a manifest that is as `before` is not parsed again."""
    metadata = body["metadata"]
    ref = ref_of(body)
    asked = asked_of(metadata.get("annotations"))
    generation = int(metadata.get("generation") or 0)
    same = before is not None and (before.uid, before.generation, before.asked) == (metadata["uid"], generation, asked)
    document = before.document if same and before else _document(ref, body, asked)
    return Seen(
        ref=ref,
        uid=metadata["uid"],
        resource_version=metadata.get("resourceVersion", ""),
        generation=generation,
        created=metadata.get("creationTimestamp") or "",
        deleting=bool(metadata.get("deletionTimestamp")),
        finalizers=tuple(metadata.get("finalizers") or ()),
        asked=asked,
        status=sound_status(body.get("status")),
        document=document,
        unread_targets=frozenset() if isinstance(document, Document) else frozenset(_targets_in(body.get("spec"))),
    )


def _targets_in(spec: Any) -> Iterator[str]:
    """The Targets of an object, and of a primary that nobody declares, in a spec that may be anything."""
    for holder in (spec, spec.get("primary") if isinstance(spec, Mapping) else None):
        reference = holder.get("targetRef") if isinstance(holder, Mapping) else None
        name = reference.get("name") if isinstance(reference, Mapping) else None
        if isinstance(name, str) and name:
            yield name


def _document(ref: ObjectRef, body: Mapping[str, Any], asked: Asked) -> Document | tuple[Diagnostic, ...]:
    """The manifest: what was declared, without the labels and annotations that are for others."""
    annotations = {"annotations": {LINT_IGNORE: asked.lint_ignore}} if asked.lint_ignore else {}
    manifest = {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "metadata": {"name": ref.name, **annotations},
        "spec": with_asked(ref.kind, {} if body.get("spec") is None else body["spec"], asked),
    }
    return read_object(manifest, file=f"{ref.kind}/{ref.name}")


__all__ = ["FINALIZER", "WITH_FINALIZER", "Seen", "seen_of"]
