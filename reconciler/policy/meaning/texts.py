"""Values of a condition key that is compared as text: a literal, a wildcard pattern, an ARN, true or false."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reconciler.policy.evaluate import Facts
from reconciler.policy.evaluate.text import Pieces, Variable, Wildcard, pieces_of
from reconciler.policy.meaning.automaton import Automaton, Gap, Pattern
from reconciler.policy.meaning.column import Column
from reconciler.policy.meaning.valueclass import Numbered, ValueClass, ValueClasses
from reconciler.policy.meaning.walk import Wanted, texts_of

_COLONS = 5
RUN, PART = Gap(run=True), Gap(run=True, within_part=True)
"""Any run of characters, and one within a part of an ARN."""
_ONE, _ONE_OF_PART = Gap(run=False), Gap(run=False, within_part=True)
_ARN = Pattern((PART, ":", PART, ":", PART, ":", PART, ":", PART, ":", RUN))
"""What has the six parts of an ARN."""
_BOOLEANS = ("true", "false")
_EITHER = tuple(Pattern((text,), fold=True) for text in _BOOLEANS)
_PLAIN = ("something-else", "x")
"""Values that look like what people write; one that no pattern asks for is tried first."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Which texts can be values of a key."""

    prefix: str = ""
    """What all begin with."""
    shape: Pattern | None = None
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

    def __init__(self, columns: Numbered, facts: Facts, shape: Pattern | None = None) -> None:
        self._literals: dict[str, int] = {}
        self._patterns: dict[Pattern, int] = {}
        self._questions = self._negated = self._arns = self._booleans = 0
        for bit, column in columns:
            self._questions |= bit
            self._negated |= bit if column.negated else 0
            self._note(column, bit, facts)
        self._help()
        self.shape = self._mark(shape) if shape else 0
        """The mark of texts that have the shape."""
        self.literals = frozenset(self._literals)
        self.automaton = Automaton(self._patterns)

    def _note(self, column: Column, bit: int, facts: Facts) -> None:
        if column.base.startswith("Arn"):
            self._arns |= bit
        elif column.base == "Bool":
            self._booleans |= bit
        for pattern in _patterns_of(column, facts):
            text = pattern.literal
            if text is None:
                self._patterns[pattern] = self._patterns.get(pattern, 0) | bit
            else:
                self._literals[text] = self._literals.get(text, 0) | bit

    def _help(self) -> None:
        """Mark what operators can read, so that a walk finds both what they can and what they cannot."""
        if self._arns:
            self._mark(_ARN)
        if self._booleans:
            for pattern in _EITHER:
                self._mark(pattern)

    def _mark(self, pattern: Pattern) -> int:
        """A mark of its own for texts like `pattern`."""
        used = self._questions
        for marks in self._patterns.values():
            used |= marks
        mark = 1 << used.bit_length()
        self._patterns[pattern] = self._patterns.get(pattern, 0) | mark
        return mark

    @property
    def examples(self) -> Iterator[str]:
        """For each pattern a text that looks like what it is for, once for patterns of the same questions."""
        told: set[int] = set()
        for pattern, marks in self._patterns.items():
            if marks not in told:
                told.add(marks)
                yield "".join(piece if isinstance(piece, str) else "x" for piece in pattern.pieces)

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


def text_classes(tests: TextTests, domain: Domain = ANY_TEXT) -> ValueClasses:
    """A value of `domain` for each way in which the questions of `tests` can be answered together.

    Where the domain has a shape, the tests must have been made with it.
    """

    def fits(value: str) -> bool:
        return (
            value.startswith(domain.prefix)
            and value not in domain.avoid
            and (not tests.shape or bool(tests.automaton.marks_of(value) & tests.shape))
            and all(map(domain.wanted, value[len(domain.prefix) :]))
        )

    likely = [*filter(fits, (*domain.likely, *tests.telling, *tests.examples))]
    found = tests.classes(likely)
    wanted = Wanted(domain.prefix, domain.wanted, tests.literals | domain.avoid)
    walked = texts_of(tests.automaton, wanted, (text for text in likely if text not in tests.literals))
    for answers, value_class in tests.classes(filter(fits, walked.by_marks.values())).items():
        found.setdefault(answers, value_class)
    return ValueClasses(tuple(found.values()), walked.complete)


def _patterns_of(column: Column, facts: Facts) -> Iterator[Pattern]:
    for value in column.values:
        if column.base == "Bool":
            yield Pattern((value.lower(),), fold=True)
            continue
        pieces = pieces_of(value, wildcards=column.base.endswith("Like"), variables=column.variables)
        pattern = _pattern(pieces, facts, column.base)
        if pattern is not None:
            yield pattern


def _pattern(pieces: Pieces, facts: Facts, base: str) -> Pattern | None:
    """None where a variable has no value, or one with a colon within a part of an ARN, which nothing is like."""
    arn = base.startswith("Arn")
    found: list[str | Gap] = []
    colons = 0
    for piece in pieces:
        within = arn and colons < _COLONS
        if isinstance(piece, Wildcard):
            found.append(_GAPS[piece is Wildcard.RUN, within])
        elif isinstance(piece, Variable):
            value = piece.value(facts)
            if value is None or (within and ":" in value):
                return None
            found.append(value)
        else:
            found.append(piece)
            colons += piece.count(":")
    return Pattern(tuple(found), fold=base.endswith("IgnoreCase"))


_GAPS = {(True, False): RUN, (True, True): PART, (False, False): _ONE, (False, True): _ONE_OF_PART}
"""By whether they are runs, and within a part of an ARN."""
