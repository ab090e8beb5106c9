"""Where a finding is, for those who gather them by file: only places in files that they can open too."""

from __future__ import annotations

from reconciler.kit.diagnostics import Position
from reconciler.manifest.sources import is_file


def in_file(position: Position | None) -> Position | None:
    """`position`, if that is in a file, rather than on standard input or in what kustomize prints."""
    return position if position is not None and is_file(position.file) else None
