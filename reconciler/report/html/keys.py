"""The state of keys as a page."""

from __future__ import annotations

from collections import Counter

from reconciler.model.keyspec import KeyState
from reconciler.report.html.page import page
from reconciler.report.html.verdict import Count, Tone, Verdict
from reconciler.report.keys import HEAD, KeyList, cells, spoken_state, summary


def render(keys: KeyList) -> str:
    """A table of `keys`, and how many there are, by state."""
    states = Counter(row.key.state for row in keys.rows)
    return page(
        "keys",
        f"Keys of stack {keys.stack}",
        Verdict(_worst(states), summary(keys).removesuffix(".")),
        keys=keys,
        counts=[Count(str(states[state]), spoken_state(state), _tone(state)) for state in KeyState if states[state]],
        head=HEAD,
        rows=[cells(row, keys.stack) for row in keys.rows],
    )


def _worst(states: Counter[KeyState]) -> Tone:
    if KeyState.PENDING_DELETION in states:
        return Tone.ALARM
    return Tone.CHANGED if states.keys() - {KeyState.ENABLED} else Tone.GOOD


def _tone(state: KeyState) -> Tone:
    return _worst(Counter([state]))
