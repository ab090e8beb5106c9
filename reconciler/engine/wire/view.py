"""What the audit record shows of requests and responses: names as CloudTrail writes them, nothing secret.

Blobs (plaintext, ciphertext, signatures, public keys), members that the model calls sensitive, and grant tokens are
left out; instants become text. Encryption contexts are shown, as CloudTrail does: they are no place for secrets
(https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

from reconciler.engine.instants import to_microseconds, to_text
from reconciler.engine.wire.model import operation_model
from reconciler.engine.wire.validate import lower_first

View = Callable[[Any], Any]

_HIDDEN: Final = frozenset({"GrantTokenType", "GrantTokenList"})


def request_view(operation: str, parameters: Mapping[str, Any]) -> Any:
    """The parameters of `operation`, which are valid."""
    return _compiled(operation, "input")(parameters)


def response_view(operation: str, result: Mapping[str, Any]) -> Any:
    """The result of `operation`."""
    return _compiled(operation, "output")(result)


@cache
def _compiled(operation: str, direction: str) -> View:
    model = operation_model(operation)
    name = model.input if direction == "input" else model.output
    view = _compile(model.shapes, name, frozenset()) if name else None
    return view or _nothing


def _compile(shapes: Mapping[str, Any], name: str, above: frozenset[str]) -> View | None:
    """The view of a shape, None for what is never shown; a shape inside itself is not shown twice."""
    shape = shapes[name]
    if name in _HIDDEN or name in above or shape.get("sensitive"):
        return None
    match shape["type"]:
        case "structure":
            views = {
                member: (lower_first(member), view)
                for member, target in shape["members"].items()
                if (view := _compile(shapes, target["shape"], above | {name}))
            }
            return _structure(views)
        case "list":
            inner = _compile(shapes, shape["member"]["shape"], above | {name})
            return _list(inner) if inner else None
        case "blob":
            return None
        case "timestamp":
            return _instant
        case _:
            return _same


def _structure(views: Mapping[str, tuple[str, View]]) -> View:
    plain = {name: shown for name, (shown, view) in views.items() if view is _same}
    others = {name: found for name, found in views.items() if name not in plain}

    def view(value: Mapping[str, Any]) -> dict[str, Any]:
        seen = {}
        for name, item in value.items():
            if name in plain:
                seen[plain[name]] = item
            elif name in others:
                shown, inner = others[name]
                seen[shown] = inner(item)
        return seen

    return view


def _list(inner: View) -> View:
    return lambda value: [inner(item) for item in value]


def _instant(value: datetime) -> str:
    return to_text(to_microseconds(value))


def _same(value: Any) -> Any:
    return value


def _nothing(_: Any) -> dict[str, Any]:
    return {}
