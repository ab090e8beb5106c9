"""Values to try for policy variables: those that the policies compare with, and others."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from reconciler.policy.evaluate import Facts
from reconciler.policy.evaluate.text import Variable, pieces_of
from reconciler.policy.meaning.column import Column

_FRESH = ("one-thing", "another-thing")
_POOL = 8
"""Values that are tried for each variable."""
_COMBINATIONS = 512
"""Of values of several variables."""


def assignments(sources: Iterable[str], columns: Iterable[Column]) -> Iterator[Facts]:
    """What a request may have of the condition keys `sources`, which stand as variables in the questions `columns`.

    Not all there is: where it matters, that is for the caller to tell.
    """
    keys = sorted(sources)
    pool = [*dict.fromkeys((*_FRESH[: len(keys)], *_values(list(columns))))][: _POOL - 1]
    choices = [(value,) for value in pool]
    for values in itertools.islice(itertools.product([*choices, ()], repeat=len(keys)), _COMBINATIONS):
        yield {key: value for key, value in zip(keys, values, strict=True) if value}


def _values(columns: list[Column]) -> Iterator[str]:
    """The texts that make a value with a variable equal to one without."""
    plain = {value for column in columns for value in column.values if "${" not in value}
    for column in columns:
        for value in column.values if column.variables else ():
            before, after = _around(value)
            for text in sorted(plain):
                if text.startswith(before) and text.endswith(after) and len(text) >= len(before) + len(after):
                    yield text[len(before) : len(text) - len(after)]
    yield from sorted(text.replace("*", "").replace("?", "x") for text in plain)


def _around(value: str) -> tuple[str, str]:
    """The plain text before the first variable of `value`, and after the last."""
    pieces = pieces_of(value, wildcards=False, variables=True)
    places = [index for index, piece in enumerate(pieces) if isinstance(piece, Variable)]
    first, last = (places[0], places[-1]) if places else (0, 0)
    before = "".join(piece for piece in pieces[:first] if isinstance(piece, str))
    after = "".join(piece for piece in pieces[last + 1 :] if isinstance(piece, str))
    return before, after
