"""kopf's part: it streams what the cluster holds, and starts and ends with us.

Plain `on.event` handlers, one a kind: no annotations, no progress, no state of kopf's on anybody's objects.
"""

from __future__ import annotations

import logging
from typing import Any, Final

import kopf

from reconciler.controller.cluster.login import log_in
from reconciler.controller.cluster.refs import GROUP, RESOURCES, VERSION
from reconciler.controller.process import Process

_GONE: Final = "DELETED"
_PAGE: Final = 500
"""Objects in one answer of a list: a page of large ones has a few megabytes."""
_WATCH_SECONDS: Final = 290
"""For one watch, shorter than the API server's own 5 to 10 minutes: it ends when we expect it."""
_IDLE_SECONDS: Final = 1.0
"""kopf keeps a task for each object that something happened to, for so long."""


def register(process: Process, registry: kopf.OperatorRegistry | None = None) -> None:
    """Register with kopf everything that the operator is.

    Args:
        process: what starts, hears and ends.
        registry: kopf's; None: the one that `kopf run` uses.
    """

    async def start(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings)
        await process.start()

    async def stop(**_: Any) -> None:
        if registry is None:
            await process.explain_end()
        await process.stop()

    async def hear(event: Any, **_: Any) -> None:
        process.noticed(event["object"], gone=event["type"] == _GONE)

    kopf.on.startup(registry=registry, errors=kopf.ErrorsMode.PERMANENT)(start)
    kopf.on.cleanup(registry=registry)(stop)
    kopf.on.login(registry=registry)(log_in)
    for kind, resource in RESOURCES.items():
        kopf.on.event(GROUP, VERSION, resource.plural, id=f"watch-{kind.lower()}", registry=registry)(hear)


class _Forgetful(kopf.DiffBaseStorage):
    """Compares no object with what it was. kopf would copy each whole, at each event, for handlers that we lack."""

    def build(self, **_: Any) -> Any:
        return {}

    def fetch(self, **_: Any) -> None:
        return None

    def store(self, **_: Any) -> None:
        """Nothing: what an object was is on nobody's object."""


def configure(settings: kopf.OperatorSettings) -> None:
    """Kopf watches and does nothing else: it tells no events, and looks for no other kinds and namespaces."""
    settings.posting.enabled = False
    settings.persistence.diffbase_storage = _Forgetful()
    settings.scanning.disabled = True
    settings.queueing.idle_timeout = _IDLE_SECONDS
    settings.watching.server_timeout = _WATCH_SECONDS
    settings.watching.client_timeout = _WATCH_SECONDS + 10
    settings.watching.connect_timeout = 10
    settings.watching.chunk_size = _PAGE
    logging.getLogger("kopf.objects").setLevel(logging.WARNING)  # a line an event says nothing
