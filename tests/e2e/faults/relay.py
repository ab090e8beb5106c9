"""A wire that can be cut: between one client and a server, while everybody else still reaches that server."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

from tests.e2e.cluster.cluster import Cluster

_CHUNK = 65_536


class Relay:
    """Passes on what comes to its port, byte for byte, as long as it is not cut.

    Args:
        port: of a server on the loopback interface.
    """

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break every connection, and every further one at once."""
        with self._lock:
            self._is_cut = True
            self._break()

    def mend(self) -> None:
        """Pass on again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        """End it."""
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _break(self) -> None:
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._server, 10) as server:
            server.settimeout(None)
            with self._lock:
                if self._is_cut:
                    return
                self._open |= {client, server}
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join()
            with self._lock:
                self._open -= {client, server}


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def kubeconfig_through(relay: Relay, cluster: Cluster, token: str, namespace: str) -> Path:
    """A kubeconfig of whoever bears `token`, who reaches the API server through `relay`."""
    path = cluster.kubeconfig_for(token, namespace=namespace)
    path.write_text(path.read_text().replace(cluster.url, f"https://127.0.0.1:{relay.port}"))
    return path
