"""Where programs that took long to build or fetch are kept between runs, outside of the repository."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path


def root() -> Path:
    """The folder of everything kept: KMSCTL_E2E_CACHE, or kmsctl-e2e in the user's cache."""
    named = os.environ.get("KMSCTL_E2E_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "kmsctl-e2e")


def digest(parts: Iterable[bytes]) -> str:
    """Twelve hexadecimal digits that differ when any part does."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:12]


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache, which `make` fills if it is not there yet.

    It appears whole or not at all, and of several processes that want it at once one makes it and the others wait.
    """
    folder = root() / name
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _make(folder, make)
    return folder


def _make(folder: Path, make: Callable[[Path], None]) -> None:
    unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=folder.parent))
    try:
        make(unfinished)
        unfinished.chmod(0o755)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
