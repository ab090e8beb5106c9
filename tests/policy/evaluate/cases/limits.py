"""Permission boundaries and session policies: the table of AWS's page on the evaluation logic."""

from reconciler.policy.evaluate import Reason
from tests.policy.evaluate.world import (
    ALICE,
    APP,
    DELEGATE,
    FEDERATED,
    IAM,
    S3,
    SESSION,
    STRANGER,
    THEIR_ROLE,
    THEIR_SESSION,
    Case,
    allow,
    deny,
    grant,
)  # fmt: skip

TABLE = f"{IAM}reference_policies_evaluation-logic.html#policy-eval-denyallow"
BOUNDARY = f"{IAM}access_policies_boundaries.html"
SESSIONS = f"{IAM}access_policies.html#policies_session"
CROSS = f"{IAM}reference_policies_evaluation-logic-cross-account.html"
ALL = [allow()]
OTHER = [allow(None, "kms:Encrypt")]
IN_BOUNDARY = Reason.NOT_ALLOWED_BY_BOUNDARY
IN_SESSION = Reason.NOT_ALLOWED_BY_SESSION_POLICY

CASES = [
    Case("a role's ARN is limited by the boundary", TABLE, [allow(APP)], IN_BOUNDARY, who=SESSION, boundary=OTHER),
    Case("a role's ARN is limited by the session policy", TABLE, [allow(APP)], IN_SESSION, who=SESSION, session=OTHER),
    Case("a role's ARN within the boundary", TABLE, [allow(APP)], Reason.KEY_POLICY, who=SESSION, boundary=ALL),
    Case("a role's ARN within boundary and session policy", TABLE, [allow(APP)], Reason.KEY_POLICY, who=SESSION,
         boundary=ALL, session=ALL),
    Case("a role's ARN within the boundary, not the session policy", TABLE, [allow(APP)], IN_SESSION, who=SESSION,
         boundary=ALL, session=OTHER),
    Case("a session's ARN is not limited by the boundary", TABLE, [allow(SESSION)], Reason.KEY_POLICY, who=SESSION,
         boundary=OTHER),
    Case("a session's ARN is not limited by the session policy", TABLE, [allow(SESSION)], Reason.KEY_POLICY,
         who=SESSION, session=OTHER),
    Case("a user's ARN is not limited by the boundary", TABLE, [allow(ALICE)], Reason.KEY_POLICY, boundary=OTHER),
    Case("a federated user's ARN is not limited by the session policy", TABLE, [allow(FEDERATED)], Reason.KEY_POLICY,
         who=FEDERATED, session=OTHER),
    Case("a service has no limits", TABLE, [allow({"Service": S3})], Reason.KEY_POLICY, who=S3),
    Case("named by role and by session: the session counts", TABLE, [allow(APP), allow(SESSION)], Reason.KEY_POLICY,
         who=SESSION, boundary=OTHER),
    Case("a boundary denies explicitly whom the policy names", TABLE, [allow(ALICE)], Reason.DENIED_BY_BOUNDARY,
         boundary=[*ALL, deny(None, "kms:Decrypt")]),
    Case("a session policy denies explicitly whom the policy names", TABLE, [allow(SESSION)],
         Reason.DENIED_BY_SESSION_POLICY, who=SESSION, session=[*ALL, deny(None, "kms:Decrypt")]),
    Case("everybody is limited by the boundary", BOUNDARY, [allow("*")], IN_BOUNDARY, boundary=OTHER),
    Case("everybody within the boundary", BOUNDARY, [allow("*")], Reason.KEY_POLICY, boundary=ALL),
    Case("an identity policy within the boundary", BOUNDARY, [DELEGATE], Reason.IDENTITY_POLICY, identity=ALL,
         boundary=ALL),
    Case("an identity policy beyond the boundary", BOUNDARY, [DELEGATE], IN_BOUNDARY, identity=ALL, boundary=OTHER),
    Case("a boundary allows nothing by itself", BOUNDARY, [DELEGATE], Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
         boundary=ALL),
    Case("a boundary with a condition that fails", BOUNDARY, [DELEGATE], IN_BOUNDARY, identity=ALL,
         boundary=[allow(None, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})]),
    Case("a boundary with a condition that holds", BOUNDARY, [DELEGATE], Reason.IDENTITY_POLICY, identity=ALL,
         boundary=[allow(None, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})],
         facts={"aws:multifactorauthpresent": "true"}),
    Case("an identity policy within the session policy", SESSIONS, [DELEGATE], Reason.IDENTITY_POLICY, who=SESSION,
         identity=ALL, session=ALL),
    Case("an identity policy beyond the session policy", SESSIONS, [DELEGATE], IN_SESSION, who=SESSION, identity=ALL,
         session=OTHER),
    Case("a session policy allows nothing by itself", SESSIONS, [DELEGATE], Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
         who=SESSION, session=ALL),
    Case("boundary and session policy both limit", SESSIONS, [DELEGATE], IN_BOUNDARY, who=SESSION, identity=ALL,
         boundary=OTHER, session=OTHER),
    Case("CreateKey beyond the boundary", BOUNDARY, None, IN_BOUNDARY, action="kms:CreateKey", resource="*",
         identity=ALL, boundary=OTHER),
    Case("a stranger named by its ARN is limited in its own account", CROSS,
         [allow(STRANGER)], IN_BOUNDARY, who=STRANGER, identity=ALL, boundary=OTHER),
    Case("a stranger's session named by its ARN is limited in its own account", CROSS,
         [allow(THEIR_SESSION)], IN_SESSION, who=THEIR_SESSION, identity=ALL, session=OTHER),
    Case("a grant to a role is limited by the session policy", SESSIONS, [DELEGATE],
         Reason.NOT_ALLOWED_BY_IDENTITY_POLICY, who=SESSION, session=OTHER, grants=(grant(APP, "Decrypt"),)),
    Case("a grant to a role within its limits", SESSIONS, [DELEGATE], Reason.GRANT, who=SESSION, session=ALL,
         boundary=ALL, grants=(grant(APP, "Decrypt"),)),
    Case("a grant to a session is not limited", SESSIONS, [DELEGATE], Reason.GRANT, who=SESSION, session=OTHER,
         grants=(grant(SESSION, "Decrypt"),)),
    Case("a grant to another account's role within its limits", SESSIONS, [DELEGATE], Reason.GRANT, who=THEIR_SESSION,
         session=ALL, grants=(grant(THEIR_ROLE, "Decrypt"),)),
]  # fmt: skip
