"""Taking the Authorization header apart.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reconciler.engine.sigv4.outcome import Reason, Refused

ALGORITHM: Final = "AWS4-HMAC-SHA256"
TERMINATOR: Final = "aws4_request"

_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}")
_NAMES: Final = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+(?:;[a-z0-9!#$%&'*+.^_`|~-]+)*")
_USUAL: Final = re.compile(
    rf"{ALGORITHM} Credential=([^/,=\s]+)/([0-9]{{8}})/([a-z0-9-]+)/([a-z0-9-]+)/{TERMINATOR},\s*"
    rf"SignedHeaders=({_NAMES.pattern}),\s*"
)
_PARAMETERS: Final = ("Credential", "Signature", "SignedHeaders")
_REMEMBERED: Final = 1_024
"""Headers that are kept without their signatures, because a client sends the same all day."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the header says before the signature."""

    access_key: str
    date: str
    """YYYYMMDD."""
    region: str
    service: str
    headers: tuple[str, ...]
    """Names of the signed headers, in the order of the header."""
    signed: frozenset[str]
    """The same."""
    scope: str
    """The credential scope."""


def parse(text: str) -> tuple[Authorization, str] | Refused:
    """The parts of an Authorization header, and its signature (64 hexadecimal digits); or what is wrong with it."""
    head, _, signature = text.rpartition("Signature=")
    usual = _usual(head) if _SIGNATURE.fullmatch(signature) else None
    return (usual, signature) if usual is not None else _explained(text)


@lru_cache(_REMEMBERED)
def _usual(head: str) -> Authorization | None:
    found = _USUAL.fullmatch(head)
    return _made(*found.groups()) if found else None


def _made(key: str, date: str, region: str, service: str, names: str) -> Authorization:
    headers = tuple(names.split(";"))
    return Authorization(
        key, date, region, service, headers, frozenset(headers), f"{date}/{region}/{service}/{TERMINATOR}"
    )


def _explained(text: str) -> tuple[Authorization, str] | Refused:
    """The parts, in any order, or what is wrong."""
    algorithm, _, rest = text.strip().partition(" ")
    if algorithm.startswith("AWS4-") and algorithm != ALGORITHM:
        return _incomplete(f"Unsupported AWS 'algorithm': only {ALGORITHM} is supported.")
    parts = [part.strip().partition("=") for part in rest.split(",")]
    given = {name: value for name, _, value in parts}
    if algorithm != ALGORITHM:
        given = {}
    elif len(given) != len(parts):
        return _incomplete("Authorization header has a parameter more than once.")
    missing = [f"Authorization header requires '{name}' parameter." for name in _PARAMETERS if not given.get(name)]
    return _incomplete(" ".join(missing)) if missing else _parts(given)


def _parts(given: Mapping[str, str]) -> tuple[Authorization, str] | Refused:
    scope, names, signature = given["Credential"].split("/"), given["SignedHeaders"], given["Signature"]
    if len(scope) != 5 or not all(scope) or not re.fullmatch(r"[0-9]{8}", scope[1]):
        return _incomplete("Credential must have exactly 5 slash-delimited elements: keyid/date/region/service/term.")
    if scope[4] != TERMINATOR:
        return Refused(Reason.WRONG, f"Credential should be scoped with a valid terminator: '{TERMINATOR}'.")
    if not _NAMES.fullmatch(names):
        return _incomplete("'SignedHeaders' must be names of headers in lower case, delimited by semicolons.")
    if not _SIGNATURE.fullmatch(signature):
        return _incomplete("'Signature' must be 64 hexadecimal digits in lower case.")
    key, date, region, service, _ = scope
    return _made(key, date, region, service, names), signature


def _incomplete(message: str) -> Refused:
    return Refused(Reason.INCOMPLETE, message)
