"""Values of a condition key that is compared as text: a literal, a wildcard pattern, an ARN, true or false."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reconciler.policy.evaluate import Facts
from reconciler.policy.evaluate.text import Pieces, Variable, Wildcard, pieces_of
from reconciler.policy.meaning.automaton import Automaton, Token, Tokens, texts_of
from reconciler.policy.meaning.column import Column
from reconciler.policy.meaning.valueclass import Numbered, ValueClass, ValueClasses

_COLONS = 5
_ARN: Tokens = (
    *(token for _ in range(_COLONS) for token in (Token(Wildcard.RUN, within_part=True), Token(":"))),
    Token(Wildcard.RUN),
)
"""What has the six parts of an ARN."""
_BOOLEANS = ("true", "false")
_PLAIN = ("something-else", "x")
"""Values that look like what people write; one that no pattern asks for is tried first."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Which texts can be values of a key."""

    prefix: str = ""
    """What all begin with."""
    shape: Tokens | None = None
    """A pattern that all match."""
    wanted: Callable[[str], bool] = bool
    """The characters of the rest."""
    likely: tuple[str, ...] = _PLAIN
    """Values to try first."""
    avoid: frozenset[str] = frozenset()
    """Values that are looked at elsewhere, each for itself."""


ANY_TEXT = Domain()
ANY_ARN = Domain(
    "arn:", _ARN, likely=tuple(f"arn:aws:{text}:us-east-1:111122223333:{text}" for text in ("service", "x"))
)


def is_textual(base: str) -> bool:
    """Whether the operator `base` is decided by characters alone."""
    return base.startswith(("String", "Arn")) or base == "Bool"


class TextTests:
    """The textual questions about one key, ready for many values."""

    def __init__(self, columns: Numbered, facts: Facts, shape: Tokens | None = None) -> None:
        self._literals: dict[str, int] = {}
        self._patterns: dict[Tokens, int] = {}
        self._questions = self._negated = self._arns = self._booleans = 0
        for bit, column in columns:
            self._questions |= bit
            self._negated |= bit if column.negated else 0
            for tokens in _tokens_of(column, facts):
                self._note(tokens, bit)
            if column.base.startswith("Arn"):
                self._arns |= bit
            elif column.base == "Bool":
                self._booleans |= bit
        self.shape = 0
        """The mark of texts that have the shape."""
        helping = {_ARN: self._arns, **dict.fromkeys(_BOOLEAN_TOKENS, self._booleans), shape or (): 1 if shape else 0}
        for number, (tokens, wanted) in enumerate(helping.items(), start=self._questions.bit_length()):
            if wanted:
                self._patterns[tokens] = self._patterns.get(tokens, 0) | 1 << number
            if tokens == shape:
                self.shape = 1 << number
        self.literals = frozenset(self._literals)
        self.automaton = Automaton(self._patterns)

    def _note(self, tokens: Tokens, bit: int) -> None:
        if all(isinstance(token.what, str) and not token.fold for token in tokens):
            text = "".join(str(token.what) for token in tokens)
            self._literals[text] = self._literals.get(text, 0) | bit
        else:
            self._patterns[tokens] = self._patterns.get(tokens, 0) | bit

    @property
    def examples(self) -> Iterator[str]:
        """For each pattern a text that looks like what it is for, once for patterns of the same questions."""
        told: set[int] = set()
        for tokens, marks in self._patterns.items():
            if marks not in told:
                told.add(marks)
                yield "".join(token.what if isinstance(token.what, str) else "x" for token in tokens)

    @property
    def telling(self) -> Iterator[str]:
        """The literals; of those that the same questions ask for, and no pattern matches, one."""
        if self._patterns:
            yield from sorted(self.literals)
            return
        told: set[int] = set()
        for text in sorted(self.literals):
            if self._literals[text] not in told:
                told.add(self._literals[text])
                yield text

    def answered(self, value: str) -> tuple[int, int]:
        """The bits of the questions that `value` meets, and of those that can make nothing of it."""
        met = self._literals.get(value, 0) | (self.automaton.marks_of(value) if self._patterns else 0)
        unreadable = self._arns if value.count(":") < _COLONS else 0
        if self._booleans and value.lower() not in _BOOLEANS:
            unreadable |= self._booleans
        return ((met & self._questions) ^ self._negated) & ~unreadable, unreadable

    def classes(self, values: Iterable[str]) -> dict[tuple[int, int], ValueClass]:
        """The first of `values` for each way in which the questions are answered."""
        found: dict[tuple[int, int], ValueClass] = {}
        for value in values:
            yes, unreadable = self.answered(value)
            if (yes, unreadable) not in found:
                found[yes, unreadable] = ValueClass(value, yes, unreadable)
        return found


def text_classes(columns: Numbered, facts: Facts, domain: Domain = ANY_TEXT) -> ValueClasses:
    """A value of a key for each way in which the textual questions `columns` about it can be answered together.

    `facts` has the values of policy variables; the values are of `domain`.
    """
    tests = TextTests(columns, facts, domain.shape)

    def fits(value: str) -> bool:
        rest = value.removeprefix(domain.prefix)
        return (
            value.startswith(domain.prefix)
            and value not in domain.avoid
            and (not tests.shape or bool(tests.automaton.marks_of(value) & tests.shape))
            and all(map(domain.wanted, rest))
        )

    found = tests.classes(filter(fits, (*domain.likely, *tests.telling, *tests.examples)))
    walked = texts_of(tests.automaton, domain.prefix, tests.literals | domain.avoid, domain.wanted)
    for answers, value_class in tests.classes(filter(fits, walked.by_marks.values())).items():
        found.setdefault(answers, value_class)
    return ValueClasses(tuple(found.values()), walked.complete)


def _tokens_of(column: Column, facts: Facts) -> Iterator[Tokens]:
    for value in column.values:
        if column.base == "Bool":
            yield _plain(value.lower(), fold=True)
            continue
        pieces = pieces_of(value, wildcards=column.base.endswith("Like"), variables=column.variables)
        tokens = _tokens(pieces, facts, column.base)
        if tokens is not None:
            yield tokens


def _tokens(pieces: Pieces, facts: Facts, base: str) -> Tokens | None:
    """None where a variable has no value, or one with a colon within a part of an ARN, which nothing is like."""
    fold, arn = base.endswith("IgnoreCase"), base.startswith("Arn")
    found: list[Token] = []
    colons = 0
    for piece in pieces:
        within = arn and colons < _COLONS
        if isinstance(piece, Wildcard):
            found.append(Token(piece, within_part=within))
        elif isinstance(piece, Variable):
            value = piece.value(facts)
            if value is None or (within and ":" in value):
                return None
            found += _plain(value, fold=fold)
        else:
            found += _plain(piece, fold=fold)
            colons += piece.count(":")
    return tuple(found)


@lru_cache(maxsize=4096)
def _plain(text: str, *, fold: bool) -> Tokens:
    return tuple(Token(character, fold=fold) for character in text)


_BOOLEAN_TOKENS = tuple(_plain(text, fold=True) for text in _BOOLEANS)
