"""A `Kms` that fails by plan, before or after the real call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reconciler.kit.errors import AmbiguousOutcome, KmsError
from reconciler.kms.port import Kms


@dataclass(frozen=True)
class Fault:
    """Raise `error` at the `nth` call (from 1) of `operation`, or of any operation when that is None.

    `after` the real call its effect stays and its answer is lost. `times` calls in a row fail.
    """

    error: BaseException
    operation: str | None = None
    nth: int = 1
    when: Literal["before", "after"] = "before"
    times: int = 1

    def strikes(self, count: int) -> bool:
        return self.nth <= count < self.nth + self.times


class Faulty:
    """Passes calls on, fails those that `faults` say, and remembers every call in `calls`. Threads may share it."""

    def __init__(self, kms: Kms, *faults: Fault) -> None:
        self._kms = kms
        self._faults = faults
        self._lock = threading.Lock()
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.calls.append((operation, dict(parameters)))
            struck = [fault for fault in self._faults if self._strikes(fault, operation)]
        self._raise(struck, "before")
        answer = self._kms(operation, parameters)
        self._raise(struck, "after")
        return answer

    def count(self, operation: str | None = None) -> int:
        """How often `operation`, or anything, was called."""
        return sum(operation in (None, name) for name, _ in self.calls)

    def _strikes(self, fault: Fault, operation: str) -> bool:
        return fault.operation in (None, operation) and fault.strikes(self.count(fault.operation))

    @staticmethod
    def _raise(struck: Iterable[Fault], when: str) -> None:
        for fault in struck:
            if fault.when == when:
                raise fault.error


def throttled(operation: str | None = None, *, nth: int = 1, times: int = 1) -> Fault:
    """Refused for its rate, without effect."""
    return Fault(KmsError("ThrottlingException", "Rate exceeded"), operation, nth, "before", times)


def lost_before(operation: str | None = None, *, nth: int = 1, times: int = 1) -> Fault:
    """The request was lost: there is no effect, which the caller cannot know."""
    return Fault(AmbiguousOutcome("ReadTimeoutError", "lost"), operation, nth, "before", times)


def lost_after(operation: str | None = None, *, nth: int = 1, times: int = 1) -> Fault:
    """The answer was lost: there is an effect, which the caller cannot know."""
    return Fault(AmbiguousOutcome("ReadTimeoutError", "lost"), operation, nth, "after", times)


class Scripted:
    """A `Kms` that answers each operation by a function of the parameters: for answers that no peer here can give."""

    def __init__(self, **answers: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
        self._answers = {name.replace("__", ":"): answer for name, answer in answers.items()}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.calls.append((operation, dict(parameters)))
        return self._answers[operation](parameters)
