"""The bundled KMS in process: opening its data, calls, the record, its time and its quotas.

Each of these is done elsewhere (`pipeline`, `store`, `sweep`, `quotas`); here they share one folder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from reconciler.engine.audit.cloudtrail import record
from reconciler.engine.authz.authority import Authority
from reconciler.engine.authz.tokens import Temporary, open_token
from reconciler.engine.call import Call
from reconciler.engine.caller import Caller, ServiceCall, Session, caller_of
from reconciler.engine.client import Client
from reconciler.engine.copies.facts import Estate, MaterialIds
from reconciler.engine.copies.take_in import take_in
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.identities import FixedIdentities, Identities, IdentitySource
from reconciler.engine.instants import to_datetime, to_microseconds
from reconciler.engine.keys.sweep import catch_up
from reconciler.engine.pipeline import run
from reconciler.engine.quotas.limits import Limit, check_limit, limits
from reconciler.engine.quotas.throttle import Throttle
from reconciler.engine.store.events import EventFilter
from reconciler.engine.store.rootkey import FileRootKey, RootKeySource
from reconciler.engine.store.store import open_store, remove_store
from reconciler.kit.arn import partition_of
from reconciler.kit.clock import Clock, SystemClock
from reconciler.kit.errors import KmsctlError
from reconciler.kit.quotas import CURRENT, Profile, load

DEFAULT_ACCOUNT = "111122223333"
DEFAULT_REGION = "us-east-1"
LAST_INSTANT = datetime(9000, 1, 1, tzinfo=UTC)
"""The engine's time does not go beyond: what is due later still has to be a date."""


class Engine:
    """A KMS with all its accounts and Regions, whose data is one folder; a context manager that closes it.

    Several threads may use one engine, and several processes one folder.
    """

    def __init__(
        self, data: Path, clock: Clock, source: RootKeySource, authority: Authority, quotas: Profile | None = None
    ) -> None:
        self._data = data
        self._authority = authority
        self._clock = clock
        self._source = source
        self._store, root = open_store(data, source, clock)
        self._keyring = Keyring(root)
        self._quotas = quotas
        try:
            self._throttle = Throttle(data, quotas) if quotas else None
        except BaseException:
            self._store.close()
            raise

    @classmethod
    def open(
        cls,
        data: Path,
        *,
        clock: Clock | None = None,
        root_key: RootKeySource | None = None,
        identities: IdentitySource | None = None,
        consistency_delay: timedelta = timedelta(),
        quotas: Profile | None = None,
    ) -> Engine:
        """The engine whose data is in the folder `data`, made (mode 0700) if it is not there.

        Args:
            data: the data folder.
            clock: what it takes for the time; the machine's clock by default.
            root_key: where the root key comes from (`store.rootkey.root_key_source` reads an environment); a file of
                mode 0600 in `data` by default.
            identities: who there is besides the root users of the accounts; nobody by default.
            consistency_delay: how long after its creation a grant counts for who does not present its token.
            quotas: the request quotas that count (`kit.quotas`), for all processes that use the folder with quotas
                together; none by default.

        Raises:
            KmsctlError: the folder, the store or the root key is missing, foreign, wrong, damaged or not to be used.
        """
        authority = Authority(identities or FixedIdentities(), consistency_delay // timedelta(microseconds=1))
        return cls(data, clock or SystemClock(), root_key or FileRootKey(), authority, quotas)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def data(self) -> Path:
        """The data folder."""
        return self._data

    @property
    def identities(self) -> Identities:
        """Who there is at this moment; the same object as long as nothing changed."""
        return self._authority.identities()

    def client(
        self,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
        principal: str | None = None,
        session: Session | None = None,
        service: ServiceCall | None = None,
    ) -> Client:
        """A client in a Region; who calls is the root user of `account` when nothing else is said.

        See `caller.caller_of`: `principal` is the caller's ARN, `session` what its temporary credentials say, and
        `service` an AWS service that calls for the principal, or for itself when no principal is named.
        """
        caller = caller_of(account, region, partition_of(region), principal, session=session, service=service)
        return Client(self, caller)

    def open_token(self, key_id: str, token: str) -> Temporary | None:
        """The temporary credentials that a session token states, expired or not; None when it is not one of ours."""
        return open_token(self._keyring, key_id, token)

    def perform(
        self, caller: Caller, operation: str, parameters: Mapping[str, Any], *, request_id: str | None = None
    ) -> dict[str, Any]:
        """One call by `caller`, under the id `request_id` or one of its own; see `Client.__call__`."""
        self._store.make_room()
        now = self._now()
        call = Call(
            store=self._store,
            keyring=self._keyring,
            caller=caller,
            name=operation,
            given=parameters,
            now=now,
            request_id=request_id,
            authority=self._authority,
            throttle=self._throttle,
        )
        try:
            run(call)
        finally:
            self._store.settle(now)
        return call.result

    def take_in(self, estate: Estate) -> MaterialIds:
        """Hold a copy of `estate` beside what is there; what imported material is called in it.

        From now on nothing waits for the disk: a copy need not survive a crash.

        Raises:
            KmsctlError: the store cannot be used.
        """
        self._store.sync_no_more()
        return take_in(estate, self._store, self._keyring, self._now())

    def write_record_aside(self) -> None:
        """Let a thread of its own write the record: for who serves calls on one thread, none of which should wait."""
        self._store.write_aside()

    @property
    def trouble(self) -> KmsctlError | None:
        """Why the record could not be written in the background when that was tried last; None when it could.

        It is tried again every second, so that a disk that has room again is noticed without a call.
        """
        return self._store.trouble

    def events(
        self,
        *,
        account: str | None = None,
        region: str | None = None,
        name: str | None = None,
        resource: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The audit record, oldest first, as CloudTrail's events; what is given narrows it.

        Args:
            account: the account that called.
            region: the Region that was called.
            name: the operation, e.g. `CreateKey`.
            resource: the ARN of a key or alias that the event is about.
            since: the earliest time, inclusive.
            until: the latest time, inclusive; that of the newest event by default, so that reading ends, however many
                calls go on meanwhile.
        """
        self._bring_up_to_date()
        wanted = EventFilter(
            account=account,
            region=region,
            since=to_microseconds(since) if since else None,
            until=to_microseconds(until) if until else self._newest(),
            equal={"name": name} if name else None,
            resource=resource,
        )
        place = None
        while page := self._page(wanted, place):
            for place, event in page:  # noqa: B007  the last place begins the next page
                yield record(event)

    def _newest(self) -> int | None:
        """When the newest event was, by whichever clock; None when there is none."""
        with self._store.reading():
            found = self._store.events.newest(EventFilter(), None, 1)
        return found[0][0][0] if found else None

    def written(self, wanted: EventFilter, after: int) -> tuple[int, list[dict[str, Any]]]:
        """What was written to the record behind the place `after`, 0 for its beginning, by any process; and its end.

        In order of writing. Whatever is read is written a second later at the latest, so that following the record
        means asking again. When there is nothing more, the place is the one that was given, or an earlier one if the
        record was cleared.
        """
        self._bring_up_to_date()
        with self._store.reading():
            place, events = self._store.events.written(wanted, after)
        return place, [record(event) for event in events]

    def now(self) -> datetime:
        """The engine's time: the clock's, and what it was advanced by."""
        return to_datetime(self._now())

    def advance(self, by: timedelta) -> None:
        """Move the engine's time forward, for every process that uses the data folder; what is due happens.

        Raises:
            KmsctlError: `by` is not above zero, or leads out of the calendar.
        """
        if by <= timedelta():
            raise KmsctlError(
                "the engine's time cannot be moved back",
                why="rotations, deletions and the record of what has happened cannot be undone",
                fix="use a fresh data folder, or `kmsctl local reset`",
            )
        if by > LAST_INSTANT - self.now():
            raise KmsctlError("the engine's time cannot be moved so far", why=f"it ends at {LAST_INSTANT:%Y-%m-%d}")
        with self._store.writing():
            self._store.clock_offset.grow(by // timedelta(microseconds=1))
        self._bring_up_to_date()

    def reset(self) -> None:
        """Forget everything: keys, record and root key. The engine goes on with an empty store.

        Raises:
            KmsctlError: the folder cannot be used.
        """
        self._store.discard()
        if self._throttle is not None:
            self._throttle.close()
        remove_store(self._data)
        self._store, root = open_store(self._data, self._source, self._clock)
        self._keyring = Keyring(root)
        self._throttle = Throttle(self._data, self._quotas) if self._quotas else None

    def clear(self) -> None:
        """Forget all keys and the record, in every process that has the data folder open; the root key stays.

        Raises:
            KmsctlError: the store cannot be used.
        """
        self._store.clear()

    def close(self) -> None:
        """Write what waits and let go of the data folder."""
        self._store.close()
        if self._throttle is not None:
            self._throttle.close()

    def limits(self, account: str, region: str, profile: Profile | None = None) -> list[Limit]:
        """The quotas of an account in a Region, of requests and of resources, as they are now.

        Their defaults are those of `profile`, by default of the engine's own, or else the current ones.
        """
        with self._store.reading():
            raised = self._store.quotas.raised(account, region)
        return limits(load(profile or self._quotas or CURRENT), region, raised)

    def set_limit(self, account: str, region: str, name: str, value: float) -> None:
        """Give a quota another value, as AWS does on request.

        Raises:
            KmsctlError: there is no such quota, it cannot be adjusted, or not to `value`.
        """
        check_limit(self.limits(account, region), name, value)
        with self._store.writing():
            self._store.quotas.set(account, region, name, value)

    def reset_limits(self, account: str, region: str) -> None:
        """Give all quotas of an account in a Region their default values again."""
        with self._store.writing():
            self._store.quotas.reset(account, region)

    def _now(self) -> int:
        return to_microseconds(self._clock.now()) + self._store.clock_offset.current()

    def _bring_up_to_date(self) -> None:
        catch_up(self._store, self._keyring, self._now())
        self._store.flush()

    def _page(self, wanted: EventFilter, place: tuple[int, int] | None) -> list[Any]:
        with self._store.reading():
            return self._store.events.oldest(wanted, place)


def forget(data: Path) -> None:
    """Delete the store and the root key in the folder `data`, readable or not, without opening them.

    Raises:
        KmsctlError: the folder cannot be used, or the file in it is another program's.
    """
    remove_store(data)
