"""The Query protocol, which STS speaks: form-encoded parameters, answers in XML.

Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from reconciler.engine.server.messages import Request, Response
from reconciler.engine.server.protocols.protocol import NO_STORE, status_of
from reconciler.engine.wire.model import metadata, operation_model
from reconciler.kit.errors import KmsError

MOST_FIELDS: Final = 1_000
"""Fields of a form; AssumeRole, the largest of our operations, has less than 200."""

_NO_CHARACTER: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)."""
_NAMES: Final = {
    "AccessDeniedException": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "KMSInternalException": "InternalFailure",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "ThrottlingException": "Throttling",
    "UnrecognizedClientException": "InvalidClientTokenId",
}
"""STS's codes for what AWS's JSON services call otherwise."""
_FORBIDDEN: Final = frozenset(
    {"AccessDenied", "ExpiredToken", "InvalidClientTokenId", "MissingAuthenticationToken", "SignatureDoesNotMatch"}
)
"""STS answers these with 403 (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html)."""


def fields(request: Request) -> dict[str, str]:
    """The form of a request: its body, or its query string.

    Raises:
        KmsError: MalformedInput.
    """
    text = request.body or request.query.encode("utf-8", "replace")
    try:
        pairs = parse_qsl(text.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise KmsError("MalformedInput", "The request body is not a form.") from None
    return dict(pairs)


def parameters(operation: str, request: Request) -> Mapping[str, Any]:
    """See `WireProtocol.parameters`."""
    model = operation_model(operation)
    read: dict[str, Any] = _structure(model.shapes, model.shapes[model.input], "", fields(request))
    return read


def success(operation: str, result: Mapping[str, Any], request_id: str) -> Response:
    """See `WireProtocol.success`."""
    model = operation_model(operation)
    shown = _members(model.shapes, model.shapes[model.output], result) if model.output else ""
    content = _element(f"{model.name}Result", shown) + _metadata(request_id)
    return _response(200, f"{model.name}Response", content, request_id)


def failure(error: KmsError, service: str) -> Response:
    """See `WireProtocol.failure`."""
    code = _NAMES.get(error.code, error.code)
    status = 403 if code in _FORBIDDEN else status_of(code, service)
    sender = "Receiver" if status >= 500 else "Sender"
    told = _element("Type", sender) + _element("Code", _text(code)) + _element("Message", _text(error.message))
    content = _element("Error", told) + _element("RequestId", error.request_id)
    return _response(status, "ErrorResponse", content, error.request_id)


def _structure(shapes: Mapping[str, Any], shape: Mapping[str, Any], path: str, form: Mapping[str, str]) -> Any:
    found = {}
    for member, target in shape["members"].items():
        value = _value(shapes, shapes[target["shape"]], f"{path}{target.get('locationName', member)}", form)
        if value is not None:
            found[member] = value
    return found


def _value(shapes: Mapping[str, Any], shape: Mapping[str, Any], path: str, form: Mapping[str, str]) -> Any:
    """The value of `shape` at `path` of the form; None when there is none."""
    match shape["type"]:
        case "structure":
            inside = any(name.startswith(f"{path}.") for name in form)
            return _structure(shapes, shape, f"{path}.", form) if inside else None
        case "list":
            return _list(shapes, shape, path, form)
        case "integer" | "long":
            return _integer(form.get(path))
        case "boolean":
            return {"true": True, "false": False}.get(form[path], form[path]) if path in form else None
        case _:
            return form.get(path)


def _list(shapes: Mapping[str, Any], shape: Mapping[str, Any], path: str, form: Mapping[str, str]) -> Any:
    member, name = shapes[shape["member"]["shape"]], f"{path}.{shape['member'].get('locationName', 'member')}"
    values: list[Any] = []
    while (value := _value(shapes, member, f"{name}.{len(values) + 1}", form)) is not None:
        values.append(value)
    return values or None


def _integer(text: str | None) -> int | str | None:
    """A number, or the text for validation to refuse."""
    if text is None:
        return None
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= 20 else text


def _members(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Mapping[str, Any]) -> str:
    return "".join(
        _element(member, _shown(shapes, shapes[target["shape"]], value[member]))
        for member, target in shape["members"].items()
        if value.get(member) is not None
    )


def _shown(shapes: Mapping[str, Any], shape: Mapping[str, Any], value: Any) -> str:
    match shape["type"]:
        case "structure":
            return _members(shapes, shape, value)
        case "list":
            member = shapes[shape["member"]["shape"]]
            return "".join(_element("member", _shown(shapes, member, item)) for item in value)
        case "timestamp":
            return _instant(value)
        case "boolean":
            return str(value).lower()
        case _:
            return _text(str(value))


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(text: str) -> str:
    """`text` as XML; what XML 1.0 has no character for becomes a question mark."""
    for character, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\r", "&#13;")):
        text = text.replace(character, escaped)
    return _NO_CHARACTER.sub("?", text)


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _metadata(request_id: str) -> str:
    return _element("ResponseMetadata", _element("RequestId", request_id))


def _response(status: int, root: str, content: str, request_id: str) -> Response:
    namespace = metadata("sts")["xmlNamespace"]
    body = f'<{root} xmlns="{namespace}">{content}</{root}>\n'.encode()
    return Response(status, [("content-type", "text/xml"), ("x-amzn-requestid", request_id), NO_STORE], body)
