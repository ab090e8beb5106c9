"""What goes in and out of the server, apart from how it travels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Request(NamedTuple):
    """One HTTP request, read whole."""

    method: str
    path: str
    """As it was sent, without the query."""
    query: str
    """What follows the `?`, as it was sent."""
    headers: Mapping[str, str]
    """By lower-case name; values of a header that came several times are joined by commas."""
    body: bytes
    client: str
    """The client's IP address; empty when it is not known."""
    secure: bool
    """Whether it came by TLS."""

    def header(self, name: str) -> str:
        """The value of the header `name`, in lower case; empty when it is not there."""
        return self.headers.get(name, "")


class Response(NamedTuple):
    """One HTTP response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
