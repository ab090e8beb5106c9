"""Texts of policies with wildcards and policy variables, made ready to be matched.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from reconciler.policy.evaluate.inputs import Facts

Matcher = Callable[[str, Facts], bool]
"""Whether a text of the request, given the request's facts, is what a policy asks for."""

_VARIABLE = re.compile(r"\$\{(?:([*?$])|\s*([^\s{}',]+)\s*(?:,\s*'([^']*)'\s*)?)\}")
_CACHED = 4096


class Unreadable(Exception):  # noqa: N818  reads as what it says
    """A text that means nothing where it stands. Whoever catches it fails closed."""


class Wildcard(enum.Enum):
    """What stands for text that is not given."""

    RUN = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable: the request's value of `key`, a condition key in lower case."""

    key: str
    default: str | None

    def value(self, facts: Facts) -> str | None:
        """The one value that stands for it; None when there is none: keys with several values cannot be variables."""
        values = facts.get(self.key, ())
        return values[0] if len(values) == 1 else self.default


Pieces = tuple[str | Wildcard | Variable, ...]


@lru_cache(maxsize=_CACHED)
def pieces_of(text: str, *, wildcards: bool, variables: bool) -> Pieces:
    """`text` taken apart; neither plain texts nor wildcards stand side by side with their like.

    `variables` says whether the policy's version has policy variables.

    Raises:
        Unreadable: a `${` that begins no variable.
    """
    found: list[str | Wildcard | Variable] = []
    for piece in _tokens(text, wildcards=wildcards, variables=variables):
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        elif piece is not Wildcard.RUN or found[-1:] != [Wildcard.RUN]:
            found.append(piece)
    return tuple(found)


def _tokens(text: str, *, wildcards: bool, variables: bool) -> Iterator[str | Wildcard | Variable]:
    at = 0
    while at < len(text):
        if variables and text.startswith("${", at):
            match = _VARIABLE.match(text, at)
            if match is None:
                raise Unreadable("a ${ that begins no policy variable")
            at = match.end()
            yield match[1] or Variable(match[2].lower(), match[3])
        else:
            yield Wildcard(text[at]) if wildcards and text[at] in "*?" else text[at]
            at += 1


def keys_in(pieces: Pieces) -> frozenset[str]:
    """The condition keys whose values `pieces` takes."""
    return frozenset(piece.key for piece in pieces if isinstance(piece, Variable))


def matcher(pieces: Pieces) -> Matcher:
    """Whether a text is what `pieces` describe. A variable without a value is like no text."""
    if keys_in(pieces):
        return lambda text, facts: _matches_resolved(pieces, text, facts)
    return _matcher_without_variables(pieces)


def _matcher_without_variables(pieces: Iterable[str | Wildcard | Variable]) -> Matcher:
    match pieces:
        case ():
            return lambda text, _: not text
        case (str(literal),):
            return lambda text, _: text == literal
        case (Wildcard.RUN,):
            return lambda _text, _: True
        case (str(prefix), Wildcard.RUN):
            return lambda text, _: text.startswith(prefix)
        case _:
            expression = _expression(tuple(pieces))
            return lambda text, _: expression.fullmatch(text) is not None


def _matches_resolved(pieces: Pieces, text: str, facts: Facts) -> bool:
    resolved = resolve(pieces, facts)
    if resolved is None:
        return False
    if any(isinstance(piece, Wildcard) for piece in resolved):
        return _expression(resolved).fullmatch(text) is not None
    return text == "".join(piece for piece in resolved if isinstance(piece, str))


def resolve(pieces: Pieces, facts: Facts) -> tuple[str | Wildcard, ...] | None:
    """`pieces` with the values of their variables, in which wildcards are plain text; None when one has no value."""
    found: list[str | Wildcard] = []
    for piece in pieces:
        value = piece.value(facts) if isinstance(piece, Variable) else piece
        if value is None:
            return None
        found.append(value)
    return tuple(found)


@lru_cache(maxsize=_CACHED)
def _expression(pieces: tuple[str | Wildcard, ...]) -> re.Pattern[str]:
    """A regular expression without backtracking from one `*` into another: policies are written by strangers.

    Each run of text between two `*` is taken where it is first found, which is right for all but the last.
    """
    runs = [""]
    for piece in pieces:
        if piece is Wildcard.RUN:
            runs.append("")
        else:
            runs[-1] += "." if piece is Wildcard.ONE else re.escape(piece)
    first, *rest = runs
    middle = "".join(f"(?>.*?{run})" for run in rest[:-1])
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(first + middle + last, re.DOTALL)
