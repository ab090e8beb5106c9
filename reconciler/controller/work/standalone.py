"""The kinds that stand for nothing in a KMS: Targets, which are opened, and KeyPolicies, which are checked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.health.states import Invalid, State, Valid, state_of_error
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import Seen
from reconciler.controller.objects.tally import Standing
from reconciler.controller.work.awaited import AwaitedSecrets
from reconciler.controller.work.connections import Connections, Open, Place
from reconciler.controller.work.secrets import Versions
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.aws import StaticCredentials
from reconciler.manifest.checks.targets import target_of
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.model.identifiers import TargetName
from reconciler.model.target import Target

_SHOWN: Final = ("accountId", "region", "partition", "callerArn", "keys")


class Standalone:
    """Looks at Targets and KeyPolicies.

    Args:
        credentials: reads the Secret of that name with a Target's credentials, and notes its version.
        awaited: hears which Secrets Targets have read.
        cache: to count who uses an object.
        connections: where Targets are opened.
        pool: threads that may wait for a KMS.
        wake: has looked at who refers to an object.
    """

    def __init__(
        self,
        credentials: Callable[[str, Versions], Awaitable[StaticCredentials]],
        awaited: AwaitedSecrets,
        cache: Cache,
        connections: Connections,
        pool: ThreadPoolExecutor,
        wake: Callable[[ObjectRef], None],
    ) -> None:
        self._credentials = credentials
        self._awaited = awaited
        self._cache = cache
        self._connections = connections
        self._pool = pool
        self._wake = wake

    async def look_at(self, seen: Seen) -> tuple[State, dict[str, Any]]:
        """The state of an object, and what its status shows."""
        if not isinstance(seen.document, Document):
            if seen.kind is ManifestKind.TARGET:
                self._connections.forget(TargetName(seen.ref.name))
            return Invalid(seen.document), {}
        target = target_of(seen.document)
        if target is None:
            return Valid(), {"users": self._cache.tally.count(seen.ref, Standing.USER)}
        return await self._target(seen, replace(target, position=None))

    async def _target(self, seen: Seen, target: Target) -> tuple[State, dict[str, Any]]:
        before = self._connections.get(target.name)
        count = self._cache.tally.count(seen.ref, Standing.KEY)
        versions: Versions = {}
        try:
            opened = await self._open(target, _place(seen) if count else None, versions)
        except (KmsError, KmsctlError) as error:
            if before is None or before.target != target:
                self._connections.forget(target.name)
            if self._connections.tried(target.name):
                self._wake(seen.ref)
            return state_of_error(error), {name: seen.status[name] for name in _SHOWN if name in seen.status}
        finally:
            self._awaited.note(seen.ref, versions)
        if before is not None and opened is not before:
            before.uses.give_up()
        if self._connections.tried(target.name) or opened is not before or not seen.is_ready:
            self._wake(seen.ref)
        account = opened.connection.account
        return Valid(), {
            "accountId": account.account_id,
            "region": account.region,
            "partition": account.partition,
            "callerArn": account.caller_arn,
            "keys": count,
        }

    async def _open(self, target: Target, must_be: Place | None, versions: Versions) -> Open:
        reference = target.credentials
        credentials = await self._credentials(reference.secret_name, versions) if reference else None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._connections.open, target, credentials, must_be)


def _place(seen: Seen) -> Place | None:
    """Where a Target led before, as far as its status tells."""
    account, region = seen.status.get("accountId"), seen.status.get("region")
    return (account, region) if account and region else None
