"""One SQLite connection a process, behind a lock: opening, transactions, and noticing what other processes wrote."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from reconciler.engine.store import generation, request_counts
from reconciler.engine.store.generation import FILE_NAME as GENERATION_NAME
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
BUSY_TIMEOUT: Final = 30.0
"""Seconds to wait for another process's write before giving up."""
LOOK_EVERY: Final = 0.1
"""Seconds after which a read looks again whether the files are still there; each write does, and each reset tells."""

_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it is acknowledged
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # deleted material is overwritten, not just unlinked
    "PRAGMA cache_size = -16384",
)


class Database(AbstractContextManager[None]):
    """The connection. Use it inside `reading()`, `writing()` or `appending()`, which do not nest."""

    def __init__(
        self,
        file: Path,
        connection: sqlite3.Connection,
        turn: Turn,
        generation: Generation,
        monotonic: Callable[[], float],
    ) -> None:
        self.file = file
        self.connection = connection
        self.on_foreign_write: Callable[[], None] = _nothing
        """Called, inside the lock, when another process has written since this one last looked."""
        self.on_commit: Callable[[], None] = _nothing
        """Called, while we still have the turn, when a transaction of ours was committed."""
        self._lock = threading.RLock()  # a thread that is interrupted just when it lets go can still close
        self._turn = turn
        self._generation = generation
        self._monotonic = monotonic
        self._version = -1
        self._files = str(file), str(file.with_name(GENERATION_NAME))
        self._identity = _identity(self._files)
        self._look_again = 0.0
        self._log_holds_deleted = False

    def generation(self) -> int:
        """A number that is another one after every mutation, whichever process made it.

        It may be read at any time without holding anything, and costs nothing. While it is odd a mutation may be on its
        way: do not keep what you read under it.
        """
        return self._generation.current()

    def reading(self) -> AbstractContextManager[None]:
        """Hold the connection for reads.

        Raises:
            KmsctlError: the store is damaged, locked, unreachable, or no longer the one that was opened.
        """
        return self

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the connection in a transaction: committed, synced to disk, at the end; undone by an exception.

        Raises:
            KmsctlError: the store is damaged, locked, full, unreachable, or no longer the one that was opened;
                nothing was written.
        """
        with self._transaction():
            yield
            with self._generation.changing():
                self.connection.execute("COMMIT")

    @contextmanager
    def appending(self) -> Iterator[None]:
        """Like `writing`, for what no process keeps in memory: the record, and the last use of keys."""
        with self._transaction():
            yield
            self.connection.execute("COMMIT")

    @contextmanager
    def beside(self) -> Iterator[sqlite3.Connection]:
        """Like `appending`, on a connection of its own that is made for it: who reads does not wait for it.

        Raises:
            KmsctlError: see `writing`.
        """
        with self._turn.taken():
            self._must_be_there()
            try:
                with closing(sqlite3.connect(self.file, timeout=BUSY_TIMEOUT, isolation_level=None)) as connection:
                    for pragma in _PRAGMAS:
                        connection.execute(pragma)
                    connection.execute("BEGIN IMMEDIATE")
                    yield connection
                    connection.execute("COMMIT")
                    self.on_commit()
            except sqlite3.Error as error:
                raise store_trouble(error, self.file) from error

    def erase_deleted(self) -> None:
        """Let what this transaction deletes be gone from the write-ahead log too, once it is committed.

        `secure_delete` overwrites it in the file alone. Call inside `writing()`.
        """
        self._log_holds_deleted = True

    def close(self) -> None:
        """Close the connection; the last process to do so folds the write-ahead log into the file."""
        with self._lock:
            self.connection.close()
            self._generation.close()
            self._turn.close()

    def __enter__(self) -> None:
        """Begin `reading`: it is itself its context manager, because making one each time costs more than all else."""
        self._lock.acquire()
        try:
            if self._generation.is_seen() and self._monotonic() < self._look_again:
                return
            self._must_be_there()
            self._notice()
        except BaseException as error:
            self.__exit__(None, error, None)
            raise

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._lock.release()
        if isinstance(error, sqlite3.Error):
            raise store_trouble(error, self.file) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Everything of a transaction but its COMMIT. Reads of other threads go on while it waits for its turn."""
        with self._turn.taken(), self._lock:
            try:
                self._must_be_there()
                self.connection.execute("BEGIN IMMEDIATE")
                self._notice()
                yield
                self.on_commit()
                self._clear_log()
            except BaseException as error:
                self._undo()
                if isinstance(error, sqlite3.Error):
                    raise store_trouble(error, self.file) from error
                raise

    def _clear_log(self) -> None:
        """Fold the log into the file and cut it to nothing; when another process reads from it, the next time."""
        if self._log_holds_deleted:
            with suppress(sqlite3.Error):  # the transaction is committed; the next one tries again
                busy = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                self._log_holds_deleted = bool(busy)

    def _must_be_there(self) -> None:
        """What is written to a file that was removed or replaced is lost, whatever SQLite says."""
        if _identity(self._files) != self._identity:
            raise KmsctlError(
                f"the local KMS's store {self.file} was removed or replaced while it was open",
                why="another process has reset it, or moved the data folder",
                fix="run the command again",
            )
        self._look_again = self._monotonic() + LOOK_EVERY

    def _notice(self) -> None:
        """Ask SQLite whether others have written; the generation is read first, so that nothing is missed between."""
        generation = self._generation.current()
        version = self.connection.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self.on_foreign_write()
        self._generation.saw(generation)

    def _undo(self) -> None:
        with suppress(sqlite3.Error):
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        self.on_foreign_write()  # what was cached may have been undone


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
        for pragma in _PRAGMAS:
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
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _identity(files: Iterable[str]) -> tuple[int, ...] | None:
    """What tells the store and its generation from others of their names; None when one is not there."""
    try:
        found = [os.stat(path) for path in files]  # noqa: PTH116  each write asks; a Path costs as much again
    except OSError:
        return None
    return tuple(number for each in found for number in (each.st_dev, each.st_ino))


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


def _nothing() -> None:
    """Nobody listens yet."""
