"""Texts for every way in which wildcard patterns can match together: exact, by the product of their automata.

All patterns run side by side as one nondeterministic automaton whose state is the bits of an integer; a breadth-first
walk finds, for each set of patterns that some text matches together and no other does, a shortest such text.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconciler.policy.evaluate.text import Wildcard

_OTHERS = "xyzqwkjvbnmtrpshgfdlcaeiou0123456789-_ABCDEFGHIJKLMNOPQRSTUVWXYZ+=,.@%&!~#"
"""Characters to stand for all that no pattern asks for, the plainest first."""
STATES = 4_000
"""Looked at before a walk is given up."""


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


class Automaton:
    """Patterns, each a row of tokens, made ready to run together."""

    def __init__(self, patterns: Iterable[Tokens]) -> None:
        self._places: dict[int, Token] = {}
        self._runs = self._bounded = self._starts = 0
        self._finals: list[int] = []
        at = 0
        for tokens in patterns:
            self._starts |= 1 << at
            for token in tokens:
                self._places[at] = token
                at += 1
            self._finals.append(1 << at)
            at += 1
        for place, token in self._places.items():
            if token.what is Wildcard.RUN:
                self._runs |= 1 << place
            if token.within_part:
                self._bounded |= 1 << place
        self._final = sum(self._finals)
        self._steps: dict[str, tuple[int, int]] = {}
        self.start = self._closed(self._starts)

    def step(self, state: int, character: str) -> int:
        """The state after one more character."""
        takes, loops = self._steps.get(character) or self._step_of(character)
        return self._closed((state & takes) << 1 | state & loops)

    def after(self, text: str) -> int:
        """The state after `text`."""
        state = self.start
        for character in text:
            state = self.step(state, character)
        return state

    def accepted(self, state: int) -> int:
        """The patterns that match what was read, pattern n as bit n."""
        final = state & self._final
        if not final:
            return 0
        return sum(1 << index for index, bit in enumerate(self._finals) if final & bit)

    def accepts(self, text: str) -> int:
        """The patterns that match `text`, pattern n as bit n."""
        return self.accepted(self.after(text))

    def asked(self, state: int) -> Iterator[str]:
        """The characters that some pattern treats in its own way as the next."""
        left = state & ~self._final & ~(self._runs & ~self._bounded)
        while left:
            bit = left & -left
            left ^= bit
            token = self._places[bit.bit_length() - 1]
            if isinstance(token.what, str):
                yield token.what
                if token.fold:
                    yield token.what.swapcase()
            elif token.within_part:
                yield ":"

    def _closed(self, state: int) -> int:
        return state | (state & self._runs) << 1

    def _step_of(self, character: str) -> tuple[int, int]:
        takes = loops = 0
        for place, token in self._places.items():
            if _takes(token, character):
                if token.what is Wildcard.RUN:
                    loops |= 1 << place
                else:
                    takes |= 1 << place
        self._steps[character] = takes, loops
        return takes, loops


def _takes(token: Token, character: str) -> bool:
    if isinstance(token.what, str):
        return token.what == character or (token.fold and token.what.lower() == character.lower())
    return not (token.within_part and character == ":")


@dataclass(frozen=True, slots=True)
class Texts:
    """A text for each set of patterns that can match together."""

    by_patterns: dict[int, str]
    complete: bool
    """Whether every such set is there; otherwise there were too many to look at."""


def texts_of(
    automaton: Automaton, prefix: str = "", avoid: frozenset[str] = frozenset(), wanted: Callable[[str], bool] = bool
) -> Texts:
    """A text that begins with `prefix` for each set of patterns that match one together.

    None is among `avoid`, as far as its set has others; the rest of each consists of characters that are `wanted`.
    """
    start = automaton.after(prefix)
    found: dict[int, str] = {}
    taken: dict[int, str] = {}
    waiting = deque([(start, prefix)])
    seen = {start}
    while waiting:
        state, text = waiting.popleft()
        (taken if text in avoid else found).setdefault(automaton.accepted(state), text)
        for character in _next(automaton, state, wanted):
            after = automaton.step(state, character)
            if after not in seen:
                if len(seen) >= STATES:
                    return Texts(found, complete=False)
                seen.add(after)
                waiting.append((after, text + character))
    for patterns in taken.keys() - found.keys():
        other = next(_variants(automaton, patterns, taken[patterns], (prefix, avoid, wanted)), None)
        if other is not None:
            found[patterns] = other
    return Texts(found, complete=True)


def _next(automaton: Automaton, state: int, wanted: Callable[[str], bool]) -> Iterator[str]:
    asked = dict.fromkeys(filter(wanted, automaton.asked(state)))
    other = next((one for one in _OTHERS if one not in asked and wanted(one)), None)
    yield from asked if other is None else (other, *asked)


def _variants(
    automaton: Automaton, patterns: int, text: str, limits: tuple[str, frozenset[str], Callable[[str], bool]]
) -> Iterator[str]:
    """Texts like `text`, one character more or another, that the same patterns match and that are not to be avoided."""
    prefix, avoid, wanted = limits
    for at in range(len(prefix), len(text) + 1):
        for character in filter(wanted, _OTHERS):
            for rest in (text[at:], text[at + 1 :]):
                other = text[:at] + character + rest
                if other not in avoid and automaton.accepts(other) == patterns:
                    yield other
