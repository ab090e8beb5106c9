"""The files of a data folder: making the store's, opening it when it is ours, and removing them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from reconciler.engine.store import generation, request_counts
from reconciler.engine.store.database import BUSY_TIMEOUT, PRAGMAS, Database
from reconciler.engine.store.generation import Generation
from reconciler.engine.store.schema import APPLICATION_ID, SCHEMA_VERSION, STATEMENTS
from reconciler.engine.store.trouble import folder_trouble, store_trouble
from reconciler.engine.store.turn import Turn
from reconciler.kit.errors import KmsctlError

FILE_NAME: Final = "kms.sqlite3"
REPLAYS_NAME: Final = "kms.replays"
"""The signatures that servers of this store have seen; see `server.replay`."""
IGNORE_NAME: Final = ".gitignore"
IGNORE_TEXT: Final = "*\n"
"""Keeps a data folder that we made out of the repository that it stands in: the root key is in it."""


def open_database(
    folder: Path, initialise: Callable[[sqlite3.Connection], None], monotonic: Callable[[], float]
) -> Database:
    """The database in `folder`, made if it is not there.

    Args:
        folder: the data folder.
        initialise: called once in a new database's first transaction, after the tables were made.
        monotonic: seconds on a clock that never goes back.

    Raises:
        KmsctlError: the folder or the file cannot be used, or the file is not a store of ours.
    """
    file = folder / FILE_NAME
    _make_private(folder, file)
    try:
        connection = sqlite3.connect(file, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise store_trouble(error, file) from error
    try:
        _prepare(connection, file, initialise)
    except sqlite3.Error as error:
        connection.close()
        raise store_trouble(error, file) from error
    except BaseException:
        connection.close()
        raise
    try:
        numbers = Generation(folder / generation.FILE_NAME)
        return Database(file, connection, Turn(folder / generation.FILE_NAME), numbers, monotonic)
    except OSError as error:
        connection.close()
        raise folder_trouble(error, folder / generation.FILE_NAME) from None


def remove_database(folder: Path) -> None:
    """Delete the database in `folder`, if there is one.

    Raises:
        KmsctlError: the file is another program's, or cannot be deleted.
    """
    file = folder / FILE_NAME
    if file.exists() and _application_id(file) not in {APPLICATION_ID, None}:
        raise _foreign(file)
    try:
        generation.retire(folder / generation.FILE_NAME)
        for suffix in ("", "-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        (folder / generation.FILE_NAME).unlink(missing_ok=True)
        (folder / request_counts.FILE_NAME).unlink(missing_ok=True)
        (folder / REPLAYS_NAME).unlink(missing_ok=True)
        ignore = folder / IGNORE_NAME
        if ignore.is_file() and ignore.read_text("utf-8", "replace") == IGNORE_TEXT:
            ignore.unlink()
    except OSError as error:
        raise folder_trouble(error, file) from None


def _make_private(folder: Path, file: Path) -> None:
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
            (folder / IGNORE_NAME).write_text(IGNORE_TEXT)
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise folder_trouble(error, folder) from None


def _prepare(connection: sqlite3.Connection, file: Path, initialise: Callable[[sqlite3.Connection], None]) -> None:
    if _is_empty(connection):
        for pragma in PRAGMAS:
            connection.execute(pragma)
        connection.execute("BEGIN IMMEDIATE")
        if _is_empty(connection):  # nobody else was quicker
            for statement in STATEMENTS:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            initialise(connection)
        connection.execute("COMMIT")
    _check_ours(connection, file)
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _is_empty(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    marks = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")]
    return tables == 0 and marks == [0, 0]


def _check_ours(connection: sqlite3.Connection, file: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise _foreign(file)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != SCHEMA_VERSION:
        raise KmsctlError(
            f"the local KMS's store {file} has format {version}",
            why=f"this kmsctl reads format {SCHEMA_VERSION}",
            fix="use the kmsctl that made it, or choose another data folder",
        )


def _application_id(file: Path) -> int | None:
    """The mark in SQLite's header (https://www.sqlite.org/fileformat.html#the_database_header), None without one."""
    with file.open("rb") as opened:
        header = opened.read(100)
    return int.from_bytes(header[68:72], "big") or None if header.startswith(b"SQLite format 3\0") else None


def _foreign(file: Path) -> KmsctlError:
    return KmsctlError(
        f"{file} is not a store of the local KMS",
        why="it is a SQLite file that another program made",
        fix="move it away or choose another data folder",
    )
