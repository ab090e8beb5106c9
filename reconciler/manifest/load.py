"""From YAML texts to manifests that are sound in themselves and refer to what is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.checks.documents import check_document
from reconciler.manifest.checks.references import check_named, check_references
from reconciler.manifest.checks.targets import target_of
from reconciler.manifest.desire import offline_faults
from reconciler.manifest.documents import (
    KEY_KINDS,
    Document,
    ManifestKind,
    Manifests,
    Message,
    diagnose,
    in_file_order,
    position_in,
)
from reconciler.manifest.enough import enough
from reconciler.manifest.identify import Foreign, foreign_fault, identify, is_anothers_object, mentions_us
from reconciler.manifest.kubernetes import unlisted
from reconciler.manifest.shape import shape_faults
from reconciler.manifest.sources import Source
from reconciler.manifest.wording import SHARED_PROPERTY
from reconciler.manifest.yamltext import Tree, parse

__all__ = ["Manifests", "load"]


def load(sources: Sequence[Source]) -> Manifests:
    """The manifests in `sources`.

    Raises:
        InvalidInput: with every fault of the run, in the order of the files, those of policies included.
    """
    reading = _Reading()
    for source in sources:
        reading.read(source)
    files = tuple(dict.fromkeys(source.name for source in sources))
    documents = tuple(reading.documents)
    targets = {target.name: target for target in map(target_of, documents) if target is not None}
    manifests = Manifests(documents, targets, files)
    faults = [*reading.faults, *check_references(manifests, reading.declared), *_dangling(reading)]
    if not faults and not documents:
        faults.append(_nothing(files))
    if faults:
        told = {fault.position for fault in faults}
        others = (fault for fault in offline_faults(manifests) if fault.position not in told)
        raise InvalidInput(in_file_order([*faults, *others], files))
    return manifests


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    documents: list[Document] = field(default_factory=list)
    """Those whose shape is right, or wrong in nothing that others build on."""
    misshapen: list[Document] = field(default_factory=list)
    """The others that have a name: what they refer to is looked up all the same."""
    declared: dict[tuple[ManifestKind, str], Position] = field(default_factory=dict)
    """Every name that is declared, by sound manifests and others: referring to one is no further fault."""
    faults: list[Diagnostic] = field(default_factory=list)

    def read(self, source: Source) -> None:
        self.faults += source.faults
        parsed = parse(source.text, source.name)
        if source.only_manifests or mentions_us(source.text):
            self.faults += parsed.faults
        if source.only_manifests and not (parsed.trees or parsed.faults or source.faults):
            self.faults.append(_empty(source.name))
        foreign: list[Tree] = []
        ours = False
        for tree in chain.from_iterable(map(unlisted, parsed.trees)):
            kind = identify(tree, source.name)
            if isinstance(kind, Foreign):
                foreign.append(tree)
            else:
                ours = True
                self.faults += enough(self._document(kind, tree, source.name))
        if source.only_manifests:
            self.faults += enough(_out_of_place(foreign, source.name, beside_ours=ours))

    def _document(self, kind: ManifestKind | Diagnostic, tree: Tree, file: str) -> Iterator[Diagnostic]:
        if isinstance(kind, Diagnostic):
            yield kind
        else:
            yield from self._manifest(kind, tree, file)

    def _manifest(self, kind: ManifestKind, tree: Tree, file: str) -> Iterator[Diagnostic]:
        name = _name(tree)
        if name is not None:
            yield from self._declare(kind, name, tree, file)
        if not tree.sound:
            return
        sound = True
        for fault in shape_faults(kind, name, tree, file):
            sound = sound and fault.name == SHARED_PROPERTY
            yield fault
        document = Document(kind, str(name), file, tree)
        if sound:
            self.documents.append(document)
            yield from check_document(document)
        elif name is not None:
            self.misshapen.append(document)

    def _declare(self, kind: ManifestKind, name: str, tree: Tree, file: str) -> Iterator[Diagnostic]:
        position = position_in(tree, file, ("metadata", "name"))
        first = self.declared.setdefault((kind, name), position)
        if first != position:
            message = Message(
                "duplicate-name",
                f"{kind}/{name} is declared twice",
                f"the first one is at {first}",
                "rename one of them, or remove it",
            )
            yield diagnose(position, message.what, message)
        elif kind in KEY_KINDS:
            yield from self._namesake(kind, name, position)

    def _namesake(self, kind: ManifestKind, name: str, position: Position) -> Iterator[Diagnostic]:
        for other in KEY_KINDS:
            if other is not kind and (other, name) in self.declared:
                message = Message(
                    "duplicate-name",
                    f"{kind}/{name} has the name of a {other}",
                    f"that is at {self.declared[other, name]}; aliases and grants refer to either kind by its name",
                    "rename one of them, for example after its Region",
                )
                yield diagnose(position, message.what, message)


def _out_of_place(foreign: Sequence[Tree], file: str, *, beside_ours: bool) -> Iterator[Diagnostic]:
    """What is no manifest where manifests were to be: beside some, objects of Kubernetes have their place."""
    for tree in foreign:
        if tree.sound and not (beside_ours and is_anothers_object(tree.value)):
            yield foreign_fault(tree, file)


def _dangling(reading: _Reading) -> Iterator[Diagnostic]:
    """What misshapen manifests refer to and nobody declares, where nothing else is wrong with the reference."""
    told = {fault.position for fault in reading.faults}
    for document in reading.misshapen:
        yield from (fault for fault in check_named(document, reading.declared) if fault.position not in told)


def _name(tree: Tree) -> str | None:
    """The manifest's name where it has one that can be printed and referred to."""
    metadata = tree.value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) and name.isascii() and name.isprintable() and 0 < len(name) <= 253 else None


def _empty(file: str) -> Diagnostic:
    return Diagnostic(
        "empty-document",
        Position(file),
        "there is nothing in it",
        "a file of manifests that declares nothing is more likely a mistake than meant",
        "write a manifest, or leave the file out",
    )


def _nothing(files: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "no-manifests",
        Position(files[0] if files else "-"),
        "no manifest was found",
        "in folders, only documents with an apiVersion of kmsctl's count",
        "check the path; `kmsctl validate -f FILE` says what is wrong with one file",
    )
