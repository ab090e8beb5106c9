"""Service control policies and resource control policies: what AWS's pages say of whom they limit, and of whom not."""

from reconciler.policy.evaluate import Reason, Unparsable
from tests.policy.evaluate.world import (
    ALICE,
    APP,
    DELEGATE,
    FEDERATED,
    KMS,
    ROOT,
    S3,
    SESSION,
    STRANGER,
    THEIR_ROLE,
    THEIR_SESSION,
    US,
    Case,
    allow,
    deny,
    grant,
)  # fmt: skip

ORG = "https://docs.aws.amazon.com/organizations/latest/userguide/"
LEVELS = f"{ORG}orgs_manage_policies_scps_evaluation.html"
SCP = f"{ORG}orgs_manage_policies_scps.html#scp-effects-on-permissions"
UNLIMITED = f"{ORG}orgs_manage_policies_scps.html#not-restricted-by-scp"
RCP = f"{ORG}orgs_manage_policies_rcps.html#rcp-effects-on-permissions"
UNCONTROLLED = f"{ORG}orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps"
IN_KMS = f"{KMS}resource-control-policies.html"

FULL = [allow(None, "*")]
NO_KMS = [allow(None, "s3:*")]
NEVER = [allow(None, "*"), deny(None, "kms:Decrypt")]
HERE = [allow(None, "*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}})]
ABROAD = [*FULL, deny(None, "*", Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}})]
SPARED = [*FULL, deny(None, "kms:*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/app"}})]
OURS = {
    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}
PERIMETER = [deny("*", "kms:*", Condition=OURS)]
DEPUTY = [deny("*", "kms:*", Condition={
    "StringNotEqualsIfExists": {"aws:SourceOrgID": "o-ours"},
    "Null": {"aws:SourceAccount": "false"},
    "Bool": {"aws:PrincipalIsAWSService": "true"},
})]  # fmt: skip
CLOSED = [deny("*", "kms:*")]

LINKED = f"arn:aws:iam::{US}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
LINKED_SESSION = f"arn:aws:sts::{US}:assumed-role/AWSServiceRoleForAutoScaling/i-0abc"
IN_ORG = {"aws:principalorgid": "o-ours", "aws:principalisawsservice": "false"}
ELSEWHERE = {"aws:principalorgid": "o-theirs", "aws:principalisawsservice": "false"}
NO_SCP = Reason.NOT_ALLOWED_BY_SERVICE_CONTROL
BY_SCP = Reason.DENIED_BY_SERVICE_CONTROL
BY_RCP = Reason.DENIED_BY_RESOURCE_CONTROL
LEFT = [DELEGATE]
OPEN = [allow(ALICE), allow(APP), allow(Principal={"Service": S3})]

CASES = [
    Case("a policy of the organisation gives nothing", SCP, [allow(APP)], Reason.NOT_ALLOWED_BY_KEY_POLICY, scp=[FULL]),
    Case("every level allows", LEVELS, OPEN, Reason.KEY_POLICY, scp=[FULL, FULL, FULL]),
    Case("one level allows too little", LEVELS, OPEN, NO_SCP, scp=[FULL, NO_KMS, FULL]),
    Case("the root of the organisation allows too little", LEVELS, OPEN, NO_SCP, scp=[NO_KMS, FULL]),
    Case("a level without a policy allows nothing", LEVELS, OPEN, NO_SCP, scp=[FULL, None]),
    Case("a level denies", LEVELS, OPEN, BY_SCP, scp=[FULL, NEVER]),
    Case("an account below a level that denies", LEVELS, OPEN, BY_SCP, scp=[NEVER, FULL]),
    Case("an allow under a condition that holds", LEVELS, OPEN, Reason.KEY_POLICY, scp=[HERE],
         facts={"aws:requestedregion": "us-east-1"}),
    Case("an allow under a condition that does not hold", LEVELS, OPEN, NO_SCP, scp=[HERE],
         facts={"aws:requestedregion": "eu-west-1"}),
    Case("a Region that is denied", LEVELS, OPEN, BY_SCP, scp=[ABROAD], facts={"aws:requestedregion": "eu-west-1"}),
    Case("a Region that is not denied", LEVELS, OPEN, Reason.KEY_POLICY, scp=[ABROAD],
         facts={"aws:requestedregion": "us-east-1"}),
    Case("a role that a policy spares", LEVELS, OPEN, Reason.KEY_POLICY, who=SESSION, scp=[SPARED],
         facts={"aws:principalarn": APP}),
    Case("a user whom a policy does not spare", LEVELS, OPEN, BY_SCP, scp=[SPARED], facts={"aws:principalarn": ALICE}),
    Case("IAM policies are limited", SCP, LEFT, NO_SCP, identity=[allow()], scp=[NO_KMS]),
    Case("IAM policies within the limit", SCP, LEFT, Reason.IDENTITY_POLICY, identity=[allow()], scp=[FULL]),
    Case("the limit comes before IAM policies", SCP, LEFT, NO_SCP, scp=[NO_KMS]),
    Case("a session whose own ARN the key policy names is limited", SCP, [allow(SESSION)], NO_SCP, who=SESSION,
         scp=[NO_KMS]),
    Case("a federated user is limited", SCP, [allow(FEDERATED)], NO_SCP, who=FEDERATED, scp=[NO_KMS]),
    Case("the root user of a member account is limited", SCP, LEFT, NO_SCP, who=ROOT, root=True, scp=[NO_KMS]),
    Case("the root user of a member account is denied", SCP, LEFT, BY_SCP, who=ROOT, root=True, scp=[NEVER]),
    Case("the root user within the limit", SCP, LEFT, Reason.KEY_POLICY, who=ROOT, root=True, scp=[FULL]),
    Case("the management account has none", UNLIMITED, OPEN, Reason.KEY_POLICY, scp=[]),
    Case("a role of a service is not limited", UNLIMITED, [allow(LINKED)], Reason.KEY_POLICY, who=LINKED_SESSION,
         linked=True, scp=[NEVER]),
    Case("a service is no principal of the account", UNLIMITED, OPEN, Reason.KEY_POLICY, who=S3),
    Case("a grant does not reach beyond the limit", SCP, LEFT, NO_SCP, who=SESSION, identity=[allow()],
         scp=[NO_KMS], grants=(grant(APP, "Decrypt"),)),
    Case("a grant to the very user does not reach beyond the limit", SCP, [allow(APP)], NO_SCP, scp=[NO_KMS],
         grants=(grant(ALICE, "Decrypt"),)),
    Case("a grant within the limit", SCP, [allow(APP)], Reason.GRANT, scp=[FULL], grants=(grant(ALICE, "Decrypt"),)),
    Case("a grant does not overcome a policy that denies", SCP, [allow(APP)], BY_SCP, scp=[NEVER],
         grants=(grant(ALICE, "Decrypt"),)),
    Case("across accounts the requester's organisation limits", SCP, [allow(THEIR_ROLE)], NO_SCP, who=THEIR_SESSION,
         identity=[allow()], scp=[NO_KMS]),
    Case("across accounts within the limit", SCP, [allow(THEIR_ROLE)], Reason.BOTH_ACCOUNTS, who=THEIR_SESSION,
         identity=[allow()], scp=[FULL]),
    Case("what is about no key is limited, too", SCP, None, NO_SCP, action="kms:CreateKey", resource="*",
         identity=[allow()], scp=[NO_KMS]),
    Case("a policy that cannot be read may deny", SCP, OPEN, Reason.UNPARSABLE_POLICY, scp=[Unparsable("no JSON")]),
    Case("the perimeter keeps strangers out", IN_KMS, [allow(STRANGER)], BY_RCP, who=STRANGER, identity=[allow()],
         rcp=PERIMETER, facts=ELSEWHERE),
    Case("the perimeter keeps out whoever is in no organisation", IN_KMS, [allow(STRANGER)], BY_RCP, who=STRANGER,
         identity=[allow()], rcp=PERIMETER, facts={"aws:principalisawsservice": "false",
                                                   "aws:principalorgid": "o-none"}),
    Case("the perimeter lets people of the organisation in", IN_KMS, OPEN, Reason.KEY_POLICY, rcp=PERIMETER,
         facts=IN_ORG),
    Case("the perimeter is not about services", IN_KMS, OPEN, Reason.KEY_POLICY, who=S3, rcp=PERIMETER,
         facts={"aws:principalisawsservice": "true"}),
    Case("a service that acts for another organisation", IN_KMS, OPEN, BY_RCP, who=S3, rcp=DEPUTY,
         facts={"aws:principalisawsservice": "true", "aws:sourceaccount": US, "aws:sourceorgid": "o-theirs"}),
    Case("a service that acts for the organisation", IN_KMS, OPEN, Reason.KEY_POLICY, who=S3, rcp=DEPUTY,
         facts={"aws:principalisawsservice": "true", "aws:sourceaccount": US, "aws:sourceorgid": "o-ours"}),
    Case("a service that does not say for whom it acts", IN_KMS, OPEN, Reason.KEY_POLICY, who=S3, rcp=DEPUTY,
         facts={"aws:principalisawsservice": "true"}),
    Case("the root user of the key's account is controlled", RCP, LEFT, BY_RCP, who=ROOT, root=True, rcp=CLOSED),
    Case("IAM policies are controlled", RCP, LEFT, BY_RCP, identity=[allow()], rcp=CLOSED),
    Case("a stranger of whom nothing is known is controlled", RCP, [allow(STRANGER)], BY_RCP, who=STRANGER,
         unknown=True, rcp=CLOSED),
    Case("a grant does not overcome a resource control policy", RCP, [allow(APP)], BY_RCP, rcp=CLOSED,
         grants=(grant(ALICE, "Decrypt"),)),
    Case("a resource control policy about other actions", RCP, OPEN, Reason.KEY_POLICY,
         rcp=[deny("*", "kms:ScheduleKeyDeletion")]),
    Case("a resource control policy about other keys", RCP, OPEN, Reason.KEY_POLICY,
         rcp=[deny("*", "kms:*", Resource=f"arn:aws:kms:us-east-1:{US}:key/other")]),
    Case("a role of a service is not controlled", UNCONTROLLED, [allow(LINKED)], Reason.KEY_POLICY, who=LINKED_SESSION,
         linked=True, rcp=CLOSED),
    Case("a role of a service, by its ARN", UNCONTROLLED, [allow(LINKED)], Reason.KEY_POLICY, who=LINKED, rcp=CLOSED),
    Case("who retires grants is not controlled", IN_KMS, [allow(ALICE, "kms:RetireGrant")], Reason.KEY_POLICY,
         action="kms:RetireGrant", rcp=CLOSED),
    Case("a resource control policy that cannot be read", RCP, OPEN, Reason.UNPARSABLE_POLICY,
         rcp=Unparsable("no JSON")),
]  # fmt: skip
