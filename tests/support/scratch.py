"""Where tests put their files: in memory, where there is enough of it, as the bundled KMS waits for the disk often."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 4 * 1024**3
"""Several times what a run of all tests has there at once."""


def in_memory(place: Path = MEMORY) -> None:
    """Make `place` the folder of temporary files of this process and its children, unless $TMPDIR names another."""
    if "TMPDIR" not in os.environ and serves(place):
        os.environ["TMPDIR"] = str(place)
        tempfile.tempdir = None


def serves(place: Path) -> bool:
    """Whether there is room for the files of a run, and programs among them may be run."""
    if not place.is_dir() or not os.access(place, os.W_OK):
        return False
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize >= ENOUGH_BYTES and not found.f_flag & os.ST_NOEXEC
