"""Which protocol a request speaks, and which operation it asks for.

The targets come from the service models.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final, NamedTuple

from reconciler.engine.errors import unknown_operation
from reconciler.engine.operations import OPERATIONS
from reconciler.engine.server.messages import Request
from reconciler.engine.server.protocols import awsjson, query
from reconciler.engine.server.protocols.protocol import WireProtocol
from reconciler.engine.wire.model import metadata, split_name
from reconciler.engine.wire.text import shown
from reconciler.kit.errors import KmsError

_FORM: Final = "application/x-www-form-urlencoded"
_STS_VERSION: Final = "2011-06-15"


class Route(NamedTuple):
    """What a request asks for."""

    protocol: WireProtocol
    service: str
    """The port's prefix: kms, sts, tagging, cloudtrail."""
    operation: str
    """By the port's name; empty when there is no such operation."""
    refusal: KmsError | None = None
    """Why it is not served."""


def route_of(request: Request) -> Route:
    """Where `request` goes. Every request has a route, so that every refusal has a protocol to be told in."""
    target = request.headers.get("x-amz-target")
    if target is not None and request.method == "POST" and request.path == "/":
        return targets().get(target) or _unknown(target)
    if request.path == "/" and (_is_form(request) or "Action=" in request.query):
        return _action(request)
    return _unknown(target) if target is not None else Route(awsjson, "kms", "", _nothing_asked(request.path))


def _nothing_asked(path: str) -> KmsError:
    said = f"This is the bundled KMS. {shown(path)} asks for nothing: its clients POST to / with X-Amz-Target."
    return KmsError("UnknownOperationException", said)


def _action(request: Request) -> Route:
    try:
        form = query.fields(request)
    except KmsError as error:
        return Route(query, "sts", "", error)
    action, version = form.get("Action", ""), form.get("Version", _STS_VERSION)
    name = f"sts:{action}"
    if version == _STS_VERSION and name in OPERATIONS:
        return Route(query, "sts", name)
    message = f"Could not find operation {shown(action)} for version {shown(version)}"
    return Route(query, "sts", "", KmsError("InvalidAction", message))


def _is_form(request: Request) -> bool:
    return request.method == "POST" and request.header("content-type").partition(";")[0].strip().lower() == _FORM


def _unknown(asked: str) -> Route:
    return Route(awsjson, "kms", "", unknown_operation(asked))


@cache
def targets() -> Mapping[str, Route]:
    """The routes of AWS JSON, by the value of X-Amz-Target."""
    found = {}
    for name in OPERATIONS:
        service, operation = split_name(name)
        described = metadata(service)
        if "json" in described["protocols"]:
            found[f"{described['targetPrefix']}.{operation}"] = Route(awsjson, service, name)
    return found
