"""Texts for every way in which wildcard patterns can match together: exact, by a walk over their automaton.

The walk is breadth first, so that each text is a shortest one, and leaves out where nothing new can be found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconciler.policy.meaning.automaton import Automaton

_OTHERS = "xyzqwkjvbnmtrpshgfdlcaeiou0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ+=,.@%&!~#"
"""Characters to stand for all that no pattern asks for, the plainest first."""
STEPS = 20_000
"""Taken before a walk is given up."""
VISITS = 300_000
"""Of nodes, before everything is: patterns of thousands of wildcards lead a text to thousands of nodes at once."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A text for each set of marks that one can have."""

    by_marks: dict[int, str]
    complete: bool
    """Whether every such set is there; otherwise there were too many to look at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which texts are looked for."""

    prefix: str = ""
    """What they begin with."""
    characters: Callable[[str], bool] = bool
    """Of the rest."""
    avoid: frozenset[str] = frozenset()
    """What none of them is, as far as there are others."""


def texts_of(automaton: Automaton, wanted: Wanted, known: Iterable[str] = ()) -> Texts:
    """A text as `wanted` for each set of marks that one has; those that are `known` come first."""
    start = automaton.after(wanted.prefix)
    found = {automaton.marks_of(text): text for text in reversed([*known])}
    taken: dict[int, str] = {}
    waiting = deque([(start, wanted.prefix)])
    seen = {start}
    steps = 0
    while waiting:
        state, text = waiting.popleft()
        (taken if text in wanted.avoid else found).setdefault(automaton.marks(state), text)
        outcomes = automaton.outcomes(state)
        if outcomes is not None and outcomes <= found.keys():
            continue
        for character in _next(automaton, state, wanted.characters):
            steps += 1
            after = automaton.step(state, character)
            if after not in seen:
                seen.add(after)
                waiting.append((after, text + character))
        if steps > STEPS:
            return Texts(found, complete=False)
    for marks in taken.keys() - found.keys():
        other = next(_variants(automaton, taken[marks], wanted), None)
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


def _variants(automaton: Automaton, text: str, wanted: Wanted) -> Iterator[str]:
    """Texts like `text`, one character more or another, that have the same marks and are not to be avoided."""
    marks = automaton.marks_of(text)
    for at in range(len(wanted.prefix), len(text) + 1):
        for character in filter(wanted.characters, _OTHERS):
            for rest in (text[at:], text[at + 1 :]):
                other = text[:at] + character + rest
                if other not in wanted.avoid and automaton.marks_of(other) == marks:
                    yield other
