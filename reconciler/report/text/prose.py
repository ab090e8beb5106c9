"""Sentences on a terminal: escaped, wrapped to the style's width, what follows aligned under what precedes."""

from __future__ import annotations

import textwrap

from reconciler.kit.printable import printable
from reconciler.report.style import Style, Tone

_LIMIT = 2_000
_NARROWEST = 40


def sentence(text: str, style: Style, indent: int) -> list[str]:
    """`text` as lines, all indented."""
    return _wrapped(text, style, first=" " * indent, rest=" " * indent)


def labelled(
    label: str, text: str, style: Style, *, indent: int = 2, tone: Tone = Tone.DIM, hanging: int | None = None
) -> list[str]:
    """`text` after `label:`; further lines stand `hanging` columns in, or under the text when None."""
    head = f"{' ' * indent}{label}: "
    rest = " " * (len(head) if hanging is None else indent + hanging)
    first, *others = _wrapped(text, style, first=head, rest=rest)
    return [f"{' ' * indent}{style.paint(tone, f'{label}:')}{first[len(head) - 1 :]}", *others]


def _wrapped(text: str, style: Style, *, first: str, rest: str) -> list[str]:
    return textwrap.wrap(
        printable(text.strip(), limit=_LIMIT) or "(nothing)",
        max(style.width, _NARROWEST),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
