"""YAML text to plain values with positions: the safe part of YAML 1.2, and nothing that surprises.

Taken: comments, several documents, anchors and aliases, every scalar style, the core schema's own tags. Refused, by
name: duplicate keys, keys that are collections, other tags, merge keys (`<<`, which YAML 1.2 dropped and whose order
of precedence tools disagree about), aliases that expand without bound, and nesting without bound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest import yamlfaults
from reconciler.manifest.limits import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES
from reconciler.manifest.positions import Marks, new_marks
from reconciler.manifest.scalars import resolve
from reconciler.manifest.syntax import syntax_error
from reconciler.manifest.yamlfaults import CORE_TAGS

LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: ten times faster, same events."""

_HALVES: Final = re.compile("[\ud800-\udfff]")
"""Surrogates, of which no UTF-8 text can be made."""
_SCALAR_TAGS: Final[dict[str, tuple[type, ...]]] = {
    CORE_TAGS + "int": (int,),
    CORE_TAGS + "float": (int, float),
    CORE_TAGS + "bool": (bool,),
    CORE_TAGS + "null": (type(None),),
}


@dataclass(frozen=True, slots=True)
class Tree:
    """One document: plain dicts, lists and scalars, and where each of them stands."""

    value: Any
    marks: Marks[int]
    sound: bool
    """False when parts were left out because of a fault that was reported: do not judge what is missing."""


@dataclass(slots=True)
class Parsed:
    """The documents of one text up to the first fault of syntax, and every fault found."""

    trees: list[Tree] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)


def parse(text: str, file: str, *, loader: Any = LOADER) -> Parsed:
    """Read every document of `text`; empty documents are left out."""
    parsed = Parsed()
    events = yaml.parse(text, Loader=loader)
    try:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                tree = _Composer(events, file, parsed.faults).document()
                if tree.value is not None or not tree.sound:
                    parsed.trees.append(tree)
    except yaml.MarkedYAMLError as error:
        parsed.faults.append(syntax_error(error, text, file))
    except _Refusal as refusal:
        parsed.faults.append(refusal.diagnostic)
    if parsed.faults and "{{" in text:
        lines = text.splitlines()
        parsed.faults[:] = (yamlfaults.in_template(fault, lines) for fault in parsed.faults)
    return parsed


class _Refusal(Exception):  # noqa: N818  ends the reading of one text, never seen outside
    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.what)
        self.diagnostic = diagnostic


@dataclass(frozen=True, slots=True)
class _Anchor:
    value: Any
    marks: Marks[int]
    characters: int


class _Composer:
    """Builds one document from the parser's events."""

    def __init__(self, events: Iterator[Any], file: str, faults: list[Diagnostic]) -> None:
        self._events = events
        self._file = file
        self._faults = faults
        self._marks = new_marks()
        self._anchors: dict[str, _Anchor] = {}
        self._characters = 0
        self._sound = True

    def document(self) -> Tree:
        value = self._value(next(self._events), 0)
        next(self._events)  # the end of the document
        return Tree(value, self._marks, self._sound)

    def _value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        mark, marks = event.start_mark, self._marks
        start, characters = len(marks), self._characters
        marks.append(mark.line)
        marks.append(mark.column)
        if start > 2 * MAX_NODES:
            raise _Refusal(yamlfaults.too_large(self._at(event)))
        if kind is yaml.ScalarEvent:
            value = self._scalar(event)
        elif depth >= MAX_DEPTH:
            raise _Refusal(yamlfaults.too_deep(self._at(event)))
        elif kind is yaml.MappingStartEvent:
            value = self._mapping(event, depth + 1)
        else:
            value = self._sequence(event, depth + 1)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(value, marks[start:], self._characters - characters)
        return value

    def _scalar(self, event: Any) -> Any:
        text = _text(event)
        self._characters += len(text)
        if event.tag is None:
            return resolve(text) if event.implicit[0] else text
        if event.tag in ("!", CORE_TAGS + "str"):
            return text
        value = resolve(text)
        if type(value) not in _SCALAR_TAGS.get(event.tag, ()):
            self._report(yamlfaults.unknown_tag(self._at(event), event.tag))
        return value

    def _mapping(self, event: Any, depth: int) -> dict[str, Any]:
        self._collection_tag(event, "map")
        result: dict[str, Any] = {}
        while type(key_event := next(self._events)) is not yaml.MappingEndEvent:
            before = len(self._marks)
            key = self._key(key_event, depth)
            value = self._value(next(self._events), depth)
            if key is not None and key not in result:
                result[key] = value
                continue
            del self._marks[before:]
            if key is not None:
                self._report(yamlfaults.duplicate_key(self._at(key_event), key), sound=True)
        return result

    def _key(self, event: Any, depth: int) -> str | None:
        """The key as text, whatever type it would have: `2024: x` is the key "2024". None: refused, and reported."""
        if type(event) is not yaml.ScalarEvent:
            self._value(event, depth)
            self._report(yamlfaults.complex_key(self._at(event)))
            return None
        if event.value == "<<" and event.implicit[0]:
            self._report(yamlfaults.merge_key(self._at(event)))
            return None
        key = _text(event)
        mark: Any = event.start_mark
        self._marks.append(mark.line)
        self._marks.append(mark.column)
        self._characters += len(key)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchor(key, self._marks[-2:], len(key))
        return key

    def _sequence(self, event: Any, depth: int) -> list[Any]:
        self._collection_tag(event, "seq")
        result = []
        while type(item := next(self._events)) is not yaml.SequenceEndEvent:
            result.append(self._value(item, depth))
        return result

    def _alias(self, event: Any) -> Any:
        mark = event.start_mark
        anchor = self._anchors.get(event.anchor)
        self._marks.append(mark.line)
        self._marks.append(mark.column)
        if anchor is None:
            self._report(yamlfaults.undefined_alias(self._at(event), event.anchor))
            return None
        self._characters += anchor.characters
        if len(self._marks) + len(anchor.marks) > 2 * MAX_NODES or self._characters > MAX_CHARACTERS:
            raise _Refusal(yamlfaults.alias_bomb(self._at(event), event.anchor))
        self._marks.extend(anchor.marks[2:])
        return anchor.value

    def _collection_tag(self, event: Any, name: str) -> None:
        if event.tag is not None and event.tag not in ("!", CORE_TAGS + name):
            self._report(yamlfaults.unknown_tag(self._at(event), event.tag))

    def _report(self, diagnostic: Diagnostic, *, sound: bool = False) -> None:
        self._faults.append(diagnostic)
        self._sound = self._sound and sound

    def _at(self, event: Any) -> Position:
        return Position(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


def _text(event: Any) -> str:
    """What a scalar says. PyYAML's own parser lets escapes of half a character through, which libyaml refuses."""
    text: str = event.value
    if not text.isascii() and _HALVES.search(text):
        raise yaml.MarkedYAMLError(problem="found invalid Unicode character escape code", problem_mark=event.start_mark)
    return text
