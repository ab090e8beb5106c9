"""Listening: granian's worker processes on one port, from the ready line to the graceful stop."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.authentication import anyone
from reconciler.engine.server.limits import HEADER_TIMEOUT, MAX_HEADERS
from reconciler.engine.server.settings import Settings
from reconciler.kit.clock import Clock, SystemClock
from reconciler.kit.errors import KmsctlError

OpenEngine = Callable[[], Engine]
"""Opens the engine; called in every worker process, and can be pickled."""

_BACKLOG: Final = 1_024
_STOP_SECONDS: Final = 10
"""How long requests in flight may take to finish when the server is told to stop."""
_POLL: Final = 0.005
"""Seconds between looks whether the server answers yet."""


def serve(settings: Settings, open_engine: OpenEngine, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; requests in flight are finished.

    Args:
        settings: where to listen, and whom to serve.
        open_engine: see `OpenEngine`.
        ready: called with the server's URL once it answers.

    Raises:
        KmsctlError: the address is not to be had, or the store cannot be used.
    """
    open_engine().close()  # what is wrong with it is told before there is a server
    with reserve(settings.host, settings.port) as reserved:
        address = reserved.getsockname()
        server = Granian(
            "kmsctl",
            address=address[0],
            port=address[1],
            interface=Interfaces.RSGI,
            workers=settings.workers,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            http1_settings=HTTP1Settings(
                header_read_timeout=int(HEADER_TIMEOUT * 1000), max_buffer_size=MAX_HEADERS, pipeline_flush=False
            ),
            log_enabled=False,
            ssl_cert=settings.tls.certificate if settings.tls else None,
            ssl_key=settings.tls.key if settings.tls else None,
            workers_kill_timeout=_STOP_SECONDS,
            respawn_failed_workers=True,
        )
        url = url_of(settings, address[1])
        server.on_startup(partial(_announce, address, partial(ready, url), SystemClock()))
        load: Any = partial(application, settings, open_engine)  # granian's types know no object with `__rsgi__`
        server.serve(target_loader=load, wrap_loader=False)


def application(settings: Settings, open_engine: OpenEngine) -> Application:
    """A worker's application; called in the worker's process."""
    return Application(open_engine(), anyone, allow_reset=settings.allow_reset)


def url_of(settings: Settings, port: int) -> str:
    """The address to give to clients."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls else 'http'}://{host}:{port}"


def reserve(host: str, port: int) -> socket.socket:
    """A socket that holds the address, so that nobody else gets it, until the workers listen on it beside it.

    It is bound alone, so that a second server on the address is refused, and shared only afterwards.

    Raises:
        KmsctlError: the address is not to be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        reserved = socket.socket(family, kind, protocol)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(address)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except OSError as error:
        raise KmsctlError(
            f"cannot listen on {host}, port {port}",
            why=error.strerror or str(error),
            fix="give another --port (0 takes any that is free), or another --host",
        ) from None
    return reserved


def _announce(address: Any, ready: Callable[[], None], clock: Clock) -> None:
    threading.Thread(target=_wait_until_it_answers, args=(address, ready, clock), daemon=True).start()


def _wait_until_it_answers(address: Any, ready: Callable[[], None], clock: Clock) -> None:
    while True:
        with suppress(OSError), socket.create_connection(address[:2], timeout=1):
            break
        clock.sleep(_POLL)
    ready()
