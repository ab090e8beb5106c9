"""A status as it was read, which anybody may have written: what is of the wrong type counts as missing. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final


def sound_status(status: Any) -> dict[str, Any]:
    """The fields of `status`, with None for what a status of ours could not hold; nothing where it is no mapping."""
    if not isinstance(status, Mapping):
        return {}
    found = {name: value if _CHECKS.get(name, _is_text)(value) else None for name, value in status.items()}
    conditions = found.get("conditions")
    return found if conditions is None else {**found, "conditions": [each for each in conditions if _is_sound(each)]}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_sound(condition: Any) -> bool:
    """Whether it can be a metav1.Condition, as far as its types go."""
    return isinstance(condition, Mapping) and all(
        _is_number(value) if name == "observedGeneration" else _is_text(value) for name, value in condition.items()
    )


_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "aliases": _are_texts,
    "conditions": _is_list,
    "drift": _are_texts,
    "failures": _are_texts,
    "ignoredAnnotations": _are_texts,
    "keys": _is_number,
    "observedGeneration": _is_number,
    "syncedGeneration": _is_number,
    "syncedPolicyGeneration": _is_number,
    "users": _is_number,
}
"""Fields that are not text."""
