"""Comments on pull requests have a longest length; a report that is longer says what it leaves out."""

from __future__ import annotations

from collections.abc import Iterable

COMMENT_LIMIT = 65_000
"""Of a whole report, in characters: GitHub takes 65,536 in a comment, and whoever posts it may add a little."""


def fitting(pieces: Iterable[str], budget: int) -> tuple[list[str], int]:
    """The first pieces that together take at most `budget` characters, and how many more there were."""
    kept: list[str] = []
    left_out = 0
    for piece in pieces:
        budget -= len(piece) + 2
        if budget < 0:
            left_out += 1
        else:
            kept.append(piece)
    return kept, left_out
