"""The value of a field that nobody set: distinct from null, from false and from the empty string."""

from __future__ import annotations

import enum
from typing import Final, Literal


class _Absent(enum.Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> Literal[False]:
        return False


Absent = Literal[_Absent.ABSENT]
"""The type of `ABSENT`, for use in unions: `str | Absent`."""

ABSENT: Final = _Absent.ABSENT
"""Not declared, not returned, not there."""
