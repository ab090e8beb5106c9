"""Nothing is printed that `kmsctl validate` would refuse: what it finds wrong is taken out, and told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from reconciler.convert.manifests import WIDER, Written
from reconciler.convert.remarks import Words
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.report.yaml.blocks import document

_EXPENDABLE: Final = frozenset({"aliases", "deletion", "description", "policy", "rotation", "tags"})
"""Fields of a key without which it is the same key: what they say is left to others."""
_KEYS: Final = frozenset({"Key", "ReplicaKey"})
_INDENT: Final = "  "

Tell = Callable[[Written, Words], None]


def tried(manifests: Sequence[Written], tell: Tell) -> tuple[Written, ...]:
    """Those of `manifests` that are valid together, without the fields that are not."""
    left = list(manifests)
    while left:
        faults = _faults(left)
        if not faults:
            break
        for index in sorted(faults, reverse=True):
            kept = _without(left[index], faults[index], tell)
            left[index : index + 1] = [] if kept is None else [kept]
    return tuple(left)


def _faults(manifests: Sequence[Written]) -> Mapping[int, list[tuple[str, Diagnostic]]]:
    """What is wrong with each, by its place in the list, with the field of `spec` that it is about."""
    texts = [document(one.value) for one in manifests]
    try:
        load([Source(str(index), text) for index, text in enumerate(texts)])
    except InvalidInput as error:
        found: defaultdict[int, list[tuple[str, Diagnostic]]] = defaultdict(list)
        for fault in error.diagnostics:
            index = int(fault.position.file)
            found[index].append((_field(texts[index], fault.position.line), fault))
        return found
    return {}


def _field(text: str, line: int) -> str:
    """The field of `spec` that the line is in; empty for what is no field of it."""
    lines = text.splitlines()[:line]
    for one in reversed(lines):
        if not one.startswith(_INDENT):
            return ""
        if not one.startswith((f"{_INDENT} ", f"{_INDENT}-")):
            return one.strip().partition(":")[0] if _in_spec(lines, one) else ""
    return ""


def _in_spec(lines: Sequence[str], line: str) -> bool:
    return "spec:" in lines[: lines.index(line)]


def _without(written: Written, faults: Iterable[tuple[str, Diagnostic]], tell: Tell) -> Written | None:
    """`written` without the fields that are wrong; None where it cannot be without them."""
    spec = dict(written.value["spec"])
    for field, fault in faults:
        if written.value["kind"] not in _KEYS or field not in _EXPENDABLE:
            tell(written, Words("it is left out", fault.what, fault.fix))
            return None
        if field == "policy" and not spec.get("adopt"):
            tell(written, WIDER)
            return None
        if field in spec:
            del spec[field]
            tell(written, Words(f"`{field}` is left out", fault.what, fault.fix))
    return replace(written, value={**written.value, "spec": spec})
