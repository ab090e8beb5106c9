"""What belongs to what among drafts of all tools: aliases, policies and grants to keys, replicas to primaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from reconciler.convert.drafts import AliasDraft, Draft, GrantDraft, KeyDraft, Link, Place, PolicyDraft, StoreDraft
from reconciler.convert.links import Keys
from reconciler.convert.naming import Names
from reconciler.convert.remarks import Remarks, Words
from reconciler.convert.stores import Stores
from reconciler.convert.targets import Targets
from reconciler.kit.printable import printable


@dataclass(slots=True)
class Ties:
    """The drafts, tied together."""

    drafts: Sequence[Draft]
    remarks: Remarks
    keys: list[KeyDraft] = field(default_factory=list)
    """Those that are written, each key once."""
    strays: list[AliasDraft] = field(default_factory=list)
    """Aliases of keys that are not declared."""
    names: Names = field(default_factory=Names)
    stores: Stores = field(default_factory=Stores)
    targets: Targets = field(init=False)
    _known: Keys = field(default_factory=Keys)
    _named: dict[str, str] = field(default_factory=dict)
    """Handle of a key to the name of its manifest."""
    _aliases: defaultdict[str, list[AliasDraft]] = field(default_factory=lambda: defaultdict(list))
    _policies: dict[str, PolicyDraft] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._take_keys()
        self._known.add_aliases(self.of_kind(AliasDraft))
        self._take_aliases()
        self._take_policies()
        self.targets = self._places()

    def of_kind(self, kind: type[Any]) -> Iterator[Any]:
        """The drafts of one kind, in the order of the input."""
        return (draft for draft in self.drafts if isinstance(draft, kind))

    def tell(self, draft: Draft, words: Words) -> None:
        """Say something of a draft."""
        self.remarks.tell(draft.subject.title, draft.subject.node, words, draft.subject.handle)

    def name_of(self, key: KeyDraft) -> str:
        """The name of its manifest."""
        return self._named[key.subject.handle]

    def aliases_of(self, key: KeyDraft) -> list[AliasDraft]:
        """The aliases that are declared for it."""
        return self._aliases[key.subject.handle]

    def policy_of(self, key: KeyDraft) -> PolicyDraft | None:
        """The policy that is declared for it apart."""
        return self._policies.get(key.subject.handle)

    def primary_of(self, replica: KeyDraft) -> KeyDraft | None:
        """Whose replica it is, if that is declared."""
        return self._known.find(replica.primary or Link(), Place(), only_primaries=True)

    def key_named_by(self, link: Link, place: Place) -> tuple[dict[str, Any] | None, str | None]:
        """The key of an alias or grant, by its manifest or as KMS calls it, and the Target that it is on."""
        key = self._known.find(link, place)
        if key is not None:
            return {"keyRef": {"name": self.name_of(key)}}, self.targets.of(key.place)
        if link.text is None:
            return None, None
        return {"key": link.text}, self.targets.of(Place.of(link.text, place.region, place.account))

    def _take_keys(self) -> None:
        for draft in self.of_kind(KeyDraft):
            same = self._known.add(draft)
            if same is not None:
                self.tell(draft, Words("it is left out", f"it is the key of {printable(same.subject.title)}"))
                continue
            self._named[draft.subject.handle] = self.names.give(draft.subject.name, "key")
            self.keys.append(draft)

    def _take_aliases(self) -> None:
        """Those of declared keys go there."""
        for draft in self.of_kind(AliasDraft):
            key = self._known.find(draft.key, draft.place)
            (self.strays if key is None else self._aliases[key.subject.handle]).append(draft)

    def _take_policies(self) -> None:
        for draft in self.of_kind(PolicyDraft):
            key = self._known.find(draft.key, draft.place)
            if key is None:
                self.tell(draft, Words("it is left out", "its key is not declared here", "declare that key, too"))
            else:
                self._policies[key.subject.handle] = draft

    def _places(self) -> Targets:
        """Where everything is. Of a key of others only its Region counts: it may be another account's."""
        own = [draft.place for draft in self.drafts if isinstance(draft, KeyDraft | StoreDraft)]
        primaries = [key.primary for key in self.keys if key.primary and self.primary_of(key) is None]
        apart = [Place.of(link.text) for link in primaries]
        others = [
            Place(Place.of(draft.key.text, draft.place.region).region)
            for draft in (*self.strays, *self.of_kind(GrantDraft))
            if self._known.find(draft.key, draft.place) is None
        ]
        needed = any(place.region is not None for place in apart)
        return Targets.among([*own, *apart, *others], needed=needed)
