"""What the manifests of a batch declare, with the faults of each kept to itself and to what stands on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.checks.references import check_references, references_of
from reconciler.manifest.desire import desire
from reconciler.manifest.documents import Document, ManifestKind, Manifests
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.workflow.converge.wishes import Batch, Ref


@dataclass(frozen=True, slots=True)
class Declared:
    """The sound part of a batch."""

    desired: DesiredState
    owners: Mapping[str, Ref] = field(default_factory=dict)
    """By the file name of each document: positions of what is desired lead back to it."""
    faults: Mapping[Ref, tuple[Diagnostic, ...]] = field(default_factory=dict)
    """Manifests with errors, which `desired` leaves out."""
    stranded: Mapping[Ref, Ref] = field(default_factory=dict)
    """Sound manifests that stand on one with errors, and on which."""


def declare(batch: Batch, documents: tuple[Document, ...]) -> Declared:
    """What `documents` of `batch` ask for.

    Raises:
        KmsctlError: the stack's name cannot be one.
    """
    left = {_ref(document): document for document in documents}
    owners = {document.file: ref for ref, document in left.items()}
    accounts: dict[TargetName, Account | None] = {
        name: connection.account for name, connection in batch.connections.items()
    }
    faults: dict[Ref, tuple[Diagnostic, ...]] = {}
    stranded: dict[Ref, Ref] = {}
    while True:
        found = _resolve(batch, tuple(left.values()), accounts)
        if isinstance(found, DesiredState):
            return Declared(found, owners, faults, stranded)
        by_ref: defaultdict[Ref, list[Diagnostic]] = defaultdict(list)
        for fault in found:
            by_ref[owners[fault.position.file]].append(fault)
        for ref, its in by_ref.items():
            faults[ref] = tuple(its)
            left.pop(ref, None)
        _strand(left, stranded, set(by_ref))


def _resolve(
    batch: Batch, documents: tuple[Document, ...], accounts: Mapping[TargetName, Account | None]
) -> DesiredState | list[Diagnostic]:
    manifests = Manifests(documents, batch.targets, tuple(document.file for document in documents))
    declared = {_ref(document) for document in documents} | {(ManifestKind.TARGET, name) for name in batch.targets}
    faults = list(check_references(manifests, declared))
    if faults:
        return faults
    try:
        return desire(manifests, stack=batch.stack, accounts=accounts, run_target=batch.run_target)
    except InvalidInput as invalid:
        return list(invalid.diagnostics)


def _strand(left: dict[Ref, Document], stranded: dict[Ref, Ref], gone: set[Ref]) -> None:
    """Leave out what refers to what is left out, and so on: it waits, and is not at fault."""
    while gone:
        following: set[Ref] = set()
        for ref, document in list(left.items()):
            on = next(
                ((kind, name) for kinds, name in references_of(document) for kind in kinds if (kind, name) in gone),
                None,
            )
            if on is not None:
                stranded[ref] = on
                del left[ref]
                following.add(ref)
        gone = following


def _ref(document: Document) -> Ref:
    return document.kind, document.name
