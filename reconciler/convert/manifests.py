"""Drafts that are tied together, written as manifests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.convert.adoption import adopted
from reconciler.convert.drafts import AliasDraft, Draft, GrantDraft, KeyDraft, Place, StoreDraft
from reconciler.convert.policies import LOST
from reconciler.convert.remarks import TO_DO, Remarks, Words
from reconciler.convert.targets import Targets
from reconciler.convert.ties import Ties
from reconciler.kit.printable import printable
from reconciler.manifest.schemas import API_VERSION

_ORDER: Final[tuple[str, ...]] = (
    *("adopt", "primaryRef", "primary", "description", "keySpec", "keyUsage", "origin", "customKeyStoreRef"),
    *("xksKeyId", "multiRegion", "enabled", "aliases", "rotation", "tags", "deletion", "policy"),
)

WIDER: Final = Words(
    "it is left out",
    "it adopts no key, and a new one without the policy that is declared would get KMS's default",
    "give what the policy lacks, or write the manifest by hand",
)


@dataclass(frozen=True, slots=True)
class Written:
    """One manifest, and which resources of the input are in it."""

    value: Mapping[str, Any]
    handles: tuple[str, ...] = ()


def write(drafts: Sequence[Draft], remarks: Remarks) -> tuple[tuple[Written, ...], Targets]:
    """The manifests of `drafts`, and the places that they are in."""
    ties = Ties(drafts, remarks)
    targets = [Written(_manifest("Target", name, spec)) for name, spec in ties.targets.specs().items()]
    stores = [_store(draft, ties) for draft in ties.of_kind(StoreDraft)]
    keys = [_key(draft, ties) for draft in ties.keys]
    grants = [_grant(draft, ties) for draft in ties.of_kind(GrantDraft)]
    aliases = [_alias(draft, ties) for draft in ties.strays]
    found = (*targets, *stores, *keys, *grants, *aliases)
    return tuple(one for one in found if one is not None), ties.targets


def _store(draft: StoreDraft, ties: Ties) -> Written | None:
    words = ties.stores.add(draft)
    if words is not None:
        ties.tell(draft, words)
        return None
    fields = {name: value for name, value in draft.fields.items() if name != "name"}
    value = _manifest("CustomKeyStore", draft.fields["name"], fields, ties.targets.of(draft.place))
    return Written(value, (draft.subject.handle,))


def _key(draft: KeyDraft, ties: Ties) -> Written | None:
    primary = _primary(draft, ties)
    if primary is None:
        ties.tell(draft, Words("it is left out", "which key it is a replica of is not known"))
        return None
    aliases, policy = ties.aliases_of(draft), ties.policy_of(draft)
    adopts, words = adopted(draft, [alias.name for alias in aliases])
    if words is not None:
        ties.tell(draft, words)
    fields = {**draft.fields, **adopts, **primary, **_in_store(draft, ties)}
    if aliases:
        fields["aliases"] = sorted({alias.name.removeprefix("alias/") for alias in aliases})
    if policy is not None:
        fields["policy"] = {"document": policy.document}
    if fields.get("policy", {}).get("document") is LOST:
        del fields["policy"]
        if not adopts:
            ties.tell(draft, WIDER)
            return None
    spec = {name: fields[name] for name in _ORDER if name in fields}
    kind = "Key" if draft.primary is None else "ReplicaKey"
    value = _manifest(kind, ties.name_of(draft), spec, ties.targets.of(draft.place))
    return Written(value, tuple(one.subject.handle for one in (draft, *aliases, policy) if one is not None))


def _primary(draft: KeyDraft, ties: Ties) -> dict[str, Any] | None:
    """How a replica says whose it is; nothing for other keys, and None where that is not known."""
    if draft.primary is None:
        return {}
    primary = ties.primary_of(draft)
    if primary is not None:
        return {"primaryRef": {"name": ties.name_of(primary)}}
    target = ties.targets.of(Place.of(draft.primary.text))
    if target is None:
        return None
    return {"primary": {"keyArn": draft.primary.text, "targetRef": {"name": target}, **draft.shared}}


def _in_store(draft: KeyDraft, ties: Ties) -> dict[str, Any]:
    if draft.store is None:
        return {}
    name = ties.stores.find(draft.store)
    if name is not None:
        return {"customKeyStoreRef": {"name": name}}
    what = f"the custom key store {printable(draft.store.text or '')} of the key is left out"
    why = "it is not declared here; a key that is there stays in it"
    ties.tell(draft, Words(what, why, "declare a CustomKeyStore, and name it by `customKeyStoreRef`"))
    return {}


def _grant(draft: GrantDraft, ties: Ties) -> Written | None:
    key, target = ties.key_named_by(draft.key, draft.place)
    if key is None:
        ties.tell(draft, Words("it is left out", "which key it is on is not known", "name the key in a Grant"))
        return None
    old = f"RevokeGrant of {printable(draft.grant_id)}" if draft.grant_id else "RevokeGrant"
    why = "KMS cannot rename a grant: an apply makes it a second time, with a name of kmsctl's"
    fix = f"have {draft.subject.tool} take back the first one after that ({old})"
    ties.tell(draft, Words("it will be made anew", why, fix, TO_DO))
    name = ties.names.give(draft.subject.name, "grant")
    return Written(_manifest("Grant", name, {**key, **draft.fields}, target), (draft.subject.handle,))


def _alias(draft: AliasDraft, ties: Ties) -> Written | None:
    key, target = ties.key_named_by(draft.key, draft.place)
    if key is None:
        ties.tell(draft, Words("it is left out", "which key it is of is not known", "declare it with its key"))
        return None
    name = ties.names.give(draft.subject.name, "alias")
    return Written(_manifest("Alias", name, {"name": draft.name, **key}, target), (draft.subject.handle,))


def _manifest(kind: str, name: str, spec: Mapping[str, Any], target: str | None = None) -> dict[str, Any]:
    where = {"targetRef": {"name": target}} if target else {}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": {**spec, **where}}
