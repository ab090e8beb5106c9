"""The bundled KMS on a port: what is asked for is checked, and the engine's opening is handed to the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.engine.server.settings import DEFAULT_HOST, DEFAULT_PORT, Auth, Settings, Tls
from reconciler.kit.errors import KmsctlError
from reconciler.kit.quotas import Profile
from reconciler.workflow.environment import Environment

if TYPE_CHECKING:
    from reconciler.engine.engine import Engine
    from reconciler.engine.identities import IdentitySource
    from reconciler.engine.store.rootkey import RootKeySource
    from reconciler.kit.diagnostics import Diagnostic

MAX_WORKERS = 4
"""More processes than this do not help one machine's SQLite file."""


@dataclass(frozen=True, slots=True)
class ServeRequest:
    """What somebody asks for; None is the default."""

    data: Path | None = None
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    auth: Auth | None = None
    identities: Path | None = None
    workers: int | None = None
    consistency_delay: timedelta = timedelta()
    allow_reset: bool = False
    quotas: Profile | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """How to open the engine, in whatever process; it can be pickled."""

    data: Path
    root_key: RootKeySource
    consistency_delay: timedelta
    identities: Path | None
    quotas: Profile | None = None

    def __call__(self) -> Engine:
        """The engine, open.

        Raises:
            KmsctlError: the store cannot be used.
            InvalidInput: the identities file is not valid.
        """
        from reconciler.engine.engine import Engine

        return Engine.open(
            self.data,
            root_key=self.root_key,
            consistency_delay=self.consistency_delay,
            identities=self._identities(),
            quotas=self.quotas,
        )

    def _identities(self) -> IdentitySource | None:
        from reconciler.kit.clock import SystemClock
        from reconciler.workflow.identities import FileIdentities

        return FileIdentities(self.identities, SystemClock(), _tell_errors) if self.identities else None


def _tell_errors(diagnostics: Sequence[Diagnostic]) -> None:
    """Say on stderr that a changed identities file is not valid; what was there before goes on to count."""
    import sys

    from reconciler.kit.diagnostics import Severity
    from reconciler.report.style import Style
    from reconciler.report.text.diagnostics import render

    errors = [diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR]
    if errors:
        sys.stderr.write(render(errors, Style()))
        sys.stderr.flush()


def serve(
    request: ServeRequest,
    environment: Environment,
    ready: Callable[[str], None],
    warn: Callable[[Sequence[Diagnostic]], None],
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        request: what is asked for.
        environment: where data is by default, and the root key.
        ready: called with a line for people once the server answers.
        warn: called with what is odd about the identities file.

    Raises:
        KmsctlError: what is asked for makes no sense, the address is not to be had, or the store cannot be used.
        InvalidInput: the identities file is not valid.
        Refused: it would let strangers in.
    """
    from reconciler.engine.server.listen import serve as listen
    from reconciler.engine.store.rootkey import root_key_source
    from reconciler.workflow.identities import read_identities

    settings = settings_of(request)
    if request.identities:
        warn(read_identities(request.identities).warnings)
    data = request.data or environment.home
    opening = Opening(
        data, root_key_source(environment.variables), request.consistency_delay, request.identities, request.quotas
    )
    listen(settings, opening, lambda url: ready(f"listening on {url} ({described(settings, data)})"))


def settings_of(request: ServeRequest) -> Settings:
    """What the server is told.

    Raises:
        KmsctlError: two things that are asked for do not go together.
    """
    auth = request.auth or (Auth.SIGV4 if request.identities else Auth.NONE)
    if auth is Auth.SIGV4 and request.identities is None:
        raise KmsctlError(
            "--auth sigv4 needs --identities",
            why="signatures are verified with the access keys of the identities file",
            fix="give --identities FILE, or --auth none",
        )
    if (request.tls_certificate is None) != (request.tls_key is None):
        raise KmsctlError("--tls-cert and --tls-key belong together", fix="give both, or neither")
    tls = Tls(request.tls_certificate, request.tls_key) if request.tls_certificate and request.tls_key else None
    settings = Settings(request.host, request.port, auth, request.workers or default_workers())
    return replace(settings, allow_reset=request.allow_reset, tls=tls)


def default_workers() -> int:
    """A process for each core, but not more than `MAX_WORKERS`."""
    import os

    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MAX_WORKERS)


def described(settings: Settings, data: Path) -> str:
    """What to know of a server besides its address."""
    processes = f"{settings.workers} process{'es' if settings.workers != 1 else ''}"
    who = "signatures are verified" if settings.auth is Auth.SIGV4 else "everybody is the account root"
    return f"data in {data}, {who}, {processes}"
