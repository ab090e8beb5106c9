"""The texts that reports on a terminal quote lines of."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from reconciler.kit.diagnostics import Position


def sources_of(positions: Iterable[Position]) -> dict[str, str]:
    """The text of the files of `positions`, read again; what cannot be read is not quoted."""
    texts = {}
    for name in {position.file for position in positions}:
        with contextlib.suppress(OSError, ValueError):
            path = Path(name)
            # A link in a repository may lead to a file that is not for the build's log to show.
            if path.is_file() and not path.is_symlink():
                texts[name] = path.read_text(encoding="utf-8-sig")
    return texts
