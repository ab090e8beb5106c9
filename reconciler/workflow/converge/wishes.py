"""What is asked of a convergence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reconciler.manifest.documents import Document, ManifestKind
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
    targets: Mapping[TargetName, Target] = field(default_factory=dict)
    """By name; what manifests name as their target is among them."""
    run_target: TargetName = RUN_TARGET
    """The target of what names none."""
    connections: Mapping[TargetName, Connection] = field(default_factory=dict)
    """By address: the run's own under `RUN_TARGET`."""

    def alone(self, wish: Wish) -> Batch:
        """The batch with no other wish; what the others declare is still known."""
        others = tuple(other.document for other in self.wishes if other is not wish and not self.gone)
        return replace(self, wishes=(wish,), context=self.context + others)
