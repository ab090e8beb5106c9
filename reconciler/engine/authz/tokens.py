"""Temporary credentials: an access key, its secret, and a session token that states all there is to know of them.

There is no table of sessions: the token is that statement, sealed under the store's root key and bound to the id of the
access key, so that every process on the store can open it and nobody can alter it.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from reconciler.engine.caller import Session
from reconciler.engine.crypto.keyring import Keyring
from reconciler.kit.errors import KmsctlError

_PREFIX: Final = "ASIA"
"""Of the ids of temporary access keys; source:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"""
_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SECRET_BYTES: Final = 30
"""40 characters in base 64, as AWS's secrets have."""


@dataclass(frozen=True, slots=True)
class Temporary:
    """Temporary credentials."""

    key_id: str
    secret: str = field(repr=False)
    principal: str
    """ARN of the session."""
    session: Session


def new_credentials(principal: str, session: Session) -> Temporary:
    """Credentials for the session `principal`."""
    key_id = _PREFIX + "".join(secrets.choice(_BASE32) for _ in range(16))
    return Temporary(key_id, base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode(), principal, session)


def seal_token(keyring: Keyring, credentials: Temporary) -> str:
    """The session token of `credentials`."""
    statement = {"secret": credentials.secret, "principal": credentials.principal, **asdict(credentials.session)}
    sealed = keyring.seal_text(_owner(credentials.key_id), json.dumps(statement, separators=(",", ":")))
    return base64.b64encode(sealed).decode("ascii")


def open_token(keyring: Keyring, key_id: str, token: str) -> Temporary | None:
    """The credentials that `token` states, expired or not; None when it was not made here for this access key."""
    try:
        text = keyring.open_text(_owner(key_id), base64.b64decode(token.encode("ascii"), validate=True))
    except (KmsctlError, binascii.Error, ValueError):
        return None
    statement: dict[str, Any] = json.loads(text)
    return Temporary(key_id, statement.pop("secret"), statement.pop("principal"), _session(statement))


def _session(statement: dict[str, Any]) -> Session:
    """A session from what JSON made of it: lists for tuples."""
    return Session(
        **{
            **statement,
            "tags": tuple((key, value) for key, value in statement["tags"]),
            "transitive": tuple(statement["transitive"]),
            "policies": tuple(statement["policies"]),
        }
    )


def _owner(key_id: str) -> str:
    return f"session of {key_id}"
