"""One SQLite connection a process, behind a lock: transactions, and noticing what other processes wrote."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from reconciler.engine.store.generation import FILE_NAME as GENERATION_NAME
from reconciler.engine.store.generation import Generation
from reconciler.engine.store.trouble import store_trouble
from reconciler.engine.store.turn import Turn
from reconciler.kit.errors import KmsctlError

BUSY_TIMEOUT: Final = 30.0
"""Seconds to wait for another process's write before giving up."""
LOOK_EVERY: Final = 0.1
"""Seconds after which a read looks again whether the files are still there; each write does, and each reset tells."""

PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit is on the disk before it is acknowledged
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # deleted material is overwritten, not just unlinked
    "PRAGMA cache_size = -16384",
)
"""What every connection to the store is told."""


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
                    for pragma in PRAGMAS:
                        connection.execute(pragma)
                    connection.execute("BEGIN IMMEDIATE")
                    yield connection
                    connection.execute("COMMIT")
                    self.on_commit()
            except sqlite3.Error as error:
                raise store_trouble(error, self.file) from error

    def sync_no_more(self) -> None:
        """From now on commits wait for no disk: for a store that nobody needs after a crash."""
        with self:
            self.connection.execute("PRAGMA synchronous = OFF")

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


def _identity(files: Iterable[str]) -> tuple[int, ...] | None:
    """What tells the store and its generation from others of their names; None when one is not there."""
    try:
        found = [os.stat(path) for path in files]  # noqa: PTH116  each write asks; a Path costs as much again
    except OSError:
        return None
    return tuple(number for each in found for number in (each.st_dev, each.st_ino))


def _nothing() -> None:
    """Nobody listens yet."""
