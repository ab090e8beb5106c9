"""The real keys of one name.

Identity lives on the keys, as tags. Of one name there may be several generations (successors made by rotation or
replacement; the highest is current) and, after two runs at once or a crash, twins of one generation. The older
twin wins, by creation date and then key id: the rule by which `apply` settles a race while it happens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reconciler.model.identifiers import KeyId
from reconciler.model.observed import ObservedKey
from reconciler.model.ownership import Ownership


@dataclass(frozen=True, slots=True)
class Lineage:
    """All keys of one name."""

    current: ObservedKey | None = None
    generation: int = 0
    """Of the current key; 0 when there is none."""
    superseded: tuple[ObservedKey, ...] = ()
    """Keys of earlier generations, the youngest generation first."""
    twins: tuple[ObservedKey, ...] = ()
    """Other keys of the current generation: those that await deletion, and of the rest the younger ones."""

    def all(self) -> tuple[ObservedKey, ...]:
        """Every key of the name that this lineage speaks of."""
        return (*((self.current,) if self.current else ()), *self.twins, *self.superseded)


def lineages(keys: Iterable[ObservedKey], stack: str) -> dict[str, Lineage]:
    """The owned keys of `stack` among `keys`, by name."""
    generations: defaultdict[str, defaultdict[int, list[ObservedKey]]] = defaultdict(lambda: defaultdict(list))
    for key in keys:
        owner = Ownership.of(key.tags)
        if owner and owner.stack == stack:
            generations[owner.name][owner.generation].append(key)
    return {name: _lineage(by_generation) for name, by_generation in generations.items()}


def _lineage(generations: Mapping[int, list[ObservedKey]]) -> Lineage:
    ordered = sorted(generations, reverse=True)
    top = _live_first(generations[ordered[0]])
    return Lineage(
        current=top[0],
        generation=ordered[0],
        superseded=tuple(key for generation in ordered[1:] for key in _live_first(generations[generation])),
        twins=tuple(top[1:]),
    )


def _live_first(twins: list[ObservedKey]) -> list[ObservedKey]:
    return sorted(twins, key=lambda key: (key.pending_deletion, key.created, key.key_id))


def focused(lineage: Lineage, key_id: KeyId | None) -> Lineage:
    """`lineage` with the key of that id as the current one, if it is there and alive or the only one."""
    keys = lineage.all()
    meant = next((key for key in keys if key.key_id == key_id), None)
    if meant is None or meant is lineage.current:
        return lineage
    owner = Ownership.of(meant.tags)
    others = tuple(key for key in keys if key is not meant)
    return Lineage(meant, owner.generation if owner else lineage.generation, others)
