"""What could go wrong with a new key policy, whatever the key."""

from __future__ import annotations

from functools import lru_cache

from reconciler.model.observed import Account
from reconciler.plan.access.keyfacts import parsed
from reconciler.plan.changes import Risk
from reconciler.plan.risk.exposure import exposure_risks
from reconciler.plan.risk.lockout import lockout_risks
from reconciler.policy.document import PolicyDocument, parse_document

_CACHED = 1024
"""Many keys share few policies."""


@lru_cache(maxsize=_CACHED)
def policy_risks(account: Account, policy: str, before: str | None) -> tuple[Risk, ...]:
    """Of putting `policy` in the place of `before`, as the caller in `account`.

    After a policy that cannot be read, whatever the new one allows counts as new.

    Raises:
        InvalidPolicy: `policy` has faults.
    """
    new, old = parsed(policy), parsed(before) if before else None
    after = new if isinstance(new, PolicyDocument) else parse_document(policy)
    known = old if isinstance(old, PolicyDocument) else None
    return (*lockout_risks(after, known, account), *exposure_risks(after, known, account))
