"""Who calls, proved by a signature: Signature Version 4 with an access key of the identities, each signature once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from reconciler.engine.authz.tokens import Temporary
from reconciler.engine.caller import Caller, Session
from reconciler.engine.errors import invalid
from reconciler.engine.identities import Identities
from reconciler.engine.instants import SECOND, to_microseconds
from reconciler.engine.server.authentication import REGION, origin_of
from reconciler.engine.server.messages import Request
from reconciler.engine.server.replay import Replays, Seen
from reconciler.engine.server.service_calls import (
    HEADERS,
    ON_BEHALF_OF,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    VIA_SERVICE,
    applied,
    asked_of,
)
from reconciler.engine.sigv4.canonical import SignedRequest
from reconciler.engine.sigv4.outcome import Reason, Refused, Verified
from reconciler.engine.sigv4.verify import SKEW, verify
from reconciler.kit.arn import Arn, partition_of
from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsError
from reconciler.policy.principals import is_service

INVOCATION: Final = "amz-sdk-invocation-id"
"""The header by which AWS's SDKs tell requests apart
(https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). Most sign it."""
_ATTEMPT: Final = "amz-sdk-request"
FRESH: Final = 2
"""Seconds from its signing, by the client's clock, in which a signature may come again with another `INVOCATION`.

botocore adds that header after signing, so that two equal calls within one second have one signature. They are told
apart by the header for so long; after that, and without the header, a signature counts once."""

OpenToken = Callable[[str, str], Temporary | None]
"""From an access key id and a session token to the credentials that they are; see `Engine.open_token`."""


class Signed:
    """Authenticates by signature; one object a process."""

    def __init__(
        self,
        identities: Callable[[], Identities],
        open_token: OpenToken,
        replays: Replays,
        clock: Clock,
        sessions: Callable[[], datetime] | None = None,
    ) -> None:
        """Requests are signed by the machine's time, `clock`; sessions end by the engine's, `sessions`."""
        self._identities = identities
        self._open_token = open_token
        self._replays = replays
        self._clock = clock
        self._sessions = sessions or clock.now

    def __call__(self, request: Request, service: str) -> Caller:
        """See `authentication.Authenticate`."""
        now = to_microseconds(self._clock.now()) // SECOND
        credentials = _Credentials(self._identities(), self._open_token, self._sessions)
        signed = SignedRequest(request.method, request.path, request.query, request.headers, request.body)
        outcome = verify(signed, credentials.secret_of, now)
        if isinstance(outcome, Refused):
            raise KmsError(outcome.reason.value, outcome.message)
        _check_scope(outcome, service)
        self._once(request, outcome, now)
        origin = (request.client, request.headers.get("user-agent", ""), request.secure)
        caller = _caller(outcome.access_key, credentials.principal, outcome.region, origin)
        if credentials.session is not None:
            caller = replace(caller, session=credentials.session)
        return _through_service(request, outcome, caller)

    def _once(self, request: Request, verified: Verified, now: int) -> None:
        """Refuse what was served before; see `FRESH` for what may look like it.

        Raises:
            KmsError: InvalidSignatureException, ThrottlingException.
        """
        seen = self._replays.see(verified.signature, verified.signed_at + SKEW, now)
        fresh = abs(now - verified.signed_at) <= FRESH
        if fresh and INVOCATION in request.headers and INVOCATION not in verified.signed:
            told = f"{request.header(INVOCATION)} {request.header(_ATTEMPT)}".encode("utf-8", "surrogatepass")
            told_apart = hashlib.sha256(verified.signature + told).digest()
            again = self._replays.see(told_apart, verified.signed_at + FRESH, now)
            seen = again if seen is Seen.BEFORE or again is Seen.FULL else seen
        match seen:
            case Seen.NEVER:
                return
            case Seen.BEFORE:
                raise KmsError(Reason.WRONG.value, "Signature already used: each request must be signed anew.")
            case Seen.FULL:
                raise KmsError("ThrottlingException", "Rate exceeded: too many signatures to remember.")


class _Credentials:
    """The credentials of one request, found while its signature is verified."""

    __slots__ = ("_identities", "_now", "_open_token", "principal", "session")

    def __init__(self, identities: Identities, open_token: OpenToken, now: Callable[[], datetime]) -> None:
        self._identities = identities
        self._open_token = open_token
        self._now = now
        self.principal = ""
        self.session: Session | None = None

    def secret_of(self, key_id: str, token: str | None) -> str | Refused:
        """See `verify.SecretOf`."""
        if token is not None:
            return self._temporary(key_id, token)
        key = self._identities.access_keys.get(key_id)
        if key is None:
            return _UNKNOWN
        self.principal = key.principal
        return key.secret

    def _temporary(self, key_id: str, token: str) -> str | Refused:
        found = self._open_token(key_id, token)
        if found is None or not self._has_role(found.principal):
            return _UNKNOWN
        if found.session.expires <= to_microseconds(self._now()):
            return Refused(Reason.EXPIRED, "The security token included in the request is expired")
        self.principal, self.session = found.principal, found.session
        return found.secret

    def _has_role(self, session: str) -> bool:
        """Whether the role of the session is still there: who deletes a role ends its sessions."""
        arn = Arn.parse(session)
        return arn is not None and self._identities.role_of(arn) is not None


_UNKNOWN: Final = Refused(Reason.UNKNOWN_KEY, "The security token included in the request is invalid.")
_REMEMBERED: Final = 1_024
"""Callers that are kept, because most requests come from a few."""


def _check_scope(verified: Verified, service: str) -> None:
    if verified.service != service:
        raise KmsError(Reason.WRONG.value, f"Credential should be scoped to correct service: '{service}'.")
    if not REGION.fullmatch(verified.region):
        raise KmsError(Reason.WRONG.value, "Credential should be scoped to a valid region.")


@lru_cache(_REMEMBERED)
def _caller(key_id: str, principal: str, region: str, origin: tuple[str, str, bool]) -> Caller:
    """The caller. Credentials are good in one partition only; nobody in another knows them.

    Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    arn = Arn.parse(principal)
    if arn is not None and arn.partition != partition_of(region):
        raise KmsError(_UNKNOWN.reason.value, _UNKNOWN.message)
    return Caller(
        arn.account if arn else "", region, partition_of(region), principal, origin_of(*origin), access_key=key_id
    )


def _through_service(request: Request, verified: Verified, caller: Caller) -> Caller:
    """The caller that the headers of a service call make of a service; nobody else may send them.

    Raises:
        KmsError: AccessDeniedException, InvalidSignatureException, ValidationException.
    """
    asked = [name for name in HEADERS if name in request.headers]
    if not is_service(caller.principal):
        if asked:
            raise KmsError("AccessDeniedException", f"Only a service may send {asked[0]}.")
        return caller
    unsigned = [name for name in asked if name not in verified.signed]
    if unsigned:
        raise KmsError(Reason.WRONG.value, f"'{unsigned[0]}' must be a 'SignedHeader' in the AWS Authorization.")
    if VIA_SERVICE in asked or not asked:
        wanted = f"{ON_BEHALF_OF}, {SOURCE_ARN} or {SOURCE_ACCOUNT}"
        raise invalid(f"A service that signs is named by its access key; {wanted} say for whom it calls.")
    return applied(caller, asked_of(request, caller.principal))
