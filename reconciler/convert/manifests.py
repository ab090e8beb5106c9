"""Drafts of all tools, tied together and written as manifests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.convert.adoption import adopted
from reconciler.convert.drafts import AliasDraft, Draft, GrantDraft, KeyDraft, Link, Place, PolicyDraft, StoreDraft
from reconciler.convert.links import Keys
from reconciler.convert.naming import Names
from reconciler.convert.remarks import TO_DO, Remarks, Words
from reconciler.convert.stores import Stores
from reconciler.convert.targets import Targets
from reconciler.kit.printable import printable
from reconciler.manifest.schemas import API_VERSION

_ORDER: Final[tuple[str, ...]] = (
    *("adopt", "primaryRef", "primary", "description", "keySpec", "keyUsage", "origin", "customKeyStoreRef"),
    *("xksKeyId", "multiRegion", "enabled", "aliases", "rotation", "tags", "deletion", "policy"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """One manifest, and which resources of the input are in it."""

    value: Mapping[str, Any]
    handles: tuple[str, ...] = ()


def write(drafts: Sequence[Draft], remarks: Remarks) -> tuple[tuple[Written, ...], Targets]:
    """The manifests of `drafts`, and the places that they are in."""
    return _Writer(drafts, remarks).all()


@dataclass(slots=True)
class _Writer:
    drafts: Sequence[Draft]
    remarks: Remarks
    keys: Keys = field(default_factory=Keys)
    names: Names = field(default_factory=Names)
    named: dict[str, str] = field(default_factory=dict)
    """Handle of a key to the name of its manifest."""
    aliases: defaultdict[str, list[AliasDraft]] = field(default_factory=lambda: defaultdict(list))
    policies: dict[str, PolicyDraft] = field(default_factory=dict)
    targets: Targets = field(default_factory=lambda: Targets({}, ()))
    stores: Stores = field(default_factory=Stores)

    def all(self) -> tuple[tuple[Written, ...], Targets]:
        keys = self._keys()
        self.keys.add_aliases(self._of(AliasDraft))
        strays = [self._alias(draft) for draft in self._of(AliasDraft)]
        self._attach_policies()
        self.targets = self._places(keys)
        targets = [Written(_manifest("Target", name, spec)) for name, spec in self.targets.specs().items()]
        stores = [self._store(draft) for draft in self._of(StoreDraft)]
        written = [self._key(draft) for draft in keys]
        grants = [self._grant(draft) for draft in self._of(GrantDraft)]
        aliases = [self._stray(draft) for draft in strays if draft is not None]
        found = (*targets, *stores, *written, *grants, *aliases)
        return tuple(one for one in found if one is not None), self.targets

    def _of(self, kind: type[Any]) -> Iterable[Any]:
        return (draft for draft in self.drafts if isinstance(draft, kind))

    def _keys(self) -> list[KeyDraft]:
        """Those that are declared, each once, with names."""
        found = []
        for draft in self._of(KeyDraft):
            same = self.keys.add(draft)
            if same is not None:
                self._tell(draft, Words("it is left out", f"it is the key of {printable(same.subject.title)}"))
                continue
            self.named[draft.subject.handle] = self.names.give(draft.subject.name, "key")
            found.append(draft)
        return found

    def _alias(self, draft: AliasDraft) -> AliasDraft | None:
        """The alias, unless it is one of a declared key: then it goes there."""
        key = self.keys.find(draft.key, draft.place)
        if key is None:
            return draft
        self.aliases[key.subject.handle].append(draft)
        return None

    def _attach_policies(self) -> None:
        for draft in self._of(PolicyDraft):
            key = self.keys.find(draft.key, draft.place)
            if key is None:
                self._tell(draft, Words("it is left out", "its key is not declared here", "declare that key, too"))
            else:
                self.policies[key.subject.handle] = draft

    def _places(self, keys: Sequence[KeyDraft]) -> Targets:
        elsewhere = [Place.of(key.primary.text) for key in keys if key.primary and self._primary(key) is None]
        elsewhere = [place for place in elsewhere if place.region is not None]
        places = [draft.place for draft in self.drafts if isinstance(draft, KeyDraft | StoreDraft)]
        return Targets.among([*places, *elsewhere], needed=bool(elsewhere))

    def _store(self, draft: StoreDraft) -> Written | None:
        fields = {name: value for name, value in draft.fields.items() if name != "name"}
        words = self.stores.add(draft)
        if words is not None:
            self._tell(draft, words)
            return None
        return Written(
            _manifest("CustomKeyStore", draft.fields["name"], fields, self.targets.of(draft.place)),
            (draft.subject.handle,),
        )

    def _key(self, draft: KeyDraft) -> Written | None:
        handle = draft.subject.handle
        aliases, policy = self.aliases[handle], self.policies.get(handle)
        fields: dict[str, Any] = dict(draft.fields)
        if aliases:
            fields["aliases"] = sorted({alias.name.removeprefix("alias/") for alias in aliases})
        if policy is not None:
            fields["policy"] = {"document": policy.document}
        if draft.primary is not None:
            primary = self._primary_fields(draft)
            if primary is None:
                self._tell(draft, Words("it is left out", "which key it is a replica of is not known"))
                return None
            fields |= primary
        fields |= self._in_store(draft)
        found, words = adopted(draft, [alias.name for alias in aliases])
        fields |= found
        if words is not None:
            self._tell(draft, words)
        spec = {name: fields[name] for name in _ORDER if name in fields}
        kind = "Key" if draft.primary is None else "ReplicaKey"
        about = (handle, *(alias.subject.handle for alias in aliases), *((policy.subject.handle,) if policy else ()))
        return Written(_manifest(kind, self.named[handle], spec, self.targets.of(draft.place)), about)

    def _primary(self, draft: KeyDraft) -> KeyDraft | None:
        link = draft.primary or Link()
        found = self.keys.find(link, Place())
        return None if found is None or found.subject.handle == draft.subject.handle else found

    def _primary_fields(self, draft: KeyDraft) -> dict[str, Any] | None:
        primary = self._primary(draft)
        if primary is not None:
            return {"primaryRef": {"name": self.named[primary.subject.handle]}}
        arn = draft.primary.text if draft.primary else None
        target = self.targets.of(Place.of(arn)) if arn else None
        if target is None:
            return None
        return {"primary": {"keyArn": arn, "targetRef": {"name": target}, **draft.shared}}

    def _in_store(self, draft: KeyDraft) -> dict[str, Any]:
        if draft.store is None:
            return {}
        name = self.stores.find(draft.store)
        if name is not None:
            return {"customKeyStoreRef": {"name": name}}
        what = f"the custom key store {printable(draft.store.text or '')} of the key is left out"
        why = "it is not declared here; a key that is there stays in it"
        self._tell(draft, Words(what, why, "declare a CustomKeyStore, and name it by `customKeyStoreRef`"))
        return {}

    def _grant(self, draft: GrantDraft) -> Written | None:
        key, place = self._named_key(draft.key, draft.place)
        if key is None:
            self._tell(draft, Words("it is left out", "which key it is on is not known", "name the key in a Grant"))
            return None
        old = f"RevokeGrant of {printable(draft.grant_id)}" if draft.grant_id else "RevokeGrant"
        why = "KMS cannot rename a grant: an apply makes it a second time, with a name of kmsctl's"
        fix = f"have {draft.subject.tool} take back the first one after that ({old})"
        self._tell(draft, Words("it will be made anew", why, fix, TO_DO))
        name = self.names.give(draft.subject.name, "grant")
        return Written(
            _manifest("Grant", name, {**key, **draft.fields}, self.targets.of(place)), (draft.subject.handle,)
        )

    def _stray(self, draft: AliasDraft) -> Written | None:
        key, place = self._named_key(draft.key, draft.place)
        if key is None:
            self._tell(draft, Words("it is left out", "which key it is of is not known", "declare it with its key"))
            return None
        name = self.names.give(draft.subject.name, "alias")
        spec = {"name": draft.name, **key}
        return Written(_manifest("Alias", name, spec, self.targets.of(place)), (draft.subject.handle,))

    def _named_key(self, link: Link, place: Place) -> tuple[dict[str, Any] | None, Place]:
        """The key of an alias or grant, and where it is: by its manifest, or as KMS calls it."""
        key = self.keys.find(link, place)
        if key is not None:
            return {"keyRef": {"name": self.named[key.subject.handle]}}, key.place
        if link.text is None:
            return None, place
        where = Place.of(link.text, place.region)
        return {"key": link.text}, where if where.region is not None else place

    def _tell(self, draft: Draft, words: Words) -> None:
        self.remarks.tell(draft.subject.title, draft.subject.node, words, draft.subject.handle)


def _manifest(kind: str, name: str, spec: Mapping[str, Any], target: str | None = None) -> dict[str, Any]:
    where = {"targetRef": {"name": target}} if target else {}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": {**spec, **where}}
