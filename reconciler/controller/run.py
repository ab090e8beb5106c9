"""`kmsctl operator run`: the operator in this process, until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import signal
import warnings
from typing import TYPE_CHECKING, Final, cast

import kopf

from reconciler.controller.handlers import register
from reconciler.controller.process import Process
from reconciler.controller.settings import Settings
from reconciler.kit.errors import KmsctlError

if TYPE_CHECKING:
    from kopf._core.engines.peering import Identity

logger = logging.getLogger(__name__)

_NOT_FOUND: Final = 404
_PAUSE_SECONDS: Final = 1.0
LOST: Final = 1
"""The exit code of a replica that leads no more: whoever runs it starts it anew, as a standby."""


def run(settings: Settings) -> int:
    """Serve the cluster until SIGTERM or SIGINT.

    Returns:
        The process's exit code.

    Raises:
        KmsctlError: it could not start, or the API server does not let it watch any more.
    """
    try:
        return asyncio.run(_run(settings))
    except Exception as error:
        told = _told(error)
        if told is None:
            raise
        raise told from None


def _told(error: Exception) -> KmsctlError | None:
    """What kopf's error means. It says no more than that a handler failed; and a watch that is refused ends it."""
    if isinstance(error.__cause__, KmsctlError):
        return error.__cause__
    status = getattr(error, "status", None)
    if not type(error).__module__.startswith("kopf.") or not isinstance(status, int):
        return None
    return KmsctlError(
        "the operator can watch its objects no more",
        why=f"the API server answers {status}",
        fix="see that the definitions are there (`kmsctl operator crds`) and that the service account may list and "
        "watch all of them: the log says which is refused; then start the operator again",
    )


async def _run(settings: Settings) -> int:
    while True:
        try:
            return await _lead_once(settings)
        except Exception as error:
            if not _is_without_definition(error):
                raise
            logger.warning("a definition is gone, and with it what there was to watch: the operator starts again")
            await asyncio.sleep(_PAUSE_SECONDS)


def _is_without_definition(error: Exception) -> bool:
    """Whether kopf ended because the API server knows one of our kinds no more: the next start waits for it."""
    return type(error).__module__.startswith("kopf.") and getattr(error, "status", None) == _NOT_FOUND


async def _lead_once(settings: Settings) -> int:
    lost = False

    def ended() -> None:
        nonlocal lost
        lost = True
        signal.raise_signal(signal.SIGTERM)  # a flag of ours would have kopf wait 5 seconds for it at every end

    registry = kopf.OperatorRegistry()
    process = Process(lambda: settings, ended)
    register(process, registry)
    namespaces = settings.namespaces
    # Left to itself, kopf asks for the user's name, and the user of a container has none.
    identity: Identity = cast("Identity", settings.identity)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            await kopf.operator(
                registry=registry,
                standalone=True,
                identity=identity,
                clusterwide=not namespaces,
                namespaces=namespaces,
            )
        finally:
            await process.stop()
    return LOST if lost else 0
