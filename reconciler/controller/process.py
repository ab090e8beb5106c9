"""One process of the operator, from its start to its end."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from reconciler import __version__
from reconciler.controller import logs
from reconciler.controller.admission.app import admission_app
from reconciler.controller.admission.certificates import Certificates
from reconciler.controller.cluster.definitions import INSTALL
from reconciler.controller.operator import Operator
from reconciler.controller.serve import Server
from reconciler.controller.settings import Settings
from reconciler.controller.vitals import Vitals
from reconciler.kit.clock import SystemClock

logger = logging.getLogger(__name__)

_LAST_WORDS_SECONDS: Final = 3.0
"""An API server that does not answer keeps nobody from ending."""


class Process:
    """Serves from the start, leads when it may, and ends when it may no more.

    Args:
        settings: read when it starts.
        ended: is called when another replica leads; None ends the process as SIGTERM does.
    """

    def __init__(self, settings: Callable[[], Settings], ended: Callable[[], None] | None = None) -> None:
        self._settings = settings
        self._ended = ended or (lambda: signal.raise_signal(signal.SIGTERM))
        self._vitals = Vitals(SystemClock())
        self._operator: Operator | None = None
        self._server: Server | None = None

    async def start(self) -> None:
        """Serve probes, metrics and webhook; return once this replica leads and works.

        Raises:
            KmsctlError: a setting is wrong, a port is taken, or there is no cluster.
        """
        settings = self._settings()
        logs.configure(settings.log_format, settings.log_level)
        logger.info("kmsctl %s serves cluster %s as %s", __version__, settings.cluster_name, settings.identity)
        operator = self._operator = Operator(settings, self._vitals, self._ended)
        server = self._server = Server(settings.listen, operator.metrics, self._vitals)
        if settings.webhook_cert_dir is not None:
            certificates = Certificates(settings.webhook_cert_dir)
            server.mount(admission_app(operator.known()), certificates.context, settings.webhook_listen)
        await server.start()
        self._vitals.serve()
        await operator.lead()
        operator.work()

    def noticed(self, body: Mapping[str, Any], *, gone: bool) -> None:
        """The watch shows an object, or that it is gone."""
        if self._operator is None:
            return
        if gone:
            self._operator.intake.gone(body)
        else:
            self._operator.intake.notice(body)

    async def explain_end(self) -> None:
        """Say what kopf does not when it ends: its watch of a kind whose definition is gone ends all of it.

        `reconciler.controller.run` starts kopf again instead, which only who has started it can.
        """
        absent: tuple[str, ...] = ()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                absent = await self._operator.absent() if self._operator is not None else ()
        if absent:
            logger.error(
                "kopf ends because definitions are gone: %s; install them (%s) and start it again, "
                "or run `kmsctl operator run`, which waits for them",
                ", ".join(absent),
                INSTALL,
            )

    async def stop(self) -> None:
        """Finish what is in flight and end; once is enough, and more does no harm."""
        self._vitals.end()
        operator, self._operator = self._operator, None
        if operator is not None:
            await operator.stop()
        server, self._server = self._server, None
        if server is not None:
            await server.stop()
