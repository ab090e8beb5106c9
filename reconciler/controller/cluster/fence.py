"""What keeps a leader that is none any more from going on, even while its event loop is busy."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Fence(Event):
    """An interrupt for work on threads: set when it is told, and whenever the lease is not held.

    It is asked before every call that changes something, so a process that was suspended for longer than its lease
    makes no further change when it goes on, before anybody has told it.

    Args:
        held: whether the lease is, at this moment; `Leadership.held`, or always true where nobody is elected.
    """

    def __init__(self, held: Callable[[], bool]) -> None:
        super().__init__()
        self._held = held

    def is_set(self) -> bool:
        """See `threading.Event.is_set`."""
        return super().is_set() or not self._held()
