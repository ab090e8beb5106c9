"""Which statement or grant it is that decides."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Outcome, Reason, Source, Trace
from reconciler.policy.evaluate.explain import Case
from reconciler.policy.evaluate.question import Clause
from reconciler.policy.evaluate.requester import Naming
from reconciler.policy.evaluate.statements import ready
from reconciler.policy.statement import Effect

_DECIDES = MappingProxyType({
    Reason.KEY_POLICY: (Source.KEY_POLICY, Effect.ALLOW),
    Reason.IDENTITY_POLICY: (Source.IDENTITY_POLICY, Effect.ALLOW),
    Reason.BOTH_ACCOUNTS: (Source.KEY_POLICY, Effect.ALLOW),
    Reason.ROOT_USER: (Source.KEY_POLICY, Effect.ALLOW),
    Reason.GRANT: (Source.GRANT, Effect.ALLOW),
    Reason.DENIED_BY_KEY_POLICY: (Source.KEY_POLICY, Effect.DENY),
    Reason.DENIED_BY_IDENTITY_POLICY: (Source.IDENTITY_POLICY, Effect.DENY),
    Reason.DENIED_BY_BOUNDARY: (Source.BOUNDARY, Effect.DENY),
    Reason.DENIED_BY_SESSION_POLICY: (Source.SESSION_POLICY, Effect.DENY),
    Reason.DENIED_BY_SERVICE_CONTROL: (Source.SERVICE_CONTROL, Effect.DENY),
    Reason.DENIED_BY_RESOURCE_CONTROL: (Source.RESOURCE_CONTROL, Effect.DENY),
    Reason.IDENTITY_POLICIES_UNKNOWN: (Source.KEY_POLICY, Effect.ALLOW),
})  # fmt: skip
"""Where the decider of a reason is. The other reasons are that nothing allows."""


def decider(case: Case, reason: Reason, trace: Iterable[Trace]) -> Trace | None:
    """The entry of `trace` that is the reason's cause; of several, the one that names the requester most directly."""
    if reason is Reason.UNPARSABLE_POLICY:
        return next((one for one in trace if one.outcome is Outcome.UNPARSABLE), None)
    source, effect = _DECIDES.get(reason, (None, None))
    matched = [one for one in trace if one.outcome is Outcome.MATCHED]
    found = [one for one in matched if one.source is source and one.effect is effect]
    if isinstance(case.key_policy, PolicyDocument) and source is Source.KEY_POLICY and effect is Effect.ALLOW:
        statements = ready(case.key_policy)
        found = sorted(found, key=lambda one: -_naming(statements[one.index].apply(case.question)))
    if not found and reason is Reason.IDENTITY_POLICIES_UNKNOWN:
        found = [one for one in matched if one.source is Source.GRANT]
    return next(iter(found), None)


def _naming(applied: Clause | Outcome) -> Naming:
    return applied.naming if isinstance(applied, Clause) else Naming.NONE
