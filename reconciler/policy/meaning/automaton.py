"""Texts for every way in which wildcard patterns can match together: exact, by the product of their automata.

All patterns run side by side as one nondeterministic automaton whose state is the bits of an integer; a breadth-first
walk finds, for each set of patterns that some text matches together and no other does, a shortest such text.
"""

from __future__ import annotations

from collections import defaultdict, deque
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
        self._places: list[Token | None] = []
        """Of each bit the token that it waits for; None where a pattern ends."""
        starts = 0
        for tokens in patterns:
            starts |= 1 << len(self._places)
            self._places += (*tokens, None)
        self._finals = [1 << at for at, token in enumerate(self._places) if token is None]
        self._final = sum(self._finals)
        self._exact: dict[str, int] = defaultdict(int)
        self._folded: dict[str, int] = defaultdict(int)
        self._ones = self._runs = self._bounded = 0
        for at, token in enumerate(self._places):
            if token is not None:
                self._note(token, 1 << at)
        self._steps: dict[str, tuple[int, int]] = {}
        self.start = self._closed(starts)

    def _note(self, token: Token, bit: int) -> None:
        if token.what is Wildcard.RUN:
            self._runs |= bit
        elif token.what is Wildcard.ONE:
            self._ones |= bit
        elif token.fold:
            self._folded[token.what.lower()] |= bit
        else:
            self._exact[token.what] |= bit
        if token.within_part:
            self._bounded |= bit

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
        if state & self._bounded:
            yield ":"
        left = state & ~(self._final | self._ones | self._runs)
        while left:
            bit = left & -left
            left ^= bit
            token = self._places[bit.bit_length() - 1]
            if token is not None and isinstance(token.what, str):
                yield token.what
                if token.fold:
                    yield token.what.swapcase()

    def _closed(self, state: int) -> int:
        return state | (state & self._runs) << 1

    def _step_of(self, character: str) -> tuple[int, int]:
        wild = ~self._bounded if character == ":" else -1
        takes = self._exact.get(character, 0) | self._folded.get(character.lower(), 0) | self._ones & wild
        self._steps[character] = takes, self._runs & wild
        return self._steps[character]


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
