"""The store as a whole: its tables, its root key, and the journal that batches what need not be written at once."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag

from reconciler.engine.crypto.seal import seal, unseal
from reconciler.engine.store import rootkey
from reconciler.engine.store.aliases import Aliases
from reconciler.engine.store.custom_key_stores import CustomStores
from reconciler.engine.store.database import Database
from reconciler.engine.store.events import Events, pack
from reconciler.engine.store.files import FILE_NAME, open_database, remove_database
from reconciler.engine.store.flusher import Flusher
from reconciler.engine.store.grants import Grants
from reconciler.engine.store.journal import Journal
from reconciler.engine.store.keys import Keys
from reconciler.engine.store.offset import ClockOffset
from reconciler.engine.store.quotas import Quotas
from reconciler.engine.store.records import Key
from reconciler.engine.store.segments import Entry
from reconciler.engine.store.tags import Tags
from reconciler.engine.store.trouble import folder_trouble
from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsctlError

_CHECK: Final = b"kmsctl root key check"
_CLEAR_META: Final = "DELETE FROM meta WHERE name NOT IN ('salt', 'root_check')"


class Store:
    """Tables behind one lock, and the journal.

    Mutations write their entry in their own transaction. Entries of reads and cryptographic operations, with the use
    of keys, wait in memory until the next mutation, query of the record, as many as a batch has, a call a batch's age
    later (`store.journal`), a second (`store.flusher`), or `close`; a process that is killed loses those that still
    wait, and nothing else.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        connection = database.connection
        self.keys = Keys(connection)
        self.aliases = Aliases(connection)
        self.tags = Tags(connection)
        self.custom_stores = CustomStores(connection)
        self.quotas = Quotas(connection)
        self.clock_offset = ClockOffset(database)
        self.grants = Grants(connection)
        self.events = Events(connection)
        self._journal = Journal()
        self._flusher = Flusher(self._flush_aside)
        self._aside = False
        self._cleared = mark(connection)
        database.on_foreign_write = self._forget_cached
        database.on_commit = self._journal.forget_written

    def reading(self) -> AbstractContextManager[None]:
        """Hold the store for reads; see `Database.reading`."""
        return self._database.reading()

    def generation(self) -> int:
        """A number that every mutation changes; see `Database.generation`."""
        return self._database.generation()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store in a transaction that takes the waiting events along; see `Database.writing`."""
        with self._database.writing():
            self._append(self._journal.take())
            yield

    def record(self, entry: Entry) -> None:
        """Write `entry`. Call inside `writing()`."""
        self._append((entry,))

    def later(self, entry: Entry) -> None:
        """Let `entry` wait for the next write; the store need not be held."""
        self._journal.add(entry)
        self._flusher.wake()

    def last_used(self, key: Key) -> int | None:
        """When `key` last served a call, whether that waits or was written; None when it never did."""
        waiting = self._journal.last_used(key.n)
        if waiting is not None:
            return waiting
        written = self.keys.last_usage(key)
        return None if written is None else written.time

    def write_aside(self) -> None:
        """From now on let a thread of its own write what waits: whoever calls never does, as long as it keeps up."""
        self._aside = True

    @property
    def trouble(self) -> KmsctlError | None:
        """Why what waits could not be written aside when that was tried last; None when it could."""
        return self._flusher.trouble

    def settle(self, now: int) -> None:
        """See to it that what waits is written if it has waited long enough at `now`.

        Raises:
            KmsctlError: it cannot be written.
        """
        if self._journal.overdue(now):
            if self._aside:
                self._flusher.hurry()
            else:
                self.flush()

    def make_room(self) -> None:
        """Write what waits if it is more than memory should hold. Call before a call begins.

        Raises:
            KmsctlError: it cannot be written.
        """
        if self._journal.full():
            self.flush()

    def flush(self) -> None:
        """Write what waits, if anything does."""
        if self._journal:
            with self._database.appending():
                self._append(self._journal.take())

    def sync_no_more(self) -> None:
        """See `Database.sync_no_more`."""
        self._database.sync_no_more()

    def erase_deleted(self) -> None:
        """See `Database.erase_deleted`."""
        self._database.erase_deleted()

    def clear(self) -> None:
        """Delete all keys, the record and whatever else there is, for every process; the root key stays.

        One transaction: nobody sees half of it, and what waits to be recorded, here or elsewhere, is dropped.
        """
        with self._database.writing():
            execute = self._database.connection.execute
            execute("PRAGMA defer_foreign_keys = ON")
            tables = execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables.fetchall():
                execute(f"DELETE FROM {table}" if table != "meta" else _CLEAR_META)  # noqa: S608  names of ours
            execute("INSERT INTO meta (name, value) VALUES ('cleared', ?)", (secrets.token_bytes(16),))
            self._database.erase_deleted()
            self._forget_cached()

    def close(self) -> None:
        """Write what waits and close the database."""
        self._flusher.close()
        try:
            self.flush()
        finally:
            self._database.close()

    def discard(self) -> None:
        """Close the database and drop what waits."""
        self._flusher.close()
        self._database.close()

    def _forget_cached(self) -> None:
        self.keys.forget_cached()
        self.aliases.forget_cached()
        self.grants.forget_cached()
        self.quotas.forget_cached()
        with suppress(sqlite3.Error):  # whoever holds the store meets the same trouble, and tells it
            found = mark(self._database.connection)
            if found != self._cleared:
                self._cleared = found
                self._journal.drop()

    def _flush_aside(self) -> None:
        """Write what waits beside who reads; it is packed before anybody is kept from writing."""
        waiting, changes = self._journal.waiting()
        if not waiting:
            return
        packed = list(pack(waiting))
        with self._database.beside() as connection:
            # A mutation may have taken it along; or it is about what was cleared, and the next look drops it.
            current = self._journal.changes == changes and mark(connection) == self._cleared
            self._journal.promise(len(waiting) if current else 0)
            usage = Events(connection).append(packed) if current else {}
            if usage:
                Keys(connection).record_usage(usage)

    def _append(self, entries: Sequence[Entry]) -> None:
        usage = self.events.insert(entries)
        if usage:
            self.keys.record_usage(usage)


def mark(connection: sqlite3.Connection) -> tuple[bytes] | None:
    """What tells when the store was last cleared; None if it never was."""
    found: tuple[bytes] | None = connection.execute("SELECT value FROM meta WHERE name = 'cleared'").fetchone()
    return found


def open_store(folder: Path, source: rootkey.RootKeySource, clock: Clock) -> tuple[Store, bytes]:
    """The store in `folder`, made if it is not there, and its root key.

    Raises:
        KmsctlError: the folder, the file or the root key is missing, foreign, wrong, damaged or not to be used.
    """
    made: list[bytes] = []

    def initialise(connection: sqlite3.Connection) -> None:
        salt = secrets.token_bytes(16)
        root = source.obtain(folder, salt, fresh=True)
        made.append(root)
        connection.executemany(
            "INSERT INTO meta (name, value) VALUES (?, ?)",
            [("salt", salt), ("root_check", seal(root, _CHECK, _CHECK))],
        )

    database = open_database(folder, initialise, clock.monotonic)
    try:
        root = made[0] if made else _known_root(database, folder, source)
    except BaseException:
        database.close()
        raise
    return Store(database), root


def remove_store(folder: Path) -> None:
    """Delete the store and the root key in `folder`, and the folder when nothing else is in it.

    A `root.key` that cannot be ours, beside no store, is left: other programs have files of that name.

    Raises:
        KmsctlError: the file is another program's, or cannot be deleted.
    """
    if not folder.exists():
        return
    root = folder / rootkey.FILE_NAME
    try:
        ours = (folder / FILE_NAME).exists() or (root.exists() and root.stat().st_size == rootkey.ROOT_KEY_BYTES)
        remove_database(folder)
        if ours:
            root.unlink(missing_ok=True)
        if not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise folder_trouble(error, folder) from None


def _known_root(database: Database, folder: Path, source: rootkey.RootKeySource) -> bytes:
    with database.reading():
        meta = dict(database.connection.execute("SELECT name, value FROM meta"))
    root = source.obtain(folder, meta["salt"], fresh=False)
    try:
        unseal(root, meta["root_check"], _CHECK)
    except InvalidTag:
        raise KmsctlError(
            f"the root key does not open the local KMS's store in {folder}",
            why="the store was made with another root key or passphrase",
            fix=f"give the root key that the store was made with ({rootkey.FILE_NAME}, {rootkey.RAW_KEY_VARIABLE} "
            f"or {rootkey.PASSPHRASE_VARIABLE})",
        ) from None
    return root
