"""What is wrong with an identities file, by the place in its values."""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.manifest.documents import Message
from reconciler.manifest.positions import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    path: Path
    message: Message
    of_key: bool = False
    """Whether it is about the key that leads to the value at `path`."""


class Faults:
    """Collects them, so that all are told."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    def add(self, path: Path, message: Message, *, of_key: bool = False) -> None:
        """Note one."""
        self._found.append(Fault(path, message, of_key))

    def found(self) -> tuple[Fault, ...]:
        """All of them, in the order in which they were noted."""
        return tuple(self._found)
