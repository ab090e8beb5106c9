"""What lint says of objects: asked once, and again when something that the answer depends on has changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from reconciler.controller.cluster.refs import ObjectRef
from reconciler.controller.health.safety import EXAMINED
from reconciler.controller.objects.cache import Cache
from reconciler.controller.objects.seen import Seen
from reconciler.controller.work.connections import Connections
from reconciler.lint.finding import Finding
from reconciler.manifest.checks.references import references_of
from reconciler.manifest.documents import ManifestKind
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account
from reconciler.model.target import Target
from reconciler.workflow.lint.objects import Case, errors_in

logger = logging.getLogger(__name__)

Errors = tuple[Finding, ...] | None
"""The errors that nobody has set aside; None where it could not be looked."""


@dataclass(frozen=True, slots=True)
class Question:
    """One object with all that the answer depends on."""

    ref: ObjectRef
    case: Case = field(compare=False, repr=False)
    basis: tuple[object, ...]
    """What tells this question from an earlier one about the same object."""


class Safety:
    """Questions and answers. Questions are put on the event loop, and may be answered on any thread."""

    def __init__(self, cache: Cache, connections: Connections) -> None:
        self._cache = cache
        self._connections = connections
        self._answers: dict[ObjectRef, tuple[Question, Errors]] = {}

    def questions(self, members: Iterable[Seen]) -> list[Question]:
        """What there is to ask about `members` and not answered yet."""
        asked = (self._question(seen) for seen in members if seen.kind in EXAMINED)
        return [one for one in asked if one is not None and not self._is_answered(one)]

    def answer(self, questions: Iterable[Question]) -> None:
        """Answer; it takes a millisecond or a few for each."""
        for question in questions:
            try:
                errors = errors_in(question.case)
            except Exception:  # the condition is Unknown then, and the object is reconciled all the same
                logger.exception("%s could not be looked at", question.ref)
                errors = None
            self._answers[question.ref] = (question, errors)

    def errors(self, seen: Seen) -> Errors:
        """What is known of an object as it is now."""
        question = self._question(seen)
        if question is None or not self._is_answered(question):
            return None
        return self._answers[seen.ref][1]

    def forget(self, ref: ObjectRef) -> None:
        """The object is gone."""
        self._answers.pop(ref, None)

    def _is_answered(self, question: Question) -> bool:
        known = self._answers.get(question.ref)
        return known is not None and known[0] == question

    def _question(self, seen: Seen) -> Question | None:
        around = self._around(seen)
        if around is None:
            return None
        documents = tuple(one.sound for one in around if one.sound is not None)
        names = {name for document in documents for name in self._cache.targets_of(document)}
        targets, accounts = dict(self._targets(names)), dict(self._accounts(names))
        case = Case(documents, targets, accounts, self._cache.default_target)
        versions = tuple((one.uid, one.generation, one.asked) for one in around)
        return Question(seen.ref, case, (versions, targets, accounts))

    def _around(self, seen: Seen) -> list[Seen] | None:
        """The object and what it refers to, and so on, Targets aside; None where some of it is not sound or missing."""
        found = {seen.ref: seen}
        todo = [seen]
        while todo:
            one = todo.pop()
            if one.sound is None:
                return None
            for kinds, name in references_of(one.sound):
                if ManifestKind.TARGET in kinds:
                    continue
                other = self._cache.named(seen.ref.namespace, kinds, name)
                if other is None:
                    return None
                if other.ref not in found:
                    found[other.ref] = other
                    todo.append(other)
        return list(found.values())

    def _targets(self, names: Iterable[TargetName]) -> Iterator[tuple[TargetName, Target]]:
        for name in names:
            found = self._cache.target(name)
            if found is not None:
                yield name, found[1]

    def _accounts(self, names: Iterable[TargetName]) -> Iterator[tuple[TargetName, Account]]:
        for name in names:
            opened = self._connections.get(name)
            if opened is not None:
                address = RUN_TARGET if name == self._cache.default_target else name
                yield address, opened.connection.account
