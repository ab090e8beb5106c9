"""An HTTP server that answers as it is told: for the answers that no healthy service gives."""

from __future__ import annotations

import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    target: str
    """`X-Amz-Target`, or the body of a query request."""
    headers: dict[str, str]
    body: bytes


@dataclass
class RawServer:
    """`answer` gives the whole response as bytes; empty bytes close the connection without one."""

    url: str
    requests: list[Request] = field(default_factory=list)


@contextmanager
def raw_server(
    answer: Callable[[Request], bytes], *, tls: ssl.SSLContext | None = None, reads: bool = True
) -> Iterator[RawServer]:
    """A server on a free port of the loopback interface, as long as the block lives.

    With `tls` it speaks TLS; unless it `reads`, it answers before it has heard a request.
    """

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            if tls:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()

        def handle(self) -> None:
            request = _read(self.rfile) if reads else Request("", {}, b"")
            if request is not None:
                server.requests.append(request)
                self.wfile.write(answer(request))

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that breaks off is what some tests are about."""

    with Server(("127.0.0.1", 0), Handler) as listener:
        scheme = "https" if tls else "http"
        server = RawServer(f"{scheme}://127.0.0.1:{listener.server_address[1]}")
        thread = threading.Thread(target=listener.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()


def answer_json(body: object, status: int = 200, kind: str = "application/x-amz-json-1.1") -> bytes:
    """A response of an AWS JSON service."""
    return _response(json.dumps(body).encode(), status, kind)


def answer_error(code: str, message: str = "no", status: int = 400) -> bytes:
    """An error of an AWS JSON service."""
    return answer_json({"__type": code, "message": message}, status)


def answer_query(body: str, status: int = 200) -> bytes:
    """A response of an AWS query service, such as STS."""
    return _response(body.encode(), status, "text/xml")


def _response(body: bytes, status: int, kind: str) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    return f"{head}x-amzn-RequestId: 00000000-1111\r\n\r\n".encode() + body


def _read(stream) -> Request | None:
    if not stream.readline():
        return None
    headers = {}
    while line := stream.readline().strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return Request(headers.get("x-amz-target") or body.decode(), headers, body)
