"""What could not be carried over: where, what, why, and what to do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from reconciler.convert.places import Node
from reconciler.kit.diagnostics import Diagnostic, Severity

LEFT_OUT = "left-out"
"""Something that was declared is not in the manifests."""
TO_DO = "to-do"
"""Something is in the manifests that a person has to look at."""


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of one thing."""

    what: str
    """In one sentence without a full stop."""
    why: str = ""
    fix: str = ""
    name: str = LEFT_OUT


@dataclass(frozen=True, slots=True)
class Remark:
    """One of them, about the resource that is called `handle`."""

    handle: str
    title: str
    diagnostic: Diagnostic
    comment: str
    """The same as one line beside the manifest."""


@dataclass(slots=True)
class Remarks:
    """All of them, in the order in which they were found, each once."""

    _told: dict[tuple[str, Diagnostic], Remark] = field(default_factory=dict)
    _of: defaultdict[str, list[Remark]] = field(default_factory=lambda: defaultdict(list))

    def tell(self, title: str, node: Node, words: Words, handle: str = "") -> None:
        """Of what stands at `node`, which belongs to the resource with that title and handle."""
        where = f" (at {node.pathname})" if node.pathname else ""
        what = f"{title}: {words.what}{where}"
        diagnostic = Diagnostic(words.name, node.position, what, words.why, words.fix, Severity.WARNING)
        comment = " ".join(map(_sentence, filter(None, (words.what, words.why, words.fix))))
        if (handle, diagnostic) not in self._told:
            remark = self._told[handle, diagnostic] = Remark(handle, title, diagnostic, comment)
            self._of[handle].append(remark)

    @property
    def all(self) -> tuple[Remark, ...]:
        """Every remark."""
        return tuple(self._told.values())

    def comments(self, handles: Iterable[str]) -> tuple[str, ...]:
        """What is said of these resources."""
        return tuple(remark.comment for handle in handles for remark in self._of.get(handle, ()))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
