"""Manifests as they were read: plain values that match their schema, with positions, indexed by kind and name."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest.positions import Path, locate
from reconciler.manifest.yamltext import Tree
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target


class ManifestKind(enum.StrEnum):
    """Every kind that can be declared."""

    KEY = "Key"
    REPLICA_KEY = "ReplicaKey"
    ALIAS = "Alias"
    KEY_POLICY = "KeyPolicy"
    GRANT = "Grant"
    CUSTOM_KEY_STORE = "CustomKeyStore"
    ACCESS_TEST = "AccessTest"
    TARGET = "Target"


KEY_KINDS = (ManifestKind.KEY, ManifestKind.REPLICA_KEY)
"""What `keyRef` can name: no Key and ReplicaKey of a run have the same name."""


@dataclass(frozen=True, slots=True)
class Message:
    """The words of a diagnostic, before it is known where they apply."""

    name: str
    what: str
    why: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One manifest. Its `spec` may be relied on to match the schema of its kind."""

    kind: ManifestKind
    name: str
    file: str
    tree: Tree

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def spec(self) -> Mapping[str, Any]:
        """What is declared."""
        spec: Mapping[str, Any] = self.tree.value["spec"]
        return spec

    @property
    def target(self) -> TargetName:
        """The Target that it names, `RUN_TARGET` when it names none."""
        return TargetName(self.spec.get("targetRef", {}).get("name", RUN_TARGET))

    @property
    def position(self) -> Position:
        """Where it begins."""
        return self.at(())

    def at(self, path: Path, *, of_key: bool = False) -> Position:
        """Where the value at `path` stands, or the key that leads to it; the nearest place when it is missing."""
        return position_in(self.tree, self.file, path, of_key=of_key)

    def fault(self, path: Path, message: Message, *, of_key: bool = False) -> Diagnostic:
        """A diagnostic about the value at `path`."""
        return diagnose(self.at(path, of_key=of_key), f"{self}: {message.what}", message)


def position_in(tree: Tree, file: str, path: Path, *, of_key: bool = False) -> Position:
    """See `Document.at`."""
    return Position(file, *locate(tree.value, tree.marks, path, of_key=of_key))


def diagnose(position: Position, what: str, message: Message) -> Diagnostic:
    """`message` at `position`, with its subject named in `what`."""
    return Diagnostic(message.name, position, what, message.why, message.fix)


@dataclass(frozen=True, slots=True)
class Manifests:
    """Everything that one run read, without a fault that can be told without knowing the account."""

    documents: tuple[Document, ...] = ()
    """In the order in which they were read."""
    targets: Mapping[TargetName, Target] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    """The names of what was read, in order: the order of diagnostics."""
    _index: Mapping[tuple[ManifestKind, str], Document] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        index = {(document.kind, document.name): document for document in reversed(self.documents)}
        object.__setattr__(self, "_index", MappingProxyType(index))

    @property
    def count(self) -> int:
        """How many manifests there are."""
        return len(self.documents)

    def of_kind(self, kind: ManifestKind) -> tuple[Document, ...]:
        """All manifests of `kind`, in the order in which they were read."""
        return tuple(document for document in self.documents if document.kind is kind)

    def get(self, kind: ManifestKind, name: str) -> Document | None:
        """The first manifest of that kind and name."""
        return self._index.get((kind, name))

    def key(self, name: str) -> Document | None:
        """The Key or ReplicaKey of that name."""
        return self.get(ManifestKind.KEY, name) or self.get(ManifestKind.REPLICA_KEY, name)

    def names(self, kind: ManifestKind) -> tuple[str, ...]:
        """All names of `kind`, sorted."""
        return tuple(sorted(name for of_kind, name in self._index if of_kind is kind))


def in_file_order(diagnostics: Sequence[Diagnostic], files: Sequence[str]) -> tuple[Diagnostic, ...]:
    """`diagnostics` as a reader of the files meets them, each once."""
    rank = {file: number for number, file in enumerate(files)}
    unique = dict.fromkeys(diagnostics)
    return tuple(
        sorted(
            unique,
            key=lambda one: (
                rank.get(one.position.file, len(rank)),
                one.position.line,
                one.position.column,
                one.name,
                one.what,
            ),
        )
    )
