"""Sentences on a terminal: wrapped to the style's width, with what follows aligned under what precedes."""

from __future__ import annotations

import textwrap

from reconciler.report.style import Style, Tone

_NARROWEST = 40


def wrapped(text: str, style: Style, *, first: str, rest: str) -> list[str]:
    """`text`, printable, as lines; the first begins with `first` and the others with `rest`."""
    width = max(style.width, _NARROWEST)
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def labelled(
    label: str, text: str, style: Style, *, indent: int = 2, tone: Tone = Tone.DIM, hanging: int | None = None
) -> list[str]:
    """`text`, printable, after `label:`; further lines stand `hanging` columns in, or under the text when None."""
    head = f"{' ' * indent}{label}: "
    rest = " " * (len(head) if hanging is None else indent + hanging)
    first, *others = wrapped(text, style, first=head, rest=rest)
    return [f"{' ' * indent}{style.paint(tone, f'{label}:')}{first[len(head) - 1 :]}", *others]
