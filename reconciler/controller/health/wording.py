"""Sentences for a status: one line, short, and safe to print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.kit.printable import printable

MAX_MESSAGE: Final = 512
"""Characters of one message. A status is not a log, and every object's status is held by the API server."""


def clipped(text: str) -> str:
    """`text` in one line of at most `MAX_MESSAGE` characters, with nothing in it that a terminal would obey."""
    line = printable(text, limit=8 * MAX_MESSAGE)
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"


def sentence(what: str, why: str, fix: str) -> str:
    """The parts of an error for people, in one line; those that are empty are left out."""
    told = f"{what}: {why}" if why else what
    return clipped(f"{told}; {fix}" if fix else told)


def clause(text: str) -> str:
    """A sentence as part of another: without its capital, unless that begins an abbreviation, and its full stop."""
    begins = text[:1].lower() if text[1:2].islower() else text[:1]
    return f"{begins}{text[1:]}".removesuffix(".")


def listed(items: Iterable[str], *, most: int) -> str:
    """`items`, and how many more there are than `most`."""
    names = list(items)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
