"""Identities from a file that may change while the KMS runs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from reconciler.engine.identities import Identities
from reconciler.kit.clock import Clock
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.workflow.identities.read import read_identities

SECONDS_BETWEEN_LOOKS: Final = 1.0
"""The file's time is looked at so often, when somebody calls at all."""

Report = Callable[[Sequence[Diagnostic]], None]
"""Told what is wrong with the file."""


class FileIdentities:
    """The engine's `IdentitySource` over a file.

    A changed file counts within a second; a bad one is reported, and what was there before goes on to count.
    """

    def __init__(self, path: Path, clock: Clock, report: Report) -> None:
        """Read the file.

        Raises:
            InvalidInput: it cannot be read, or has errors.
        """
        self._path = path
        self._clock = clock
        self._report = report
        self._looking = threading.Lock()
        self._looked = clock.monotonic()
        self._mark = _mark_of(path)
        self._identities = self._read()

    def current(self) -> Identities:
        """See `IdentitySource.current`."""
        if self._clock.monotonic() - self._looked >= SECONDS_BETWEEN_LOOKS and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._identities

    def _look(self) -> None:
        self._looked = self._clock.monotonic()
        mark = _mark_of(self._path)
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._identities = self._read()
        except InvalidInput as invalid:
            self._report(invalid.diagnostics)

    def _read(self) -> Identities:
        found = read_identities(self._path)
        if found.warnings:
            self._report(found.warnings)
        return found.identities


def _mark_of(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None when it is not there."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size, status.st_ino)
