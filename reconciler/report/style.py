"""How text for a terminal looks: how wide, and in colour or not. Whether it may be coloured the caller decides."""

from __future__ import annotations

import enum
from dataclasses import dataclass

_RESET = "\x1b[0m"


class Tone(enum.Enum):
    """What a piece of text is, as the parameters of an ANSI SGR sequence (ECMA-48, 8.3.117)."""

    PLAIN = ""
    BOLD = "1"
    DIM = "2"
    ADDED = "32"
    CHANGED = "33"
    REMOVED = "31"
    LINKED = "36"
    """Taken over, or let go."""
    ALARM = "1;31"


@dataclass(frozen=True, slots=True)
class Style:
    """The look of text output; `width` in columns is where prose wraps. Values are never wrapped."""

    colour: bool = False
    width: int = 100

    def paint(self, tone: Tone, text: str) -> str:
        """`text`, one printable line, in the colour of `tone`."""
        if not self.colour or not text or tone is Tone.PLAIN:
            return text
        return f"\x1b[{tone.value}m{text}{_RESET}"
