"""Actions on keys, as short as IAM's wildcards can say them: `Decrypt, GenerateDataKey*, ReEncrypt*`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from reconciler.policy.actions import KEY_ACTIONS, PREFIX

EVERY_ACTION: Final = "every action"
_WORD: Final = re.compile(r"[A-Z][a-z]+")
_CACHED: Final = 256


@lru_cache(maxsize=_CACHED)
def short(actions: tuple[str, ...]) -> str:
    """Real `actions` on keys, with their prefix; all but a few are said by what is missing."""
    missing = tuple(action for action in KEY_ACTIONS if action not in actions)
    if not missing:
        return EVERY_ACTION
    said, left_out = _patterns(frozenset(actions)), _patterns(frozenset(missing))
    if len(left_out) < len(said) / 2:
        return f"{EVERY_ACTION} but {', '.join(left_out)}"
    return ", ".join(said)


def _patterns(actions: frozenset[str]) -> list[str]:
    """The fewest names and prefixes that stand for `actions` and for no other action on a key, sorted."""
    found: list[str] = []
    left = set(actions)
    for start, meant in _STARTS.items():
        if meant <= actions and len(meant & left) > 1:
            found.append(f"{start}*")
            left -= meant
    return sorted([*found, *(action.removeprefix(PREFIX) for action in left)])


def _starts() -> dict[str, frozenset[str]]:
    """What whole words several actions begin with, and those actions: the most first, of the same ones the longest."""
    names = [action.removeprefix(PREFIX) for action in KEY_ACTIONS]
    starts = {name[: word.end()] for name in names for word in _WORD.finditer(name)}
    shared = {start: frozenset(PREFIX + name for name in names if name.startswith(start)) for start in starts}
    longest = {meant: start for start, meant in sorted(shared.items()) if len(meant) > 1}
    return {start: meant for meant, start in sorted(longest.items(), key=lambda item: (-len(item[0]), item[1]))}


_STARTS: Final = _starts()
