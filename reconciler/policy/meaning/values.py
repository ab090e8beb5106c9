"""The values of one condition key that stand for all its values."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.policy.evaluate import Facts
from reconciler.policy.meaning.keykinds import Kind, kind_of
from reconciler.policy.meaning.ordered import addresses, dates, numbers, octets
from reconciler.policy.meaning.texts import ANY_ARN, ANY_TEXT, Domain, TextTests, is_textual, text_classes
from reconciler.policy.meaning.valueclass import Numbered, ValueClasses, tried

_GARBAGE = "something-else"
"""What no operator but those of text can read."""
_TYPED = (Kind.NUMBER, Kind.DATE, Kind.EPOCH, Kind.ADDRESS)


def value_classes(key: str, columns: Numbered, facts: Facts, resources: Domain) -> ValueClasses:
    """Values of `key` that stand for all others, as far as the questions `columns` about it go.

    `facts` has the values of policy variables, `resources` says what keys are called.
    """
    kind = kind_of(key).kind
    if kind is Kind.BOOLEAN:
        return ValueClasses(tuple(tried(("true", "false"), columns, facts)), complete=True)
    textual = [(bit, column) for bit, column in columns if is_textual(column.base)]
    if kind in _TYPED:
        plain = not any("*" in value or "?" in value for _, column in textual for value in column.values)
        return ValueClasses(tuple(tried(_typed(kind, columns), columns, facts)), complete=plain)
    domain = resources if key.startswith(":") else ANY_ARN if kind is Kind.ARN else ANY_TEXT
    if len(textual) == len(columns):
        return text_classes(TextTests(columns, facts, domain.shape), domain)
    families = {_family(column.base) for _, column in columns}
    texts = (
        text_classes(TextTests(textual, facts, domain.shape), domain) if textual else ValueClasses((), complete=True)
    )
    values = (*(one.value for one in texts.classes), *_untyped(families, columns), _GARBAGE)
    return ValueClasses(tuple(tried(values, columns, facts)), complete=len(families) == 1)


def _family(base: str) -> str:
    if is_textual(base):
        return "text"
    return next(family for family in ("Numeric", "Date", "Binary", "Ip") if family in base)


def _texts(columns: Numbered) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for _, column in columns for value in column.values))


def _typed(kind: Kind, columns: Numbered) -> Iterator[str]:
    match kind:
        case Kind.NUMBER:
            return numbers(_texts(columns), whole=True)
        case Kind.ADDRESS:
            return addresses(_texts(columns))
        case _:
            return dates(_texts(columns), kind)


def _untyped(families: set[str], columns: Numbered) -> Iterator[str]:
    texts = _texts(columns)
    if "Numeric" in families:
        yield from numbers(texts, whole=False)
    if "Date" in families:
        yield from dates(texts, Kind.UNKNOWN)
    if "Ip" in families:
        yield from addresses(texts)
    if "Binary" in families:
        yield from octets(texts)
