"""Whether one request is allowed, by key policy, IAM policies and grants, and why. Pure; it knows nothing of a KMS.

Used by the bundled KMS for every call; docs/adr/0016-how-a-request-is-decided.md has the rules.
"""

from reconciler.policy.document import parse_identity_policy, parse_trust_policy
from reconciler.policy.evaluate.cross_account import works_across_accounts
from reconciler.policy.evaluate.decision import Decision, Outcome, Reason, Source, Trace
from reconciler.policy.evaluate.grants import narrows
from reconciler.policy.evaluate.inputs import (
    Controlled,
    Facts,
    GrantFacts,
    IdentityPolicies,
    NamedPolicy,
    Unparsable,
)
from reconciler.policy.evaluate.lockout import locks_out
from reconciler.policy.evaluate.prepare import Prepared, prepare
from reconciler.policy.evaluate.requester import Requester, RequesterKind, is_service_linked
from reconciler.policy.evaluate.retirement import decide_retirement

__all__ = [
    "Controlled",
    "Decision",
    "Facts",
    "GrantFacts",
    "IdentityPolicies",
    "NamedPolicy",
    "Outcome",
    "Prepared",
    "Reason",
    "Requester",
    "RequesterKind",
    "Source",
    "Trace",
    "Unparsable",
    "decide_retirement",
    "is_service_linked",
    "locks_out",
    "narrows",
    "parse_identity_policy",
    "parse_trust_policy",
    "prepare",
    "works_across_accounts",
]
