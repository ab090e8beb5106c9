"""What one policy, or all policies of one kind, can say to one question."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate.decision import Outcome
from reconciler.policy.evaluate.inputs import NamedPolicy, Unparsable
from reconciler.policy.evaluate.question import Clause, Question
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.evaluate.statements import about
from reconciler.policy.statement import Effect

Counts = Callable[[Clause], bool]
"""Which clauses to count: by a request's facts, or whatever the facts."""


def unconditional(clause: Clause) -> bool:
    """Counts what applies whatever the facts."""
    return not clause.checks


def possible(_: Clause) -> bool:
    """Counts whatever may apply."""
    return True


@dataclass(frozen=True, slots=True)
class Ruling:
    """The clauses of one policy, or of several, that are about a question."""

    denies: tuple[Clause, ...] = ()
    allows: tuple[Clause, ...] = ()
    """The most direct first."""
    any_resource: bool = True
    """It would be the same for every resource."""

    def allowed(self, counts: Counts) -> Naming:
        """The most direct way in which an Allow that counts names the requester."""
        for clause in self.allows:
            if counts(clause):
                return clause.naming
        return Naming.NONE


def ruling(documents: Iterable[PolicyDocument], question: Question) -> Ruling:
    """What `documents` can say to `question`."""
    denies: list[Clause] = []
    allows: list[Clause] = []
    any_resource = True
    for _, statement in (named for document in documents for named in about(document, question)):
        clause = statement.apply(question)
        if isinstance(clause, Clause):
            (denies if statement.statement.effect is Effect.DENY else allows).append(clause)
            any_resource = any_resource and statement.any_resource
        elif clause is Outcome.OTHER_RESOURCE:
            any_resource = False
    allows.sort(key=lambda clause: clause.naming, reverse=True)
    return Ruling(tuple(denies), tuple(allows), any_resource)


def readable(policies: Iterable[NamedPolicy | None]) -> tuple[PolicyDocument, ...] | None:
    """The documents of `policies`, or None when one of them cannot be read."""
    documents = [policy.document for policy in policies if policy is not None]
    read = tuple(document for document in documents if not isinstance(document, Unparsable))
    return read if len(read) == len(documents) else None
