"""Texts for every way in which wildcard patterns can match together: exact, by the product of their automata.

The patterns are one tree of their tokens, so that those that begin alike are one; which of its nodes a text may have
led to is a state, and states are made as they are needed. A breadth-first walk finds a shortest text for each set of
marks that some text has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.policy.evaluate.text import Wildcard

_OTHERS = "xyzqwkjvbnmtrpshgfdlcaeiou0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ+=,.@%&!~#"
"""Characters to stand for all that no pattern asks for, the plainest first."""
_OTHER = ""
"""Under which a state keeps what follows such a character."""
STEPS = 60_000
"""Taken before a walk is given up."""


@dataclass(frozen=True, slots=True)
class Token:
    """One place of a pattern."""

    what: str | Wildcard
    """One character, or a wildcard."""
    fold: bool = False
    """The character's case does not count."""
    within_part: bool = False
    """A wildcard that no colon matches."""


Tokens = tuple[Token, ...]


@dataclass(slots=True)
class _Node:
    """A place in the tree of all patterns."""

    token: Token | None = None
    """What leads to it."""
    children: dict[Token, int] = field(default_factory=dict)
    by_character: dict[str, list[int]] = field(default_factory=dict)
    """Of the children those that wait for a character, for each way to write it."""
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


class Automaton:
    """Patterns with their marks, made ready to run together."""

    def __init__(self, patterns: Mapping[Tokens, int]) -> None:
        self._nodes = [_Node()]
        for tokens, marks in patterns.items():
            self._add(tokens, marks)
        self._states: list[_State] = []
        self._known: dict[frozenset[int], int] = {}
        self.start = self._state({0})

    def step(self, state: int, character: str) -> int:
        """The state after one more character."""
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

    def _asked(self, nodes: frozenset[int]) -> Iterator[str]:
        for number in nodes:
            node = self._nodes[number]
            yield from node.by_character
            if any(token.within_part for token in node.children) or (node.token and node.token.within_part):
                yield ":"

    def _add(self, tokens: Tokens, marks: int) -> None:
        at = 0
        for token in tokens:
            node = self._nodes[at]
            if token not in node.children:
                self._nodes.append(_Node(token))
                node.children[token] = len(self._nodes) - 1
                if isinstance(token.what, str):
                    for character in _spellings(token.what, fold=token.fold):
                        node.by_character.setdefault(character, []).append(node.children[token])
            at = node.children[token]
        self._nodes[at].marks |= marks

    def _reached(self, nodes: frozenset[int], character: str) -> set[int]:
        found: set[int] = set()
        for number in nodes:
            node = self._nodes[number]
            if node.token is not None and node.token.what is Wildcard.RUN and _fits(node.token, character):
                found.add(number)
            found.update(node.by_character.get(character, ()))
            for token, child in node.children.items():
                if token.what is Wildcard.ONE and _fits(token, character):
                    found.add(child)
        return found

    def _state(self, nodes: set[int]) -> int:
        """The state of `nodes` and of what a run of no characters leads to."""
        waiting = [*nodes]
        while waiting:
            for token, child in self._nodes[waiting.pop()].children.items():
                if token.what is Wildcard.RUN and child not in nodes:
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


def _spellings(character: str, *, fold: bool) -> set[str]:
    if not fold:
        return {character}
    lower = character.lower()
    return {one for one in (character, lower, character.upper()) if one.lower() == lower}


def _fits(wildcard: Token, character: str) -> bool:
    return not (wildcard.within_part and character == ":")


@dataclass(frozen=True, slots=True)
class Texts:
    """A text for each set of marks that one can have."""

    by_marks: dict[int, str]
    complete: bool
    """Whether every such set is there; otherwise there were too many to look at."""


def texts_of(
    automaton: Automaton, prefix: str = "", avoid: frozenset[str] = frozenset(), wanted: Callable[[str], bool] = bool
) -> Texts:
    """A text that begins with `prefix` for each set of marks that one has.

    None is among `avoid`, as far as its set has others; the rest of each consists of characters that are `wanted`.
    """
    start = automaton.after(prefix)
    found: dict[int, str] = {}
    taken: dict[int, str] = {}
    waiting = deque([(start, prefix)])
    seen = {start}
    steps = 0
    while waiting:
        state, text = waiting.popleft()
        (taken if text in avoid else found).setdefault(automaton.marks(state), text)
        for character in _next(automaton, state, wanted):
            steps += 1
            after = automaton.step(state, character)
            if after not in seen:
                seen.add(after)
                waiting.append((after, text + character))
        if steps > STEPS:
            return Texts(found, complete=False)
    for marks in taken.keys() - found.keys():
        other = next(_variants(automaton, taken[marks], (prefix, avoid, wanted)), None)
        if other is not None:
            found[marks] = other
    return Texts(found, complete=True)


def _next(automaton: Automaton, state: int, wanted: Callable[[str], bool]) -> Iterator[str]:
    """What to go on with: one character that nobody asks for, and each that somebody does."""
    asked = automaton.asked(state)
    other = next((one for one in _OTHERS if one not in asked and wanted(one)), None)
    if other is not None:
        yield other
    yield from sorted(filter(wanted, asked))


def _variants(
    automaton: Automaton, text: str, limits: tuple[str, frozenset[str], Callable[[str], bool]]
) -> Iterator[str]:
    """Texts like `text`, one character more or another, that have the same marks and are not to be avoided."""
    prefix, avoid, wanted = limits
    marks = automaton.marks_of(text)
    for at in range(len(prefix), len(text) + 1):
        for character in filter(wanted, _OTHERS):
            for rest in (text[at:], text[at + 1 :]):
                other = text[:at] + character + rest
                if other not in avoid and automaton.marks_of(other) == marks:
                    yield other
