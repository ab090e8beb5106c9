"""JSON texts of policies: read strictly, written densely."""

from __future__ import annotations

import json
from typing import Any

from reconciler.kit.printable import printable
from reconciler.policy.faults import InvalidPolicy, PolicyFault

_COMPACT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def load(text: str) -> object:
    """The value of a JSON text.

    Raises:
        InvalidPolicy: the text is not JSON, repeats a name in an object, or holds NaN or Infinity.
    """
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        what = f"the text is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise InvalidPolicy([_fault(what, "write one JSON object")]) from error
    except (ValueError, RecursionError) as error:
        what = "the text is nested too deeply or holds a number that is too long"
        raise InvalidPolicy([_fault(what, "write a policy")]) from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            what = f"{printable(name, limit=80)} is written twice in one object"
            raise InvalidPolicy([_fault(what, "keep one; use a list for several values")])
        found[name] = value
    return found


def _refuse_constant(name: str) -> object:
    raise InvalidPolicy([_fault(f"{name} is no JSON number", "write a finite number, or a string")])


def compact(value: Any) -> str:
    """The JSON text of `value` without white space, characters as they are.

    Raises:
        TypeError, ValueError, RecursionError: `value` is not made of what JSON has.
    """
    return _COMPACT.encode(value)


def _fault(what: str, fix: str) -> PolicyFault:
    return PolicyFault((), what, fix)
