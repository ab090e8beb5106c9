"""The HTTP of the operator: probes and metrics on one port, the webhook behind TLS on another."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from reconciler.controller.metrics import CONTENT_TYPE
from reconciler.controller.settings import Listen
from reconciler.kit.errors import KmsctlError

if TYPE_CHECKING:
    import ssl

    from reconciler.controller.metrics import Metrics
    from reconciler.controller.vitals import Vitals

_GRACE_SECONDS: Final = 5.0
"""How long requests in flight may take when the server stops."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Secured:
    """An application to be served behind TLS."""

    application: web.Application
    context: ssl.SSLContext
    listen: Listen


class Server:
    """All that the process serves.

    Args:
        listen: where probes and metrics are.
        metrics: for /metrics.
        vitals: for /healthz and /readyz.
    """

    def __init__(self, listen: Listen, metrics: Metrics, vitals: Vitals) -> None:
        self._listen = listen
        self._probes = _Probes(metrics, vitals)
        self._secured: list[Secured] = []
        self._runners: list[web.AppRunner] = []
        self.addresses: list[Listen] = []
        """Where it listens, in the order of `listen` and of what was mounted, once it has started."""

    def mount(self, application: web.Application, context: ssl.SSLContext, listen: Listen) -> None:
        """Serve `application` behind TLS, too; before `start`."""
        self._secured.append(Secured(application, context, listen))

    async def start(self) -> None:
        """Serve from now on.

        Raises:
            KmsctlError: a port is taken, or an address is not this machine's. Nothing is served then.
        """
        try:
            await self._serve(self._probes.application(), self._listen)
            for secured in self._secured:
                await self._serve(secured.application, secured.listen, secured.context)
        except KmsctlError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Finish what is in flight, and serve no more."""
        for runner in reversed(self._runners):
            await runner.cleanup()
        self._runners.clear()

    async def _serve(self, application: web.Application, listen: Listen, context: ssl.SSLContext | None = None) -> None:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE_SECONDS)
        self._runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, listen.host, listen.port, ssl_context=context)
        try:
            await site.start()
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise KmsctlError(f"cannot listen at {listen}", why=why, fix="choose another address") from None
        host, port = runner.addresses[0][:2]
        self.addresses.append(Listen(host, port))
        logger.info("listening at %s", self.addresses[-1])


class _Probes:
    def __init__(self, metrics: Metrics, vitals: Vitals) -> None:
        self._metrics = metrics
        self._vitals = vitals

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_get("/healthz", self.health)
        application.router.add_get("/readyz", self.ready)
        application.router.add_get("/metrics", self.metrics)
        return application

    async def health(self, _: web.Request) -> web.Response:
        """That this is answered says that the event loop runs; the workers are asked after."""
        stuck = self._vitals.stuck()
        return web.Response(text="".join(f"{line}\n" for line in stuck) or "ok\n", status=500 if stuck else 200)

    async def ready(self, _: web.Request) -> web.Response:
        """A standby is ready: it serves the webhook."""
        hindrance = self._vitals.lacking if self._vitals.serving else "starting or ending"
        return web.Response(text=f"{hindrance or 'ok'}\n", status=503 if hindrance else 200)

    async def metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})
