"""What SQLite and the file system say, told to a person: what, why, what to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from reconciler.kit.errors import KmsctlError

_FIXES = {
    sqlite3.SQLITE_FULL: ("has no room for the change", "free disk space and run it again; nothing was half-done"),
    sqlite3.SQLITE_READONLY: ("may not be written", "make the file and its folder writable for you"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that the folder exists and that you may write to it"),
    sqlite3.SQLITE_PERM: ("may not be opened", "make the file and its folder writable for you"),
    sqlite3.SQLITE_BUSY: ("is locked by another process", "wait for the other kmsctl to finish and run it again"),
    sqlite3.SQLITE_LOCKED: ("is locked by another process", "wait for the other kmsctl to finish and run it again"),
    sqlite3.SQLITE_NOTADB: (
        "is not a SQLite file",
        "move it away or choose another data folder; if it was a store, restore a copy",
    ),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore a copy of the data folder; the keys in it are not readable"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written", "check the disk and the file's permissions"),
}


def store_trouble(error: sqlite3.Error, file: Path) -> KmsctlError:
    """The failure `error` of the store in `file`, for a person."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    what, fix = _FIXES.get(primary, ("failed", "run it again with --debug and report what it shows"))
    return KmsctlError(f"the local KMS's store {file} {what}", why=str(error), fix=fix)


def folder_trouble(error: OSError, path: Path) -> KmsctlError:
    """The failure `error` to create or use `path` of the data folder, for a person."""
    return KmsctlError(
        f"the local KMS cannot use {path}",
        why=error.strerror or str(error),
        fix="check that the path is a folder that you may write to, or choose another with KMSCTL_HOME",
    )
