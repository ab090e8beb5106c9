"""What is asked of a convergence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from reconciler.manifest.checks.references import references_of
from reconciler.manifest.documents import KEY_KINDS, Document, ManifestKind
from reconciler.model.identifiers import RUN_TARGET, KeyId, TargetName
from reconciler.model.target import Target
from reconciler.workflow.targets import Connection

Ref = tuple[ManifestKind, str]
"""A manifest of the stack: its kind and name."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One object that is to be as it says, or to be gone."""

    document: Document
    correct: bool = True
    """Whether what differs is changed; otherwise it is told."""
    allow: frozenset[str] = frozenset()
    """Names of dangers that are accepted, as `--allow` takes them."""
    known: KeyId | None = None
    """The key that it had when it was last looked at: a hint that its tags confirm or not."""
    attempted: bool = False
    """Whether somebody may have made its key a moment ago and could not note it."""

    @property
    def ref(self) -> Ref:
        """Its kind and name."""
        return self.document.kind, self.document.name


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects of one stack, and those that they stand on."""

    stack: str
    wishes: tuple[Wish, ...]
    context: tuple[Document, ...] = ()
    """What the wishes refer to, and what else speaks of their keys; looked at and never changed."""
    gone: bool = False
    """Whether the wishes are to be gone from the KMS."""
    prune: bool = False
    """Whether aliases of the wished keys that nobody declares are deleted."""
    spared: frozenset[tuple[TargetName, str]] = frozenset()
    """Aliases, by the address of their target, that somebody outside of the batch declares: they are not pruned."""
    targets: Mapping[TargetName, Target] = field(default_factory=dict)
    """By name; what manifests name as their target is among them."""
    run_target: TargetName = RUN_TARGET
    """The target of what names none."""
    connections: Mapping[TargetName, Connection] = field(default_factory=dict)
    """By address: the run's own under `RUN_TARGET`."""

    def alone(self, wish: Wish) -> Batch:
        """The batch with no other wish, and of the rest no more than has to do with this one."""
        others = () if self.gone else tuple(other.document for other in self.wishes if other is not wish)
        return replace(self, wishes=(wish,), context=tuple(_around(wish.document, (*self.context, *others))))


def _around(document: Document, others: Sequence[Document]) -> Iterator[Document]:
    """What `document` refers to, and so on, the aliases that refer to it, and what speaks of access to its key."""
    by_ref = {(other.kind, other.name): other for other in others}
    reached = {(document.kind, document.name)}
    todo = [document, *(other for other in others if other.kind is ManifestKind.ALIAS and _on(other, document))]
    todo += _about_access(document, others)
    while todo:
        one = todo.pop()
        for kinds, name in references_of(one):
            todo += [by_ref[kind, name] for kind in kinds if (kind, name) in by_ref.keys() - reached]
        if (one.kind, one.name) not in reached:
            reached.add((one.kind, one.name))
            yield one


def _about_access(document: Document, others: Sequence[Document]) -> list[Document]:
    """The AccessTests of the keys that `document` is, is on, or is about, and the grants on those."""
    keys = [one for one in (document, *others) if one.kind in KEY_KINDS and (one is document or _on(document, one))]
    if "allKeys" in document.spec:
        keys = [one for one in others if one.kind in KEY_KINDS]
    tests = [one for one in others if one.kind is ManifestKind.ACCESS_TEST and _asks(one, keys)]
    if not tests and document.kind is not ManifestKind.ACCESS_TEST:
        return []
    grants = (one for one in others if one.kind is ManifestKind.GRANT)
    return [*tests, *keys, *(grant for grant in grants if any(_on(grant, key) for key in keys))]


def _asks(test: Document, keys: Sequence[Document]) -> bool:
    return "allKeys" in test.spec or any(_on(test, key) for key in keys)


def _on(other: Document, key: Document) -> bool:
    return any(key.kind in kinds and name == key.name for kinds, name in references_of(other))
