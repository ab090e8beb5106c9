"""Fields of a resource, of the type that they should have; what is of another is told and left out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from reconciler.convert.drafts import Subject
from reconciler.convert.places import Node
from reconciler.convert.remarks import Remarks, Words
from reconciler.convert.unresolved import unresolved_in
from reconciler.kit.printable import printable

T = TypeVar("T")
_FLAGS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
"""YAML 1.1 and CloudFormation take these texts for truth values."""
_OTHER_TYPE: Final = "write it into the manifest by hand"
_NOTHING: Final[tuple[Any, ...]] = (None, "", [], {}, False)


@dataclass(frozen=True, slots=True)
class Fields:
    """What a resource declares, below one node."""

    subject: Subject
    node: Node
    remarks: Remarks
    _read: set[str] = field(default_factory=set)
    """The names that were asked for."""

    def tell(self, node: Node, words: Words) -> None:
        """Say something of `node`."""
        self.remarks.tell(self.subject.title, node, words, self.subject.handle)

    def known(self, *steps: str, called: str = "") -> Node | None:
        """What is there by these names, if it is known in all its parts. `called`: what people are told of it."""
        node = self.node.get(*steps)
        self._read.update(steps[:1])
        if node.value is None:
            return None
        unknown = next(unresolved_in(node), None)
        if unknown is not None:
            place, what = unknown
            self.tell(place, Words(f"{called or _last(steps)} is left out", what.why, what.fix))
            return None
        return node

    def tell_unread(self, passed_over: Collection[str]) -> None:
        """Say which fields nobody asked for, but those in `passed_over`: later versions of a tool have new ones."""
        for name, child in self.node.children():
            if name not in self._read and name not in passed_over and child.value not in _NOTHING:
                self.tell(child, Words(f"`{printable(name)}` is left out", "it is no field that is known", _OTHER_TYPE))

    def text(self, *steps: str, called: str = "") -> str | None:
        """A text; a number or truth value as one."""
        return self._as(_text, "text", *steps, called=called)

    def flag(self, *steps: str) -> bool | None:
        """A truth value, also as a text."""
        return self._as(_flag, "true or false", *steps)

    def whole(self, *steps: str) -> int | None:
        """A whole number, also as a text or with a fraction of zero."""
        return self._as(_whole, "a whole number", *steps)

    def texts(self, *steps: str) -> list[str] | None:
        """A list of texts."""
        return self._as(_texts, "a list of texts", *steps)

    def pairs(self, *steps: str) -> dict[str, str] | None:
        """A mapping of texts."""
        return self._as(_pairs, "a mapping of texts", *steps)

    def _as(self, read: Callable[[Any], T | None], wanted: str, *steps: str, called: str = "") -> T | None:
        node = self.known(*steps, called=called)
        if node is None:
            return None
        value = read(node.value)
        if value is None:
            self.tell(node, Words(f"{called or _last(steps)} is left out", f"it is not {wanted}", _OTHER_TYPE))
        return value


def _last(steps: tuple[str, ...]) -> str:
    return f"`{printable(steps[-1])}`" if steps else "it"


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) else None


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    return _FLAGS.get(value.lower()) if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return value if isinstance(value, int) else None


def _texts(value: Any) -> list[str] | None:
    found = [_text(item) for item in value] if isinstance(value, list) else [None]
    return None if None in found else [item for item in found if item is not None]


def _pairs(value: Any) -> dict[str, str] | None:
    found = {name: _text(item) for name, item in value.items()} if isinstance(value, dict) else {"": None}
    return None if None in found.values() else {name: item for name, item in found.items() if item is not None}
