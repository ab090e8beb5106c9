"""Listening: granian's worker processes on one port, from the ready line to the graceful stop."""

from __future__ import annotations

import gc
import ipaddress
import os
import resource
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Final

from granian import Granian
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings

from reconciler.engine.engine import Engine
from reconciler.engine.server.application import Application
from reconciler.engine.server.authentication import Authenticate, anyone
from reconciler.engine.server.lifeline import end_with
from reconciler.engine.server.limits import HEADER_TIMEOUT, MAX_HEADERS
from reconciler.engine.server.replay import Replays
from reconciler.engine.server.routes import targets
from reconciler.engine.server.settings import Auth, Settings, Tls
from reconciler.engine.server.signed import Signed
from reconciler.kit.clock import Clock, SystemClock
from reconciler.kit.errors import KmsctlError, Refused

OpenEngine = Callable[[], Engine]
"""Opens the engine; called in every worker process, and can be pickled."""

_BACKLOG: Final = 1_024
_STOP_SECONDS: Final = 10
"""How long requests in flight may take to finish when the server is told to stop."""
_COLLECT: Final = 50_000, 20, 100
"""Objects that are made before the youngest are looked through for cycles, and so on (`gc.set_threshold`)."""
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
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a worker that crashed would leave its keys on the disk
    with reserve(settings) as reserved:
        if settings.tls:
            _check_certificate(settings.tls)
        open_engine().close()  # what is wrong with it is told before there is a server
        targets()
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
            ssl_protocol_min=SSLProtocols.tls12,  # what AWS asks of its clients
            workers_kill_timeout=_STOP_SECONDS,
            respawn_failed_workers=True,
        )
        url = url_of(settings, address[1])
        server.on_startup(partial(_announce, address, partial(ready, url), SystemClock()))
        load: Any = partial(
            _worker, os.getpid(), settings, open_engine
        )  # granian's types know no object with `__rsgi__`
        with _mortal_children():
            server.serve(target_loader=load, wrap_loader=False)


@contextmanager
def _mortal_children() -> Iterator[None]:
    """Let a signal end a forked worker at once until it serves and has handlers of its own.

    It would inherit granian's handlers, which only its parent heeds, and so miss to be told to stop while it starts.
    """
    serving = True

    def reset() -> None:
        if serving:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)

    os.register_at_fork(after_in_child=reset)
    try:
        yield
    finally:
        serving = False


def _worker(parent: int, settings: Settings, open_engine: OpenEngine) -> Application:
    """The application of a worker that `parent` started, which does not outlive it."""
    end_with(parent)
    return application(settings, open_engine)


def application(settings: Settings, open_engine: OpenEngine) -> Application:
    """A worker's application; called in the worker's process."""
    engine = open_engine()
    engine.write_record_aside()
    _settle_down()
    clock = SystemClock()
    authenticate = _authentication(settings, engine, clock)
    return Application(engine, authenticate, allow_reset=settings.allow_reset, now=clock.monotonic)


def _settle_down() -> None:
    """Spare a worker, which lives long and makes no cycles by itself, what disturbs a request."""
    gc.freeze()
    gc.set_threshold(*_COLLECT)


def _authentication(settings: Settings, engine: Engine, clock: Clock) -> Authenticate:
    match settings.auth:
        case Auth.NONE:
            return anyone
        case Auth.SIGV4:
            return Signed(lambda: engine.identities, engine.open_token, Replays(engine.data), clock, engine.now)


def url_of(settings: Settings, port: int) -> str:
    """The address to give to clients."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.tls else 'http'}://{host}:{port}"


def reserve(settings: Settings) -> socket.socket:
    """A socket that holds the address, so that nobody else gets it, until the workers listen on it beside it.

    It is bound alone, so that an address where somebody listens is refused, and shared only afterwards.

    Raises:
        Refused: strangers could reach it, and it would believe them, or let them empty it.
        KmsctlError: the address is not to be had.
    """
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        _check_exposure(settings, str(address[0]))
        return _bound(socket.socket(family, kind, protocol), address)
    except (OSError, UnicodeError) as error:
        raise KmsctlError(
            f"cannot listen on {host}, port {port}",
            why=getattr(error, "strerror", None) or str(error),
            fix="give another --port (0 takes any that is free), or another --host",
        ) from None


def _bound(reserved: socket.socket, address: Any) -> socket.socket:
    try:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(address)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    except BaseException:
        reserved.close()
        raise
    return reserved


def _check_certificate(tls: Tls) -> None:
    """See that certificate and key are there and go together.

    Raises:
        KmsctlError: they are not fit for use.
    """
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key, password=lambda: b"")  # else OpenSSL asks on the terminal
    except OSError as error:
        raise KmsctlError(
            f"cannot serve with the certificate {tls.certificate} and the key {tls.key}",
            why=getattr(error, "reason", None) or error.strerror or str(error),
            fix="give a PEM certificate and its private key, which no passphrase protects",
        ) from None


def _check_exposure(settings: Settings, address: str) -> None:
    if ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return
    if settings.auth is Auth.NONE:
        raise Refused(
            f"not listening on {settings.host} without authentication",
            why="anybody who reaches that address would be the root user of every account",
            fix="give --identities FILE, so that requests must be signed, or listen on 127.0.0.1",
        )
    if settings.allow_reset:
        raise Refused(
            f"not listening on {settings.host} with --allow-reset",
            why="a reset is not signed: anybody who reaches that address could delete every key",
            fix="leave out --allow-reset, or listen on 127.0.0.1",
        )


def _announce(address: Any, ready: Callable[[], None], clock: Clock) -> None:
    threading.Thread(target=_wait_until_it_answers, args=(address, ready, clock), daemon=True).start()


def _wait_until_it_answers(address: Any, ready: Callable[[], None], clock: Clock) -> None:
    while True:
        with suppress(OSError), socket.create_connection(address[:2], timeout=1):
            break
        clock.sleep(_POLL)
    ready()
