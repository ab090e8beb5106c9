"""`kmsctl operator run`: the operator in this process, until it is told to end."""

from __future__ import annotations

import asyncio
import signal
import warnings
from typing import Final

import kopf

from reconciler.controller.handlers import register
from reconciler.controller.process import Process
from reconciler.controller.settings import Settings
from reconciler.kit.errors import KmsctlError

LOST: Final = 1
"""The exit code of a replica that leads no more: whoever runs it starts it anew, as a standby."""


def run(settings: Settings) -> int:
    """Serve the cluster until SIGTERM or SIGINT.

    Returns:
        The process's exit code.

    Raises:
        KmsctlError: it could not start.
    """
    try:
        return asyncio.run(_run(settings))
    except Exception as error:
        if isinstance(error.__cause__, KmsctlError):  # kopf says no more than that a handler failed
            raise error.__cause__ from None
        raise


async def _run(settings: Settings) -> int:
    lost = False

    def ended() -> None:
        nonlocal lost
        lost = True
        signal.raise_signal(signal.SIGTERM)  # a flag of ours would have kopf wait 5 seconds for it at every end

    registry = kopf.OperatorRegistry()
    process = Process(lambda: settings, ended)
    register(process, registry)
    namespaces = settings.namespaces
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            await kopf.operator(
                registry=registry,
                standalone=True,
                clusterwide=not namespaces,
                namespaces=namespaces,
            )
        finally:
            await process.stop()
    return LOST if lost else 0
