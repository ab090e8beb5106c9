"""Which condition keys policies look at, and a question neither says nor rules out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.policy.access.ask import Ask
from reconciler.policy.access.known import Known, absent_of
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Facts, Prepared

_SAID: Final = ("kms:viaservice", "aws:calledvia", "kms:encryptioncontext")
"""What a question says by saying nothing of a service, or of an encryption context."""


def missing_of(prepared: Prepared, ask: Ask, facts: Facts) -> tuple[str, ...]:
    """The condition keys, as policies spell them, sorted."""
    known = Known(facts, ask.action.lower(), absent_of(prepared.case.question.requester))
    spelled = {name.lower(): name for name in sorted(_names(prepared))}
    needs = (name for name in prepared.needs if not known.settles(frozenset({name})))
    return tuple(sorted(spelled.get(name, name) for name in needs if not name.startswith(_SAID)))


def _names(prepared: Prepared) -> Iterator[str]:
    for _, _, document in prepared.case.policies():
        for statement in document.statements if isinstance(document, PolicyDocument) else ():
            yield from (condition.key for condition in statement.conditions)
