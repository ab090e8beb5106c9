"""Which key a resource means, by its place in the input or by what KMS calls it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from reconciler.convert.drafts import AliasDraft, KeyDraft, Link, Place
from reconciler.kit.arn import Arn

_KEY: Final = "key/"
_ALIAS: Final = "alias/"


@dataclass(slots=True)
class Keys:
    """The keys of the input, as others refer to them."""

    _by_handle: dict[str, KeyDraft] = field(default_factory=dict)
    _by_id: defaultdict[str, list[KeyDraft]] = field(default_factory=lambda: defaultdict(list))
    """Related multi-Region keys have one id."""
    _by_alias: defaultdict[str, list[KeyDraft]] = field(default_factory=lambda: defaultdict(list))

    def add(self, key: KeyDraft) -> KeyDraft | None:
        """Take `key` up; the key that it is, when that was declared before, and it is referred to as that one."""
        handle, key_id = key.subject.handle, key_id_of(key.identity)
        if handle in self._by_handle:
            return self._by_handle[handle]
        same = next((one for one in self._by_id.get(key_id, ()) if _same_place(one.place, key.place)), None)
        self._by_handle[handle] = same or key
        if key_id and same is None:
            self._by_id[key_id].append(key)
        return same

    def add_aliases(self, aliases: Iterable[AliasDraft]) -> None:
        """Take up what keys are called."""
        for alias in aliases:
            key = self.find(alias.key, alias.place)
            if key is not None:
                self._by_alias[alias.name].append(key)

    def find(self, link: Link, place: Place, *, only_primaries: bool = False) -> KeyDraft | None:
        """The key that a resource in `place` means by `link`, if it is one of these."""
        for handle in link.handles:
            key = self._by_handle.get(handle)
            if key is not None and not (only_primaries and key.primary):
                return key
        if not link.text:
            return None
        arn = Arn.parse(link.text)
        name = arn.resource if arn else link.text
        where = Place.of(link.text) if arn else place
        found = self._by_alias.get(name, []) if name.startswith(_ALIAS) else self._by_id.get(key_id_of(name), [])
        possible = (key for key in found if key.primary is None) if only_primaries else found
        return next((key for key in possible if _same_place(key.place, where)), None)


def key_id_of(reference: str | None) -> str:
    """The id in an ARN or id of a key; empty where there is none."""
    arn = Arn.parse(reference) if reference else None
    return (arn.resource if arn else reference or "").removeprefix(_KEY)


def _same_place(one: Place, other: Place) -> bool:
    """Whether they may be one, where not all is known of either."""
    regions = {one.region, other.region} - {None}
    accounts = {one.account, other.account} - {None}
    return len(regions) <= 1 and len(accounts) <= 1
