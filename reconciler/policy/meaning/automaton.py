"""Wildcard patterns that run together, as one automaton.

They are one tree of what they consist of, so that those that begin alike are one; which of its nodes a text may have
led to is a state, and states are made as they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_OTHER = ""
"""Under which a state keeps what follows such a character."""
VISITS = 300_000
"""Of nodes, before all is given up: patterns of thousands of wildcards lead a text to thousands of nodes at once."""
_FEW = 5
"""Marks of which all combinations are looked up."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A wildcard: one character, or any run of them."""

    run: bool
    within_part: bool = False
    """No colon fits: a part of an ARN."""

    def fits(self, character: str) -> bool:
        """Whether it stands for `character`, or for a run with it."""
        return not (self.within_part and character == ":")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What texts must look like."""

    pieces: tuple[str | Gap, ...]
    fold: bool = False
    """The case of characters does not count."""

    @property
    def literal(self) -> str | None:
        """The one text that it is like; None when there are several."""
        if self.fold or not all(isinstance(piece, str) for piece in self.pieces):
            return None
        return "".join(map(str, self.pieces))


@dataclass(slots=True)
class _Node:
    """A place in the tree of all patterns."""

    run: Gap | None = None
    """The run that may go on here."""
    exact: dict[str, int] = field(default_factory=dict)
    """What a character leads to."""
    folded: dict[str, int] = field(default_factory=dict)
    """The same where its case does not count; in lower case."""
    gaps: dict[Gap, int] = field(default_factory=dict)
    marks: int = 0
    """Of the patterns that end here."""


@dataclass(slots=True)
class _State:
    """Nodes that a text may have led to."""

    nodes: frozenset[int]
    marks: int
    after: dict[str, int] = field(default_factory=dict)
    """The state after one more character, for each that was met."""
    asked: frozenset[str] | None = None
    """The characters that some node treats in its own way, once they are needed."""


class TooLongError(Exception):
    """Patterns that take too long to be told apart."""


class Automaton:
    """Patterns with their marks, made ready to run together."""

    def __init__(self, patterns: Mapping[Pattern, int]) -> None:
        self._nodes = [_Node()]
        for pattern, marks in patterns.items():
            self._add(pattern, marks)
        self._ends = self._ends_below()
        self._states: list[_State] = []
        self._visits = 0
        self._known: dict[frozenset[int], int] = {}
        self.start = self._state({0})

    def step(self, state: int, character: str) -> int:
        """The state after one more character.

        Raises:
            TooLongError: this was asked of too many places.
        """
        here = self._states[state]
        after = here.after.get(character)
        if after is not None:
            return after
        own = character if character in self.asked(state) else _OTHER
        if own not in here.after:
            here.after[own] = self._state(self._reached(here.nodes, character))
        return here.after[own]

    def after(self, text: str) -> int:
        """The state after `text`."""
        state = self.start
        for character in text:
            state = self.step(state, character)
        return state

    def marks(self, state: int) -> int:
        """The marks of all patterns that match what was read."""
        return self._states[state].marks

    def marks_of(self, text: str) -> int:
        """The marks of all patterns that match `text`."""
        return self._states[self.after(text)].marks

    def asked(self, state: int) -> frozenset[str]:
        """The characters that some pattern treats in its own way as the next."""
        here = self._states[state]
        if here.asked is None:
            here.asked = frozenset(self._asked(here.nodes))
        return here.asked

    def outcomes(self, state: int) -> frozenset[int] | None:
        """The sets of marks that a text may have which goes on from `state`, and others; None when they are many."""
        here = self._states[state]
        sure = 0
        ends: frozenset[int] = frozenset()
        for number in here.nodes:
            node, below = self._nodes[number], self._ends[number]
            if node.run is not None and not node.run.within_part:
                sure |= node.marks
            if below is None or len(ends | below) > _FEW:
                return None
            ends |= below
        found = {sure}
        for marks in ends:
            found |= {one | marks for one in found}
        return frozenset(found)

    def _ends_below(self) -> list[frozenset[int] | None]:
        """Of each node the marks of the patterns that go through it or end there; None when they are many."""
        found: list[frozenset[int] | None] = [None] * len(self._nodes)
        for number in range(len(self._nodes) - 1, -1, -1):
            node = self._nodes[number]
            ends = {node.marks} if node.marks else set()
            children = (*node.exact.values(), *node.folded.values(), *node.gaps.values())
            below = [found[child] for child in children]
            for one in below:
                ends |= one or set()
            found[number] = None if None in below or len(ends) > _FEW else frozenset(ends)
        return found

    def _asked(self, nodes: frozenset[int]) -> Iterator[str]:
        for number in nodes:
            node = self._nodes[number]
            yield from node.exact
            for lower in node.folded:
                yield from (one for one in (lower, lower.upper()) if one.lower() == lower)
            if any(gap.within_part for gap in node.gaps) or (node.run and node.run.within_part):
                yield ":"

    def _add(self, pattern: Pattern, marks: int) -> None:
        at = 0
        for piece in pattern.pieces:
            if isinstance(piece, Gap):
                at = self._gap(at, piece)
                continue
            for character in piece.lower() if pattern.fold else piece:
                node = self._nodes[at]
                leads = node.folded if pattern.fold else node.exact
                if character not in leads:
                    leads[character] = self._new(None)
                at = leads[character]
        self._nodes[at].marks |= marks

    def _gap(self, at: int, gap: Gap) -> int:
        gaps = self._nodes[at].gaps
        if gap not in gaps:
            gaps[gap] = self._new(gap if gap.run else None)
        return gaps[gap]

    def _new(self, run: Gap | None) -> int:
        self._nodes.append(_Node(run))
        return len(self._nodes) - 1

    def _reached(self, nodes: frozenset[int], character: str) -> set[int]:
        self._visits += len(nodes)
        if self._visits > VISITS:
            raise TooLongError
        found: set[int] = set()
        for number in nodes:
            node = self._nodes[number]
            if node.run is not None and node.run.fits(character):
                found.add(number)
            for after in (node.exact.get(character), node.folded.get(character.lower())):
                if after is not None:
                    found.add(after)
            found.update(child for gap, child in node.gaps.items() if not gap.run and gap.fits(character))
        return found

    def _state(self, nodes: set[int]) -> int:
        """The state of `nodes` and of what a run of no characters leads to."""
        waiting = [*nodes]
        while waiting:
            for gap, child in self._nodes[waiting.pop()].gaps.items():
                if gap.run and child not in nodes:
                    nodes.add(child)
                    waiting.append(child)
        key = frozenset(nodes)
        if key not in self._known:
            marks = 0
            for number in key:
                marks |= self._nodes[number].marks
            self._known[key] = len(self._states)
            self._states.append(_State(key, marks))
        return self._known[key]
