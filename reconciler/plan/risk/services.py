"""AWS services that a new key policy would cut off from what they encrypted, and grants that it would deny.

A grant lives on when its issuer may make no more of them; what ends it beside its revocation is an explicit Deny
(https://docs.aws.amazon.com/kms/latest/developerguide/grants.html).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reconciler.kit.printable import printable
from reconciler.plan.access.diff import AccessChange
from reconciler.plan.access.reach import Way
from reconciler.plan.changes import Risk, RiskLevel
from reconciler.policy.access import Ask, KeyFacts, Standing, can
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import GrantFacts, Outcome, Source
from reconciler.policy.principals import is_service
from reconciler.policy.statement import Effect

_DENIES = (Source.KEY_POLICY, Outcome.MATCHED, Effect.DENY)
_ATTACH = "kms:CreateGrant"


def cut_off(access: tuple[AccessChange, ...], *, in_use: bool) -> Iterator[Risk]:
    """What services lose: `service-cut-off` where nothing is left of it and the key may be in use."""
    for lost in access:
        if lost.gained or lost.way not in (Way.KEY_POLICY, Way.DENIAL):
            continue
        left = {action for one in access if one.gained and one.principal == lost.principal for action in one.actions}
        gone = [action for action in lost.actions if action not in left]
        wholly = bool(gone) and not (lost.way is Way.DENIAL and lost.conditions)
        if is_service(lost.principal) and wholly and in_use:
            yield Risk(RiskLevel.DANGER, "service-cut-off", _of_service(lost, gone))
        elif is_service(lost.principal):
            yield Risk(RiskLevel.CAUTION, "service-access", _of_service(lost, gone))
        elif _ATTACH in gone and lost.way is Way.KEY_POLICY:
            why = f"{printable(lost.principal)} loses {_ATTACH}: services that it lets use the key get no new grants"
            yield Risk(RiskLevel.CAUTION, "service-access", why)


def _of_service(lost: AccessChange, gone: list[str]) -> str:
    how = f"loses {gone[0]}" if gone else f"keeps {lost.actions[0]} under other conditions"
    return f"{printable(lost.principal)} {how}: what it does with the key may fail"


def denied_grants(key: KeyFacts, before: PolicyDocument | None, grants: Iterable[GrantFacts]) -> Iterator[Risk]:
    """`grant-denied` for each of `grants` that `key`, as it is to be, denies and the policy `before` does not."""
    if not isinstance(key.policy, PolicyDocument) or not any(s.effect is Effect.DENY for s in key.policy.statements):
        return
    for grant in grants:
        for operation in sorted(grant.operations):
            why = _denial(replace(key, grants=(grant,)), before, grant, operation)
            if why:
                yield Risk(RiskLevel.DANGER, "grant-denied", why)
                break


def _denial(key: KeyFacts, before: PolicyDocument | None, grant: GrantFacts, operation: str) -> str:
    """Why the grantee could not do `operation` any more; empty when it could, or could not before."""
    facts = {"aws:sourcearn": (grant.source_arn,)} if grant.source_arn else {}
    context = grant.context_equals or grant.context_subset or {}
    ask = Ask(grant.grantee, f"kms:{operation}", context=context, facts=facts)
    after = can(key, ask)
    if after.standing is not Standing.DENIED:
        return ""
    if before is not None and can(replace(key, policy=before), ask).standing is Standing.DENIED:
        return ""
    by = next((t for t in after.trace if (t.source, t.outcome, t.effect) == _DENIES), None)
    said = f", by statement {printable(by.sid) if by.sid else by.index + 1}" if by else ""
    return f"{printable(grant.grantee)} is denied {operation}, for which it has the grant {grant.grant_id}{said}"
