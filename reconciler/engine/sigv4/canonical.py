"""The canonical form of a request: what is hashed and signed.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, "Create a canonical
request". As for every service but S3, paths are normalised, and encoded once more than they were sent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes

_UNRESERVED: Final = "-_.~"
_SPACES: Final = re.compile(" +")


class SignedRequest(NamedTuple):
    """What a signature is about."""

    method: str
    path: str
    """As it was sent."""
    query: str
    """As it was sent, without the question mark."""
    headers: Mapping[str, str]
    """By lower-case name; values of a header that came several times joined by commas."""
    body: bytes


def canonical_request(request: SignedRequest, signed: Sequence[str]) -> str:
    """The canonical request; `signed` are names of headers that are there."""
    headers = request.headers
    lines = "\n".join([f"{name}:{_value(headers[name])}" for name in signed])
    path = "/" if request.path in {"/", ""} else canonical_path(request.path)
    query = canonical_query(request.query) if request.query else ""
    body = hashlib.sha256(request.body).hexdigest()
    return f"{request.method}\n{path}\n{query}\n{lines}\n\n{';'.join(signed)}\n{body}"


def canonical_path(path: str) -> str:
    """`path` without empty, `.` and `..` segments, each remaining one encoded."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(segment)
    end = "/" if kept and path.endswith("/") else ""
    return "/" + quote("/".join(kept), safe=f"/{_UNRESERVED}", errors="surrogatepass") + end


def canonical_query(query: str) -> str:
    """Every name and value encoded in one way, sorted by name, then by value; a `+` is a plus sign."""
    pairs = (part.partition("=") for part in query.split("&") if part)
    encoded = sorted((_encoded(name), _encoded(value)) for name, _, value in pairs)
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text.encode("utf-8", "surrogatepass")), safe=_UNRESERVED)


def _value(text: str) -> str:
    """Without spaces around it, and with one space where there are several."""
    text = text.strip(" \t")
    return _SPACES.sub(" ", text) if "  " in text else text
