"""Conversion: the texts of other tools' files to manifests, with what could not be carried over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from reconciler.convert.drafts import Draft, Place, Subject
from reconciler.convert.manifests import Written, write
from reconciler.convert.places import Node
from reconciler.convert.readers import NOTHING_OF_OURS, mentions_keys, opened, reader_of
from reconciler.convert.remarks import Remark, Remarks, Words
from reconciler.convert.texts import read
from reconciler.convert.trial import tried
from reconciler.kit.diagnostics import Diagnostic, Position

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """One file."""

    name: str
    """The path as it was given, `-` for standard input."""
    text: str
    named: bool = True
    """Whether somebody named it, rather than the folder that it is in: then something of KMS is in it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest to print, and what it does not say."""

    value: Mapping[str, Any]
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came of it."""

    manifests: tuple[Manifest, ...]
    notes: tuple[str, ...]
    """What is said of the whole, and of resources that no manifest is of."""
    remarks: tuple[Diagnostic, ...]
    """Everything that could not be carried over, as warnings."""
    faults: tuple[Diagnostic, ...]
    """Why files, or parts of them, could not be read; then there are no manifests."""
    places: tuple[Place, ...]
    """The accounts and Regions of the keys, as far as they are known."""


def convert(texts: Sequence[Text], parameters: Mapping[str, str] = _NONE) -> Conversion:
    """The manifests for what `texts` declare.

    Args:
        texts: files of Terraform, CloudFormation, ACK and Crossplane, in any mixture.
        parameters: values of CloudFormation's parameters and pseudo parameters, by name.
    """
    reading = _Reading(parameters)
    for text in texts:
        reading.add(text)
    if not (reading.documents or reading.faults):
        reading.faults.append(_nothing(texts[0].name if texts else "-"))
    if reading.faults:
        return Conversion((), (), (), tuple(reading.faults), ())
    drafts = list(reading.drafts())
    remarks = reading.remarks
    subjects = {draft.subject.handle: draft.subject for draft in drafts}
    written, targets = write(drafts, remarks)
    kept = tried(written, lambda one, words: _tell(one, words, subjects, remarks))
    return Conversion(
        tuple(Manifest(one.value, remarks.comments(one.handles)) for one in kept),
        tuple(_notes(kept, remarks.all)),
        tuple(remark.diagnostic for remark in remarks.all),
        (),
        targets.places,
    )


@dataclass(slots=True)
class _Reading:
    parameters: Mapping[str, str]
    remarks: Remarks = field(default_factory=Remarks)
    faults: list[Diagnostic] = field(default_factory=list)
    documents: list[Node] = field(default_factory=list)

    def add(self, text: Text) -> None:
        found = read(text.text, text.name)
        ours = [one for document in found.documents for one in opened(document) if reader_of(one) is not None]
        if text.named or ours or mentions_keys(text.text):
            self.faults += found.faults
        if text.named and not ours and not found.faults:
            self.faults.append(_nothing(text.name))
        self.documents += ours

    def drafts(self) -> Iterable[Draft]:
        """Everything that is declared, tool by tool as the files come."""
        for reader in dict.fromkeys(reader_of(document) for document in self.documents):
            if reader is not None:
                its_own = [document for document in self.documents if reader_of(document) is reader]
                yield from reader(its_own, self.parameters, self.remarks)


def _nothing(file: str) -> Diagnostic:
    return Diagnostic("nothing-to-convert", Position(file), *NOTHING_OF_OURS)


def _tell(written: Written, words: Words, subjects: Mapping[str, Subject], remarks: Remarks) -> None:
    subject = next((subjects[handle] for handle in written.handles), None)
    if subject is not None:
        remarks.tell(subject.title, subject.node, words, subject.handle)


def _notes(kept: Iterable[Written], remarks: Iterable[Remark]) -> Iterable[str]:
    """What is said of no manifest that is there."""
    there = {handle for one in kept for handle in one.handles}
    return (f"{remark.title}: {remark.comment}" for remark in remarks if remark.handle not in there)
