"""Who calls. Without authentication everybody is the root user of the account that the access key id names.

What proves a signature is in `signed`; both answer with the engine's `Caller`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from reconciler.engine.caller import Caller, Origin
from reconciler.engine.engine import DEFAULT_ACCOUNT, DEFAULT_REGION
from reconciler.engine.server.messages import Request
from reconciler.engine.server.service_calls import VIA_SERVICE, Asked, applied, asked_of
from reconciler.kit.arn import partition_of, root_arn
from reconciler.kit.errors import KmsError

Authenticate = Callable[[Request, str], Caller]
"""From a request to a service (`kms`, `sts`, …) to who makes it; raises KmsError."""

ORIGIN: Final = "origin"
"""The header by which browsers tell that a page makes the request (https://fetch.spec.whatwg.org/#origin-header)."""
REGION: Final = re.compile(r"[a-z]{2,8}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
"""The form of a Region's name."""
_CREDENTIAL: Final = re.compile(r"Credential=([^/,\s]{1,128})/[0-9]{8}/([a-z0-9-]{1,40})/")
_END_OF_SCOPE: Final = "/aws4_request"
"""Behind it the header Authorization is another for each request."""
_REMEMBERED: Final = 1_024
"""Callers that are kept, because most requests come from a few."""


def anyone(request: Request, service: str) -> Caller:
    """Whoever calls is the root user: of the account that a 12-digit access key id names, else of the default one.

    Raises:
        KmsError: AccessDeniedException for a browser on a page of whatever site, which could otherwise use every key;
            ValidationException for headers of a service call that make no sense.
    """
    del service
    if ORIGIN in request.headers:
        raise KmsError("AccessDeniedException", "Without authentication, requests from web pages are not served.")
    headers = request.headers
    asked = asked_of(request, headers[VIA_SERVICE]) if VIA_SERVICE in headers else None
    scope = headers.get("authorization", "").partition(_END_OF_SCOPE)[0]
    return _root(scope, request.client, headers.get("user-agent", ""), request.secure, asked)


@lru_cache(_REMEMBERED)
def _root(scope: str, client: str, agent: str, secure: bool, asked: Asked | None) -> Caller:  # noqa: FBT001  facts
    """The root user that is named in `scope`, the header Authorization as far as it is the same for a day."""
    found = _CREDENTIAL.search(f"{scope}/")
    key, region = found.groups() if found else ("", "")
    account = key if len(key) == 12 and key.isascii() and key.isdecimal() else DEFAULT_ACCOUNT
    region = region if REGION.fullmatch(region) else DEFAULT_REGION
    partition = partition_of(region)
    caller = Caller(
        account,
        region,
        partition,
        root_arn(account, partition),
        origin=origin_of(client, agent, secure),
        access_key=key or None,
    )
    return applied(caller, asked) if asked else caller


def origin_of(client: str, agent: str, secure: bool) -> Origin:  # noqa: FBT001  a row of three facts
    """Where a request came from, as policies and the record see it."""
    return Origin(source_ip=client or None, user_agent=agent, secure_transport=secure)
