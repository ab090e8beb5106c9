"""Manifests that come from a Kubernetes API server, as values without a file.

A position in such an object is the number of a value in walking order, as its line; `field_at` says which field that
is. So everything that is said of files holds of objects, and only the name of the place differs.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest import yamlfaults
from reconciler.manifest.checks.documents import check_document
from reconciler.manifest.checks.references import check_references
from reconciler.manifest.desire import offline_faults
from reconciler.manifest.documents import Document, ManifestKind, Manifests
from reconciler.manifest.enough import enough
from reconciler.manifest.identify import Foreign, foreign_fault, identify
from reconciler.manifest.kubernetes import authored
from reconciler.manifest.limits import MAX_DEPTH, MAX_NODES
from reconciler.manifest.positions import Marks, Path, new_marks
from reconciler.manifest.shape import shape_faults
from reconciler.manifest.wording import field_name
from reconciler.manifest.yamltext import Tree
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target

DANGLING = "dangling-reference"
"""The name of the diagnostics about objects that are not there, or not yet."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is known of the other objects in a cluster."""

    targets: Mapping[TargetName, Target] = field(default_factory=dict)
    """By name; the one of objects that name none also under `RUN_TARGET`."""
    declared: Collection[tuple[ManifestKind, str]] = ()
    """The kinds and names of the objects in the same namespace, and of the Targets."""


def read_object(body: Mapping[str, Any], *, file: str) -> Document | tuple[Diagnostic, ...]:
    """The manifest in an object, or everything wrong with it that shows from itself alone.

    Args:
        body: the object as JSON has it; what the API server and the operator wrote into it is left out.
        file: what stands in positions for a file, and tells the objects of one reading apart.
    """
    value = _tidied(body)
    places = _count(value, file)
    if isinstance(places, Diagnostic):
        return (places,)
    tree = Tree(value, _numbered(places), sound=True)
    kind = identify(tree, file)
    if isinstance(kind, Diagnostic):
        return (kind,)
    if isinstance(kind, Foreign):
        return (foreign_fault(tree, file),)
    document = Document(kind, _name(value), file, tree)
    faults = tuple(enough(shape_faults(kind, _name(value), tree, file)))
    return _told(faults or tuple(enough(check_document(document))), value) or document


def check_object(document: Document, neighbours: Neighbours) -> tuple[Diagnostic, ...]:
    """What is wrong with a sound object among others: its policy, its references, what its Target makes of it.

    Those of name `DANGLING` are about objects that are not there, which may yet come.
    """
    policy = document.kind is ManifestKind.KEY_POLICY
    documents = (document, key_with(document)) if policy else (document,)
    manifests = Manifests(documents, neighbours.targets, (document.file,))
    declared = {*neighbours.declared, (document.kind, document.name)}
    faults = [fault for fault in check_references(manifests, declared) if fault.position.file == document.file]
    told = {fault.position for fault in faults}
    others = (fault for fault in offline_faults(manifests) if fault.position.file == document.file)
    faults += (fault for fault in others if fault.position not in told)
    return _told(tuple(dict.fromkeys(enough(faults))), document.tree.value)


def field_at(body: Mapping[str, Any], position: Position) -> str:
    """The field of the object `body` that `position` is about, e.g. `spec.aliases[0]`; empty for the whole."""
    place = next(islice(_places(_tidied(body), ()), position.line - 1, None), ())
    return field_name(place).strip("`") if place else ""


def _tidied(body: Mapping[str, Any]) -> dict[str, Any]:
    """As its author wrote it; where the API server has yet to make up a name, with what that will begin with."""
    value = authored(dict(body))
    metadata = value.get("metadata")
    if not isinstance(metadata, dict) or "generateName" not in metadata:
        return value
    kept = {name: child for name, child in metadata.items() if name != "generateName"}
    stem = str(metadata["generateName"]).rstrip("-.")
    return {**value, "metadata": {**kept, "name": kept.get("name") or stem}}


def _name(value: Mapping[str, Any]) -> str:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


def _count(value: Any, file: str) -> int | Diagnostic:
    """How many places `_places` finds; what is too large or too deep is found out before anything else walks in it."""
    pending, nodes, keys = [(value, 1)], 0, 0
    while pending:
        node, depth = pending.pop()
        nodes += 1
        if depth > MAX_DEPTH:
            return yamlfaults.too_deep(Position(file))
        if nodes > MAX_NODES:
            return yamlfaults.too_large(Position(file))
        if isinstance(node, dict):
            keys += len(node)
            pending += [(child, depth + 1) for child in node.values()]
        elif isinstance(node, list):
            pending += [(child, depth + 1) for child in node]
    return nodes + keys


def _numbered(places: int) -> Marks[int]:
    """Marks by which the line of each value is its number."""
    marks = new_marks()
    marks.frombytes(bytes(2 * places * marks.itemsize))
    marks[::2] = array(marks.typecode, range(places))
    return marks


def _places(value: Any, path: Path) -> Iterator[Path]:
    """The way to each value, in the order of `positions.locate`."""
    yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield (*path, key)
            yield from _places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _places(child, (*path, index))


def _told(faults: tuple[Diagnostic, ...], value: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """With the fields that other texts than the position name by their place, by name."""

    def named(match: re.Match[str]) -> str:
        return field_at(value, Position(match["file"], int(match["line"]))) or "the object"

    found = []
    for fault in faults:
        pattern = re.compile(rf"(?P<file>{re.escape(fault.position.file)}):(?P<line>\d{{1,9}}):1\b")
        found.append(replace(fault, what=pattern.sub(named, fault.what), why=pattern.sub(named, fault.why)))
    return tuple(found)


def key_with(policy: Document) -> Document:
    """A Key with the policy `policy`, since only with a key a policy is put together."""
    value = {"spec": {"policyRef": {"name": policy.name}, **_target_of(policy)}}
    tree = Tree(value, _numbered(sum(1 for _ in _places(value, ()))), sound=True)
    return Document(ManifestKind.KEY, policy.name, f"{policy.file} of a key", tree)


def _target_of(document: Document) -> dict[str, Any]:
    return {"targetRef": document.spec["targetRef"]} if "targetRef" in document.spec else {}
