"""Which keys have a name, asked of the tagging service by many steps at once and answered together.

Every key that is created asks twice (`reconciler.apply.settle`), and the service takes few requests a second. While
one request is under way, those who come wait; the next request asks for all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.kms.decode import Pool
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import MOST_VALUES, sweep_tagged
from reconciler.model.identifiers import KeyId
from reconciler.model.ownership import NAME_TAG, STACK_TAG, Ownership

Named = Mapping[KeyId, Mapping[str, str]]
"""Keys with their tags, as the tagging service has them."""


@dataclass(slots=True, eq=False)
class _Question:
    owner: Ownership
    answer: dict[KeyId, Mapping[str, str]] = field(default_factory=dict)
    error: Exception | None = None
    answered: bool = False


class RollCall:
    """The tagging service of one account and Region, asked by one request at a time. Threads share it."""

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._asking = threading.Lock()
        self._lock = threading.Lock()
        self._waiting: list[_Question] = []

    def named(self, owner: Ownership) -> Named:
        """Keys of the stack and name of `owner`, of any generation, as a request that begins from now on shows them.

        Raises:
            KmsError: the service does not answer; all who were asked for together are told.
        """
        mine = _Question(owner)
        with self._lock:
            self._waiting.append(mine)
        with self._asking:
            if not mine.answered:
                self._ask(self._together_with(mine))
        if mine.error is not None:
            raise mine.error
        return mine.answer

    def _together_with(self, mine: _Question) -> list[_Question]:
        """Those that one request can ask for: of one stack, and of no more names than a filter takes."""
        together, names = [mine], {mine.owner.name}
        with self._lock:
            for question in self._waiting:
                if question is mine or question.owner.stack != mine.owner.stack:
                    continue
                if len(names | {question.owner.name}) <= MOST_VALUES:
                    names.add(question.owner.name)
                    together.append(question)
            self._waiting = [question for question in self._waiting if question not in together]
        return together

    def _ask(self, together: list[_Question]) -> None:
        by_name: dict[str, list[_Question]] = {}
        for question in together:
            by_name.setdefault(question.owner.name, []).append(question)
        filters = {STACK_TAG: [together[0].owner.stack], NAME_TAG: sorted(by_name)}
        try:
            for arn, tags in sweep_tagged(self._kms, filters, Pool()).items():
                for question in by_name.get(tags.get(NAME_TAG, ""), ()):
                    question.answer[KeyId(arn.rpartition("/")[2])] = tags
        except Exception as error:  # noqa: BLE001  raised again on the thread of each who asked
            for question in together:
                question.error = error
        for question in together:
            question.answered = True
