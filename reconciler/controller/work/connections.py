"""The Targets of the cluster, open: one connection each, shared by all namespaces that may use it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from reconciler.kit.errors import Refused
from reconciler.kms.aws import StaticCredentials
from reconciler.kms.observe import Sweeps, sweep
from reconciler.kms.port import Kms
from reconciler.kms.retrying import Patience
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target
from reconciler.workflow.environment import Environment
from reconciler.workflow.targets import Connection, open_target

_PATIENCE: Final = Patience(attempts=6, seconds=15.0, longest_wait=3.0)
"""Of one call, and short: no worker waits for what the queue tries again by itself."""


class SharedLists:
    """The lists of one target, read once for all who ask at about the same time. Threads share it."""

    def __init__(
        self, connection: Connection, now: Callable[[], float], swept: Callable[[float], None], *, parallelism: int
    ) -> None:
        self._connection = connection
        self._now = now
        self._swept = swept
        self._parallelism = parallelism
        self._lock = threading.Lock()
        self._begun = float("-inf")
        self._lists: Sweeps | None = None
        self._readings = 0
        """That have ended, however they did."""
        self._failure: Exception | None = None
        """Of the last one."""

    def since(self, instant: float) -> Sweeps:
        """Lists whose reading began at `instant` or later; read now when there are none.

        Who waits for another's reading that began too early reads again, for all who wait behind. Who waits for one
        that fails has its failure, too: what does not answer is waited for once, and not by one after the other.

        Raises:
            KmsError: a list cannot be read.
        """
        before = self._readings
        with self._lock:
            if self._failure is not None and self._readings != before:
                raise self._failure
            if self._lists is None or self._begun < instant:
                self._lists = None
                self._lists = self._read()
            return self._lists

    def _read(self) -> Sweeps:
        begun = self._now()
        self._failure = None
        try:
            lists = sweep(self._connection.kms, parallelism=self._parallelism)
        except Exception as error:
            self._failure = error
            raise
        finally:
            self._readings += 1
        self._begun = begun
        self._swept(self._now() - begun)
        return lists

    def age(self) -> float | None:
        """Seconds since the last reading began; None before the first."""
        return None if self._begun == float("-inf") else self._now() - self._begun

    def forget(self) -> None:
        """Keep no lists until somebody asks again. Never waits: while they are read, they are kept."""
        if self._lock.acquire(blocking=False):
            self._lists = None
            self._lock.release()


Place = tuple[str, str]
"""An account and a Region."""


def place_of(connection: Connection) -> Place:
    """Where a connection leads."""
    return connection.account.account_id, connection.account.region


def _elsewhere(name: TargetName, before: Place, now: Place) -> Refused:
    was, is_ = (f"account {account} in {region}" for account, region in (before, now))
    return Refused(
        f"the Target {name} leads to {is_}, and its keys are in {was}",
        why="its objects would get new keys, which decrypt nothing of what the old ones encrypted",
        fix="correct its credentials or its role, or give the new place a Target of its own",
    )


class Uses:
    """Who is at a connection: one that was given up is closed when the last of them is done. Threads share it."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close
        self._count = 0
        self._given_up = False
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Somebody is about to make calls through it, who has it from `Connections.get` a moment ago."""
        with self._lock:
            self._count += 1

    def end(self) -> None:
        """That is done."""
        with self._lock:
            self._count -= 1
            last = self._given_up and not self._count
        if last:
            self._close()

    def give_up(self) -> None:
        """Nobody begins any more."""
        with self._lock:
            first, self._given_up = not self._given_up, True
            unused = first and not self._count
        if unused:
            self._close()


@dataclass(frozen=True, slots=True)
class Open:
    """A Target that is open."""

    target: Target
    credentials: StaticCredentials | None
    connection: Connection
    lists: SharedLists
    uses: Uses


class Connections:
    """Opened when a Target is reconciled, and anew when it says something else.

    Args:
        environment: of the process.
        parallelism: calls at once of one batch, or of reading a Target's lists.
        at_once: the batches of one Target that are worked on at once.
        around: wraps each Target's KMS.
        swept: hears which Target's lists were read, and in how many seconds.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        parallelism: int,
        at_once: int = 1,
        around: Callable[[Kms], Kms],
        swept: Callable[[str, float], None],
    ) -> None:
        self._swept = swept
        self._environment = environment
        self._parallelism = parallelism
        self._calls = parallelism * at_once
        self._around = around
        self._open: dict[TargetName, Open] = {}
        self._tried: set[TargetName] = set()

    def untried(self, name: TargetName) -> bool:
        """Whether nobody has tried to open the Target yet: nothing can be said of it then."""
        return name not in self._tried

    def tried(self, name: TargetName) -> bool:
        """Note that the Target was opened or could not be; whether that was the first attempt."""
        first = name not in self._tried
        self._tried.add(name)
        return first

    def get(self, name: TargetName) -> Open | None:
        """The Target, if it could be opened."""
        return self._open.get(name)

    def open(self, target: Target, credentials: StaticCredentials | None, must_be: Place | None = None) -> Open:
        """Open `target`, unless it is open just so; who uses the connection that it had goes on with that.

        Whoever asked gives up that one, where `get` is called: see `forget`.

        Args:
            target: which.
            credentials: of AWS, where a Secret has them.
            must_be: where the keys are that were made through it.

        Raises:
            KmsctlError: it cannot be reached, or its credentials are not good.
            Refused: it is another account than it must be, or leads elsewhere than to its keys.
        """
        before = self._open.get(target.name)
        if before is not None and (before.target, before.credentials) == (target, credentials):
            return before
        connection = open_target(
            target,
            self._environment,
            parallelism=self._calls,
            credentials=credentials,
            around=self._around,
            patience=_PATIENCE,
        )
        if must_be is not None and place_of(connection) != must_be:
            connection.close()
            raise _elsewhere(target.name, must_be, place_of(connection))
        lists = SharedLists(
            connection,
            self._environment.clock.monotonic,
            partial(self._swept, target.name),
            parallelism=self._parallelism,
        )
        opened = Open(target, credentials, connection, lists, Uses(connection.close))
        self._open[target.name] = opened
        return opened

    def forget(self, name: TargetName) -> None:
        """Use the Target no more; call it where `get` is called, so that nobody has it and has not begun yet."""
        gone = self._open.pop(name, None)
        if gone is not None:
            gone.uses.give_up()

    def ages(self) -> dict[str, float]:
        """Seconds since the lists of each Target were read last."""
        ages = {name: opened.lists.age() for name, opened in tuple(self._open.items())}  # threads open Targets
        return {name: age for name, age in ages.items() if age is not None}

    def forget_lists(self) -> None:
        """Keep no lists of any Target until somebody asks for them."""
        for opened in tuple(self._open.values()):
            opened.lists.forget()

    def close(self) -> None:
        """Close all that are open."""
        for opened in self._open.values():
            opened.connection.close()
        self._open.clear()
