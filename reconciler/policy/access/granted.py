"""What grants allow, with their constraints as conditions.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.kit.printable import printable
from reconciler.policy.conditions import Condition
from reconciler.policy.evaluate import GrantFacts, Outcome, Source, Trace
from reconciler.policy.evaluate.grants import CARRY_CONTEXT, named_by, operation_of
from reconciler.policy.evaluate.question import Question
from reconciler.policy.evaluate.requester import Naming, Requester
from reconciler.policy.statement import Effect

_PAIR = "kms:EncryptionContext:"
_KEYS = "kms:EncryptionContextKeys"
_RETIRE = "RetireGrant"


def granted(grants: Iterable[GrantFacts], question: Question) -> Iterator[tuple[Trace, tuple[Condition, ...], Naming]]:
    """The grants that are about `question`: as causes, their constraints, and how each includes the requester."""
    operation = operation_of(question.action)
    for index, grant in enumerate(grants):
        naming = _naming(grant, question.requester, operation)
        if operation is not None and naming is not Naming.NONE:
            yield cause_of(grant, index), tuple(_constraints(grant, operation)), naming


def cause_of(grant: GrantFacts, index: int) -> Trace:
    """`grant`, the one with this index, as what decides."""
    return Trace(Source.GRANT, printable(grant.grant_id), index, None, Effect.ALLOW, Outcome.MATCHED)


def _naming(grant: GrantFacts, requester: Requester, operation: str | None) -> Naming:
    """How the grant lets the requester do the operation: to retire it, also as its retiring principal."""
    found = named_by(grant.grantee, requester) if operation in grant.operations else Naming.NONE
    if operation == _RETIRE and grant.retiring is not None:
        return max(found, named_by(grant.retiring, requester))
    return found


def _constraints(grant: GrantFacts, operation: str) -> Iterator[Condition]:
    if grant.source_arn is not None and operation != _RETIRE:
        yield Condition("StringEquals", "aws:SourceArn", (grant.source_arn,))
    if operation not in CARRY_CONTEXT:
        return
    yield from _pairs(grant.context_equals or grant.context_subset or {})
    if grant.context_equals is not None:
        yield Condition("ForAllValues:StringEquals", _KEYS, tuple(sorted(grant.context_equals)))


def _pairs(context: Mapping[str, str]) -> Iterator[Condition]:
    for name, value in sorted(context.items()):
        yield Condition("StringEquals", f"{_PAIR}{name}", (value,))
