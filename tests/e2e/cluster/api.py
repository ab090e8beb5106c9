"""The API as anybody with a token meets it: one request, one answer, nothing in between."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server says; `body` is JSON, or text where the server sends text."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class Api:
    """The API server at `url`, called with a bearer token. Each call connects anew: threads may share it."""

    url: str
    ca: Path
    token: str

    def call(self, method: str, path: str, body: Any = None, *, media_type: str = "application/json") -> Answer:
        """The answer to one request, whatever its status.

        Raises:
            OSError: nobody listens, or the connection broke.
            http.client.HTTPException: the connection broke within an answer.
        """
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json", "Content-Type": media_type}
        connection = self._connection()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return Answer(response.status, _read(response))
        finally:
            connection.close()

    def answers(self, path: str) -> bool:
        """Whether `path` is answered with 200; a server that cannot be reached does not."""
        try:
            return self.call("GET", path).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def _connection(self) -> http.client.HTTPSConnection:
        where = urlsplit(self.url)
        trust = ssl.create_default_context(cafile=str(self.ca))
        return http.client.HTTPSConnection(str(where.hostname), where.port, timeout=_SECONDS, context=trust)


def _read(response: http.client.HTTPResponse) -> Any:
    text = response.read().decode()
    return json.loads(text) if response.headers.get_content_type() == "application/json" else text
