"""AWS JSON 1.1: KMS, tagging and CloudTrail.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import orjson
from pybase64 import b64encode_as_string

from reconciler.engine.server.messages import Request, Response
from reconciler.engine.server.protocols.decode import decoder
from reconciler.engine.server.protocols.protocol import NO_STORE, serialization, status_of
from reconciler.engine.wire.model import has_output
from reconciler.kit.errors import KmsError

_CONTENT_TYPE: Final = ("content-type", "application/x-amz-json-1.1")
_WRITE: Final = orjson.OPT_PASSTHROUGH_DATETIME


def parameters(operation: str, request: Request) -> Mapping[str, Any]:
    """See `WireProtocol.parameters`."""
    try:
        given = orjson.loads(request.body)
    except ValueError:
        raise serialization("The request body is not JSON.") from None
    decoded: dict[str, Any] = decoder(operation)(given)
    return decoded


def success(operation: str, result: Mapping[str, Any], request_id: str) -> Response:
    """See `WireProtocol.success`; an operation without an output has an empty body."""
    body = orjson.dumps(result, _extended, _WRITE) if has_output(operation) else b""
    return Response(200, [_CONTENT_TYPE, ("x-amzn-requestid", request_id), NO_STORE], body)


def failure(error: KmsError, service: str) -> Response:
    """See `WireProtocol.failure`; where AWS has nothing to say, it does not even say that."""
    told = {"message": error.message.encode("utf-8", "replace").decode()} if error.message else {}
    body = orjson.dumps({"__type": error.code} | told)
    headers = [_CONTENT_TYPE, ("x-amzn-requestid", error.request_id), ("x-amzn-errortype", error.code), NO_STORE]
    return Response(status_of(error.code, service), headers, body)


def _extended(value: Any) -> str | float:
    """Blobs as base64, instants as seconds since the epoch to the millisecond."""
    if isinstance(value, bytes):
        return b64encode_as_string(value)
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
