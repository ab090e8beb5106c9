"""What a page says first, and what it counts."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Tone(enum.StrEnum):
    """How something looks; the values are names of the style sheet."""

    GOOD = "good"
    CHANGED = "changed"
    REMOVED = "removed"
    LINKED = "linked"
    """Taken over, let go, or nobody's."""
    QUIET = "quiet"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one thing to know, in a few words."""

    tone: Tone
    text: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something."""

    number: str
    label: str
    tone: Tone = Tone.QUIET
    shows: str = ""
    """The kind of entry that can be shown and hidden by it; empty where it only counts."""
