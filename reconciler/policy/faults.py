"""What is wrong with a policy: every fault, where it is, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable

Location = tuple[str | int, ...]
"""The way into a document: element names and list indices, e.g. `("Statement", 2, "Principal", "AWS")`."""


def path_of(location: Location) -> str:
    """`location` as people write it: `Statement[2].Principal.AWS`; indices count from 0, the document itself is ``."""
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{printable(step, limit=80)}" if text else printable(step, limit=80)
    return text


@dataclass(frozen=True, slots=True)
class PolicyFault:
    """One thing wrong with a policy."""

    location: Location
    """Where, for callers that know the file: the loader turns it into line and column."""
    what: str
    """The fault, in one sentence without a full stop; values in it are safe to print."""
    fix: str
    """What the author can do."""

    @property
    def path(self) -> str:
        """Where, for people."""
        return path_of(self.location)

    def __str__(self) -> str:
        return f"{self.path}: {self.what}" if self.location else self.what


class InvalidPolicy(KmsctlError):  # noqa: N818  reads as what it says
    """A policy with faults; every one of them is in `faults`, in the order of the document."""

    def __init__(self, faults: Sequence[PolicyFault]) -> None:
        count = len(faults)
        super().__init__(
            f"The policy has {count} fault{'s' if count != 1 else ''}",
            why="; ".join(str(fault) for fault in faults),
            fix="; ".join(dict.fromkeys(fault.fix for fault in faults)),
        )
        self.faults = tuple(faults)


class FaultList:
    """Collects faults while a document is read, so that all are shown and not the first."""

    def __init__(self) -> None:
        self._faults: list[PolicyFault] = []

    def add(self, location: Location, what: str, fix: str) -> None:
        """Note a fault at `location`."""
        self._faults.append(PolicyFault(location, what, fix))

    def raise_if_any(self) -> None:
        """End the reading when anything was wrong.

        Raises:
            InvalidPolicy: with all the faults noted so far.
        """
        if self._faults:
            raise InvalidPolicy(self._faults)


def nearest(name: str, known: Iterable[str]) -> str:
    """A fix that names the known name nearest to `name`, or all of them when none is near."""
    names = sorted(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name[:100].casefold(), folded, n=1)
    if close:
        return f"did you mean {folded[close[0]]}?"
    return f"use one of {', '.join(names)}"


def json_type(value: object) -> str:
    """What JSON calls the type of `value`, with its article; Python's name for what JSON does not have."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case dict():
            return "an object"
        case _:
            return f"a {type(value).__name__}"
