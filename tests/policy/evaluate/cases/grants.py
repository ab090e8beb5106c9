"""What grants allow: operations, grantees and constraints."""

from reconciler.policy.evaluate import Reason
from tests.policy.evaluate.world import (
    ALICE,
    API,
    APP,
    BOB,
    DELEGATE,
    FEDERATED,
    KMS,
    ROOT,
    SESSION,
    US,
    Case,
    allow,
    deny,
    grant,
)  # fmt: skip

GRANTS = f"{KMS}grants.html"
CONSTRAINTS = f"{API}API_GrantConstraints.html"
OPERATIONS = f"{KMS}grants.html#terms-grant-operations"
NO = Reason.NOT_ALLOWED_BY_IDENTITY_POLICY
IT = {"Department": "IT"}
WIDER = {"Department": "IT", "Purpose": "Test"}
DYNAMODB = "dynamodb.us-west-2.amazonaws.com"
TABLE = f"arn:aws:dynamodb:us-west-2:{US}:table/Services"


def _constrained(name, expect, *, action="kms:Decrypt", context=None, **constraints):
    given = grant(ALICE, "Decrypt", "DescribeKey", "RetireGrant", "Sign", "CreateGrant", **constraints)
    return Case(name, CONSTRAINTS, [DELEGATE], expect, action=action, context=context or {}, grants=(given,))


CASES = [
    Case("a grant allows its grantee", GRANTS, [DELEGATE], Reason.GRANT, grants=(grant(ALICE, "Decrypt"),)),
    Case("a grant counts without any word of the key policy", GRANTS, [allow(BOB)], Reason.GRANT,
         grants=(grant(ALICE, "Decrypt"),)),
    Case("no grant, no access", GRANTS, [DELEGATE], NO),
    Case("another operation", OPERATIONS, [DELEGATE], NO, grants=(grant(ALICE, "Encrypt"),)),
    Case("another grantee", GRANTS, [DELEGATE], NO, grants=(grant(BOB, "Decrypt"),)),
    Case("one of several grants", GRANTS, [DELEGATE], Reason.GRANT,
         grants=(grant(BOB, "Decrypt"), grant(ALICE, "Encrypt"), grant(ALICE, "Decrypt"))),
    Case("a grant to a role is for its sessions", GRANTS, [DELEGATE], Reason.GRANT, who=SESSION,
         grants=(grant(APP, "Decrypt"),)),
    Case("a grant to a role is for no other role's sessions", GRANTS, [DELEGATE], NO,
         who=f"arn:aws:sts::{US}:assumed-role/apple/x", grants=(grant(APP, "Decrypt"),)),
    Case("a grant to a session is for no other session", GRANTS, [DELEGATE], NO, who=f"{SESSION}x",
         grants=(grant(SESSION, "Decrypt"),)),
    Case("a grant to a federated user", GRANTS, [DELEGATE], Reason.GRANT, who=FEDERATED,
         grants=(grant(FEDERATED, "Decrypt"),)),
    Case("a grant to the account is for whom its IAM policies say", GRANTS, [allow(BOB)], Reason.GRANT,
         identity=[allow()], grants=(grant(ROOT, "Decrypt"),)),
    Case("a grant to the account without an identity policy", GRANTS, [allow(BOB)], Reason.NOT_ALLOWED_BY_KEY_POLICY,
         grants=(grant(US, "Decrypt"),)),
    Case("a grant to the account is for its root user", GRANTS, [allow(BOB)], Reason.GRANT, who=ROOT, root=True,
         grants=(grant(ROOT, "Decrypt"),)),
    Case("a grant to nobody in particular is for nobody", GRANTS, [DELEGATE], NO, grants=(grant("*", "Decrypt"),)),
    Case("a grant to a service", GRANTS, [DELEGATE], Reason.GRANT, who=DYNAMODB, grants=(grant(DYNAMODB, "Decrypt"),)),
    Case("a grant to another service", GRANTS, [DELEGATE], Reason.NOT_ALLOWED_BY_KEY_POLICY, who=DYNAMODB,
         grants=(grant("ebs.amazonaws.com", "Decrypt"),)),
    Case("an explicit deny of the key policy wins over a grant", GRANTS, [DELEGATE, deny(ALICE)],
         Reason.DENIED_BY_KEY_POLICY, grants=(grant(ALICE, "Decrypt"),)),
    Case("an explicit deny of an identity policy wins over a grant", GRANTS, [DELEGATE],
         Reason.DENIED_BY_IDENTITY_POLICY, identity=[deny()], grants=(grant(ALICE, "Decrypt"),)),
    Case("a deny whose condition fails leaves the grant", GRANTS,
         [deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}})], Reason.GRANT,
         facts={"aws:securetransport": "true"}, grants=(grant(ALICE, "Decrypt"),)),
    Case("administration cannot be granted", OPERATIONS, [DELEGATE], NO, action="kms:PutKeyPolicy",
         grants=(grant(ALICE, "PutKeyPolicy"),)),
    Case("ReEncrypt is two operations, from", OPERATIONS, [DELEGATE], Reason.GRANT, action="kms:ReEncryptFrom",
         grants=(grant(ALICE, "ReEncryptFrom"),)),
    Case("ReEncrypt is two operations, to", OPERATIONS, [DELEGATE], NO, action="kms:ReEncryptTo",
         grants=(grant(ALICE, "ReEncryptFrom"),)),
    Case("the case of an action does not count", OPERATIONS, [DELEGATE], Reason.GRANT, action="KMS:decrypt",
         grants=(grant(ALICE, "Decrypt"),)),
    Case("a grant does not matter to whom a policy allows", GRANTS, [allow(ALICE)], Reason.KEY_POLICY,
         grants=(grant(ALICE, "Decrypt"),)),
    Case("unknown identity policies do not hinder a grant", GRANTS, [DELEGATE], Reason.GRANT, unknown=True,
         grants=(grant(ALICE, "Decrypt"),)),
    _constrained("the context is equal", Reason.GRANT, context=IT, context_equals=IT),
    _constrained("the context is wider than equal", NO, context=WIDER, context_equals=IT),
    _constrained("the context is narrower than equal", NO, context=IT, context_equals=WIDER),
    _constrained("there is no context to be equal", NO, context_equals=IT),
    _constrained("an equal context in another order", Reason.GRANT, context=dict(reversed(WIDER.items())),
                 context_equals=WIDER),
    _constrained("the case of a key does not count", Reason.GRANT, context={"department": "IT"}, context_equals=IT),
    _constrained("the case of a value counts", NO, context={"Department": "it"}, context_equals=IT),
    _constrained("keys that differ by case alone are two", NO, context={"department": "IT", "Department": "IT"},
                 context_equals=IT),
    _constrained("the context includes the subset", Reason.GRANT, context=WIDER, context_subset=IT),
    _constrained("the context is the subset", Reason.GRANT, context=IT, context_subset=IT),
    _constrained("the context lacks the subset", NO, context={"Purpose": "Test"}, context_subset=IT),
    _constrained("the context has another value", NO, context={"Department": "HR"}, context_subset=IT),
    _constrained("both constraints must hold", NO, context=WIDER, context_subset=IT, context_equals=IT),
    _constrained("DescribeKey has no context to constrain", Reason.GRANT, action="kms:DescribeKey", context_equals=IT),
    _constrained("RetireGrant has no context to constrain", Reason.GRANT, action="kms:RetireGrant", context_equals=IT),
    _constrained("Sign has no context to constrain", Reason.GRANT, action="kms:Sign", context_equals=IT),
    _constrained("CreateGrant's own constraint is for the child grant", Reason.GRANT, action="kms:CreateGrant",
                 context_equals=IT),
    Case("on behalf of the resource", CONSTRAINTS, [DELEGATE], Reason.GRANT, who=DYNAMODB,
         facts={"aws:sourcearn": TABLE}, grants=(grant(DYNAMODB, "Decrypt", source_arn=TABLE),)),
    Case("on behalf of another resource", CONSTRAINTS, [DELEGATE], Reason.NOT_ALLOWED_BY_KEY_POLICY, who=DYNAMODB,
         facts={"aws:sourcearn": f"{TABLE}2"}, grants=(grant(DYNAMODB, "Decrypt", source_arn=TABLE),)),
    Case("on behalf of nothing", CONSTRAINTS, [DELEGATE], Reason.NOT_ALLOWED_BY_KEY_POLICY, who=DYNAMODB,
         grants=(grant(DYNAMODB, "Decrypt", source_arn=TABLE),)),
    Case("DescribeKey on behalf of nothing", CONSTRAINTS, [DELEGATE], Reason.NOT_ALLOWED_BY_KEY_POLICY, who=DYNAMODB,
         action="kms:DescribeKey", grants=(grant(DYNAMODB, "DescribeKey", source_arn=TABLE),)),
    Case("RetireGrant on behalf of nothing", CONSTRAINTS, [DELEGATE], Reason.GRANT, who=DYNAMODB,
         action="kms:RetireGrant", grants=(grant(DYNAMODB, "RetireGrant", source_arn=TABLE),)),
]  # fmt: skip
