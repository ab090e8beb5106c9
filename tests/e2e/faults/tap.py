"""A tap on the wire to the KMS: it counts the calls, and can do to each what a network and a busy service do."""

from __future__ import annotations

import enum
import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from reconciler.kit.clock import SystemClock

READS = ("Describe", "Get", "List", "Lookup")
_THROTTLED = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'
_SECONDS = 30
_PATIENCE = 3.0
_CLOCK = SystemClock()


class Moment(enum.Enum):
    """When something happens to the caller, of one of its calls."""

    BEFORE = "before the KMS has it"
    LOST = "when the KMS has done it, and before the answer"
    AFTER = "right after the answer"


class Tap:
    """Passes calls on to the server at `url`.

    Attributes:
        url: where it listens.
        calls: the operations that came through, in the order of their arrival.
        throttles: while set, every call is refused for its rate.
        down: while set, every connection breaks without an answer.
        flows: while clear, calls that write wait.
        waiting: how many calls wait for that.
    """

    def __init__(self, url: str) -> None:
        upstream = urlsplit(url)
        self.upstream = (str(upstream.hostname), int(upstream.port or 0))
        self.calls: list[str] = []
        self.throttles = threading.Event()
        self.down = threading.Event()
        self.flows = threading.Event()
        self.flows.set()
        self.waiting = 0
        self._lock = threading.Lock()
        self._trap: _Trap | None = None
        tap = self

        class Handler(_Handler):
            of = tap

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        self.flows.set()
        self._server.shutdown()
        self._server.server_close()

    def writes(self) -> list[str]:
        """The operations that change something, so far."""
        return [name for name in self.calls if is_write(name)]

    def strike(self, moment: Moment, number: int, blow: Callable[[], object], *, writes: bool) -> None:
        """Call `blow` at a moment of the call that is `number` from now on, from 1; of those that write, if so said.

        Three seconds after the first call it comes with any: perhaps nothing is left to write.
        """
        with self._lock:
            self._trap = _Trap(moment, number, blow, writes)

    def heard(self, name: str) -> _Trap | None:
        """Note a call; the trap that it sprang, if it did."""
        with self._lock:
            self.calls.append(name)
            trap = self._trap
            if trap is None or not trap.sprung(name):
                return None
            self._trap = None
            return trap

    def wait(self, name: str) -> None:
        """Hold a call that writes until calls flow."""
        if self.flows.is_set() or not is_write(name):
            return
        with self._lock:
            self.waiting += 1
        self.flows.wait(_SECONDS)
        with self._lock:
            self.waiting -= 1


def is_write(name: str) -> bool:
    """Whether an operation changes something."""
    return bool(name) and not name.startswith(READS)


class _Trap:
    def __init__(self, moment: Moment, number: int, blow: Callable[[], object], writes: bool) -> None:
        self.moment = moment
        self.blow = blow
        self._left = number
        self._writes = writes
        self._end: float | None = None

    def sprung(self, name: str) -> bool:
        self._end = self._end or _CLOCK.monotonic() + _PATIENCE
        self._left -= is_write(name) or not self._writes
        return self._left <= 0 or _CLOCK.monotonic() >= self._end


class _Handler(BaseHTTPRequestHandler):
    of: Tap
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        name = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        trap = self.of.heard(name)
        if trap and trap.moment is Moment.BEFORE:
            trap.blow()
        if self.of.down.is_set() or (trap and trap.moment is Moment.BEFORE):
            self.close_connection = True
            return
        if name and self.of.throttles.is_set():
            self._answer(400, [("Content-Type", "application/x-amz-json-1.1")], _THROTTLED)
            return
        self.of.wait(name)
        self._pass_on(body, trap)

    def _pass_on(self, body: bytes, trap: _Trap | None) -> None:
        upstream = http.client.HTTPConnection(*self.of.upstream, timeout=_SECONDS)
        try:
            upstream.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(body)
            response = upstream.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            return
        finally:
            upstream.close()
        if trap and trap.moment is Moment.LOST:
            trap.blow()
            self.close_connection = True
            return
        kept = [item for item in response.getheaders() if item[0].lower() not in ("content-length", "connection")]
        self._answer(response.status, kept, answer)
        if trap:
            trap.blow()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        try:
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the caller was killed
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
