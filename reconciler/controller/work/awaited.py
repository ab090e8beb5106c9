"""Secrets that are missing, and who waits for them.

The operator may read the Secrets that it was given by name, and neither list nor watch any: those that are waited for
are asked after now and then, which costs nothing while none is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Final

from reconciler.controller.cluster.client import Api, ApiError
from reconciler.controller.cluster.refs import ObjectRef, path_of
from reconciler.controller.work.secrets import SecretLacking

_LOOK_SECONDS: Final = 5.0
_AT_ONCE: Final = 20
"""Secrets that are asked after in one look; those that wait longest without having been asked after come first."""


class AwaitedSecrets:
    """Belongs to one event loop.

    Args:
        api: the cluster.
        ask: has an object looked at now.
    """

    def __init__(self, api: Api, ask: Callable[[ObjectRef], None]) -> None:
        self._api = api
        self._ask = ask
        self._of: dict[ObjectRef, SecretLacking] = {}

    def note(self, ref: ObjectRef, error: Exception | None) -> None:
        """What came of an object: it waits for a Secret if that is what it lacks, and for none otherwise."""
        self._of.pop(ref, None)
        if isinstance(error, SecretLacking):
            self._of[ref] = error

    async def watch(self) -> None:
        """Wake who waits once a Secret is there, or another than it was; until this is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        wanted = dict.fromkeys((lacking.namespace, lacking.name) for lacking in self._of.values())
        for namespace, name in islice(wanted, _AT_ONCE):
            version = await self._version(namespace, name)
            for ref, lacking in tuple(self._of.items()):
                if (lacking.namespace, lacking.name) == (namespace, name):
                    del self._of[ref]
                    if version is None or version == lacking.version:
                        self._of[ref] = lacking  # behind the others
                    else:
                        self._ask(ref)

    async def _version(self, namespace: str, name: str) -> str | None:
        """None while it is not there, or cannot be read."""
        try:
            found = await self._api.get(path_of("v1", "secrets", namespace, name))
        except ApiError:
            return None
        return str(found.get("metadata", {}).get("resourceVersion", ""))
