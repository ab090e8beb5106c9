"""Requests for a key of another account: both accounts must allow, and only some operations work."""

from reconciler.policy.evaluate import Reason
from tests.policy.evaluate.world import (
    ALIAS,
    API,
    DELEGATE,
    IAM,
    KMS,
    STRANGER,
    THEIR_ROLE,
    THEIR_ROOT,
    THEIR_SESSION,
    THEM,
    Case,
    allow,
    deny,
    grant,
)  # fmt: skip

EXTERNAL = f"{KMS}key-policy-modifying-external-accounts.html"
BOTH = f"{IAM}reference_policies_evaluation-logic-cross-account.html"
EXAMPLE = f"{KMS}policy-evaluation.html#example-cross-acct"
ORGANISATION = f"{IAM}reference_policies_condition-keys.html#condition-keys-principalorgid"
ALL = [allow()]

CASES = [
    Case("both accounts allow", EXAMPLE, [DELEGATE, allow(THEIR_ROOT)], Reason.BOTH_ACCOUNTS, who=STRANGER,
         identity=ALL),
    Case("the role of the example", EXAMPLE, [DELEGATE, allow(THEIR_ROOT, ["kms:Encrypt", "kms:Decrypt"])],
         Reason.BOTH_ACCOUNTS, who=THEIR_SESSION, identity=[allow(None, "kms:Decrypt")]),
    Case("the key policy alone does not suffice", EXTERNAL, [allow(THEIR_ROOT)], Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
         who=STRANGER),
    Case("an identity policy alone does not suffice", EXTERNAL, [DELEGATE], Reason.NOT_ALLOWED_BY_KEY_POLICY,
         who=STRANGER, identity=ALL),
    Case("a named user needs an identity policy too", EXTERNAL, [allow(STRANGER)],
         Reason.NOT_ALLOWED_BY_IDENTITY_POLICY, who=STRANGER),
    Case("a named user with an identity policy", EXTERNAL, [allow(STRANGER)], Reason.BOTH_ACCOUNTS, who=STRANGER,
         identity=ALL),
    Case("a named role with an identity policy", EXTERNAL, [allow(THEIR_ROLE)], Reason.BOTH_ACCOUNTS,
         who=THEIR_SESSION, identity=ALL),
    Case("a named session with an identity policy", EXTERNAL, [allow(THEIR_SESSION)], Reason.BOTH_ACCOUNTS,
         who=THEIR_SESSION, identity=ALL),
    Case("a named session without", EXTERNAL, [allow(THEIR_SESSION)], Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
         who=THEIR_SESSION),
    Case("whoever is not named has no use of an identity policy", EXTERNAL, [allow(THEIR_ROLE)],
         Reason.NOT_ALLOWED_BY_KEY_POLICY, who=STRANGER, identity=ALL),
    Case("everybody still needs an identity policy", EXTERNAL, [allow("*")], Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
         who=STRANGER),
    Case("everybody with an identity policy", EXTERNAL, [allow("*")], Reason.BOTH_ACCOUNTS, who=STRANGER, identity=ALL),
    Case("the key policy limits the actions", EXTERNAL, [allow(THEIR_ROOT, "kms:Encrypt")],
         Reason.NOT_ALLOWED_BY_KEY_POLICY, who=STRANGER, identity=ALL),
    Case("the identity policy limits the actions", EXTERNAL, [allow(THEIR_ROOT)],
         Reason.NOT_ALLOWED_BY_IDENTITY_POLICY, who=STRANGER, identity=[allow(None, "kms:Encrypt")]),
    Case("the identity policy names another key", EXTERNAL, [allow(THEIR_ROOT)], Reason.NOT_ALLOWED_BY_IDENTITY_POLICY,
         who=STRANGER, identity=[allow(None, Resource=f"arn:aws:kms:*:{THEM}:key/*")]),
    Case("their root user needs no identity policy", BOTH, [allow(THEM)], Reason.BOTH_ACCOUNTS, who=THEIR_ROOT,
         root=True),
    Case("their root user needs the key policy", BOTH, [DELEGATE], Reason.NOT_ALLOWED_BY_KEY_POLICY, who=THEIR_ROOT,
         root=True),
    Case("the key's account denies", BOTH, [allow(THEIR_ROOT), deny(STRANGER)], Reason.DENIED_BY_KEY_POLICY,
         who=STRANGER, identity=ALL),
    Case("the requester's account denies", BOTH, [allow(THEIR_ROOT)], Reason.DENIED_BY_IDENTITY_POLICY, who=STRANGER,
         identity=[*ALL, deny()]),
    Case("unknown identity policies do not allow", BOTH, [allow(STRANGER)], Reason.IDENTITY_POLICIES_UNKNOWN,
         who=STRANGER, unknown=True),
    Case("a condition on the caller's account holds", f"{KMS}conditions-kms.html#conditions-kms-caller-account",
         [allow("*", Condition={"StringEquals": {"kms:CallerAccount": THEM}})], Reason.BOTH_ACCOUNTS, who=STRANGER,
         identity=ALL, facts={"kms:calleraccount": THEM}),
    Case("a condition on the caller's organisation fails", ORGANISATION,
         [allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}})],
         Reason.NOT_ALLOWED_BY_KEY_POLICY, who=STRANGER, identity=ALL, facts={"aws:principalorgid": "o-other"}),
    Case("a condition on the caller's organisation holds", ORGANISATION,
         [allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}})], Reason.BOTH_ACCOUNTS,
         who=STRANGER, identity=ALL, facts={"aws:principalorgid": "o-exampleorg"}),
    Case("a grant suffices", EXTERNAL, [DELEGATE], Reason.GRANT, who=STRANGER, grants=(grant(STRANGER, "Decrypt"),)),
    Case("a grant does not help against a deny", EXTERNAL, [deny(THEIR_ROOT)], Reason.DENIED_BY_KEY_POLICY,
         who=STRANGER, grants=(grant(STRANGER, "Decrypt"),)),
    Case("an alias of another account cannot be made", f"{API}API_CreateAlias.html", None, Reason.NOT_ACROSS_ACCOUNTS,
         who=STRANGER, action="kms:CreateAlias", resource=ALIAS, identity=ALL),
    *(
        Case(f"{operation} works", f"{API}API_{page}.html", [allow(THEIR_ROOT)], Reason.BOTH_ACCOUNTS, who=STRANGER,
             action=f"kms:{operation}", identity=ALL)
        for operation, page in (
            ("Encrypt", "Encrypt"), ("ReEncryptFrom", "ReEncrypt"), ("ReEncryptTo", "ReEncrypt"),
            ("DescribeKey", "DescribeKey"), ("CreateGrant", "CreateGrant"), ("ListGrants", "ListGrants"),
            ("RevokeGrant", "RevokeGrant"), ("GetKeyRotationStatus", "GetKeyRotationStatus"),
            ("GetPublicKey", "GetPublicKey"), ("VerifyMac", "VerifyMac"), ("Decapsulate", "Decapsulate"),
        )
    ),
    *(
        Case(f"{operation} does not work", f"{API}API_{operation}.html", [allow(THEIR_ROOT)],
             Reason.NOT_ACROSS_ACCOUNTS, who=STRANGER, action=f"kms:{operation}", identity=ALL)
        for operation in (
            "PutKeyPolicy", "GetKeyPolicy", "ScheduleKeyDeletion", "EnableKey", "TagResource", "ListResourceTags",
            "UpdateAlias", "ReplicateKey", "RotateKeyOnDemand", "ImportKeyMaterial",
        )
    ),
    Case("a service principal is of no other account", f"{API}API_PutKeyPolicy.html",
         [allow({"Service": "backup.amazonaws.com"})], Reason.KEY_POLICY, who="backup.amazonaws.com",
         action="kms:PutKeyPolicy"),
    Case("other services' actions are not KMS's to limit", BOTH, [allow(THEIR_ROOT, "sts:AssumeRole")],
         Reason.BOTH_ACCOUNTS, who=STRANGER, action="sts:AssumeRole", identity=[allow(None, "sts:*")]),
]  # fmt: skip
