"""Conditions as AWS's pages on KMS use them: services, encryption context, grants, tags, organisations, networks."""

from reconciler.policy.evaluate import Reason
from tests.policy.evaluate.world import ALICE, DELEGATE, IAM, KMS, ROOT, S3, SESSION, THEM, US, Case, allow, deny

CONDITIONS = f"{KMS}conditions-kms.html"
VIA = f"{CONDITIONS}#conditions-kms-via-service"
CONTEXT = f"{CONDITIONS}#conditions-kms-encryption-context"
CONTEXT_KEYS = f"{CONDITIONS}#conditions-kms-encryption-context-keys"
WINDOW = f"{CONDITIONS}#conditions-kms-schedule-key-deletion-pending-window-in-days"
DEPUTY = f"{IAM}confused-deputy.html"
ABAC = f"{KMS}abac.html"
GLOBAL = f"{IAM}reference_policies_condition-keys.html"
YES, NO, DENIED = Reason.KEY_POLICY, Reason.NOT_ALLOWED_BY_KEY_POLICY, Reason.DENIED_BY_KEY_POLICY
EC2 = "ec2.us-west-2.amazonaws.com"


def _if(name, page, condition, facts, expect=YES, **more):
    return Case(name, page, [allow(ALICE, Condition=condition)], expect, facts=facts, **more)


def _unless(name, page, condition, facts, expect=DENIED, **more):
    return Case(name, page, [allow(ALICE), deny("*", Condition=condition)], expect, facts=facts, **more)


VIA_S3 = {"StringEquals": {"kms:ViaService": ["s3.us-west-2.amazonaws.com", EC2]}}
DEPARTMENT = {"StringEquals": {"kms:EncryptionContext:Department": "IT"}}
NOT_WEBSERVER = {"StringNotEquals": {"kms:EncryptionContext:App": "web"}}
AS_MANAGED = {"StringEquals": {"kms:CallerAccount": US, "kms:ViaService": "s3.us-east-1.amazonaws.com"}}
AWS_RESOURCE = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
FOR_ACCOUNT = {
    "StringEquals": {"aws:SourceAccount": US},
    "ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{US}:trail/*"},
}
KNOWN_KEYS = {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["App", "Team"]}}
SAME_PROJECT = {"StringEquals": {"aws:ResourceTag/Project": "${aws:PrincipalTag/Project}"}}

CASES = [
    _if("through a service", VIA, VIA_S3, {"kms:viaservice": EC2}),
    _if("through another service", VIA, VIA_S3, {"kms:viaservice": "rds.us-west-2.amazonaws.com"}, NO),
    _if("through the service in another Region", VIA, VIA_S3, {"kms:viaservice": "ec2.eu-west-1.amazonaws.com"}, NO),
    _if("directly", VIA, VIA_S3, {}, NO),
    _unless("denied through a service", VIA, {"StringEquals": {"kms:ViaService": "lambda.us-west-2.amazonaws.com"}},
            {"kms:viaservice": "lambda.us-west-2.amazonaws.com"}),
    _unless("denied unless through a service", VIA, {"StringNotEquals": {"kms:ViaService": EC2}}, {}),
    _unless("not denied through it", VIA, {"StringNotEquals": {"kms:ViaService": EC2}}, {"kms:viaservice": EC2}, YES),
    Case("everybody of an account through a service, as an AWS managed key", f"{KMS}concepts.html#aws-managed-cmk",
         [allow({"AWS": "*"}, Condition=AS_MANAGED)],
         YES, facts={"kms:calleraccount": US, "kms:viaservice": "s3.us-east-1.amazonaws.com"}, who=SESSION),
    Case("nobody of another account through a service, as an AWS managed key", f"{KMS}concepts.html#aws-managed-cmk",
         [allow({"AWS": "*"}, Condition=AS_MANAGED)],
         NO, facts={"kms:calleraccount": THEM, "kms:viaservice": "s3.us-east-1.amazonaws.com"}, who=SESSION),
    # encryption context
    _if("with the encryption context", CONTEXT, DEPARTMENT, {"kms:encryptioncontext:department": "IT"}),
    _if("with more of it", CONTEXT, DEPARTMENT,
        {"kms:encryptioncontext:department": "IT", "kms:encryptioncontext:x": "y"}),
    _if("with another value", CONTEXT, DEPARTMENT, {"kms:encryptioncontext:department": "HR"}, NO),
    _if("with the value in other case", CONTEXT, DEPARTMENT, {"kms:encryptioncontext:department": "it"}, NO),
    _if("without encryption context", CONTEXT, DEPARTMENT, {}, NO),
    _if("with the value in any case", CONTEXT, {"StringEqualsIgnoreCase": {"kms:EncryptionContext:Department": "it"}},
        {"kms:encryptioncontext:department": "IT"}),
    _if("with a pattern", CONTEXT, {"StringLike": {"kms:EncryptionContext:aws:ebs:id": "vol-*"}},
        {"kms:encryptioncontext:aws:ebs:id": "vol-0abc"}),
    _if("with one of several values", CONTEXT, {"StringEquals": {"kms:EncryptionContext:App": ["a", "b"]}},
        {"kms:encryptioncontext:app": "b"}),
    _unless("denied with another app", CONTEXT, NOT_WEBSERVER, {"kms:encryptioncontext:app": "mail"}),
    _unless("denied without app", CONTEXT, NOT_WEBSERVER, {}),
    _unless("not denied with the app", CONTEXT, NOT_WEBSERVER, {"kms:encryptioncontext:app": "web"}, YES),
    _if("with only known keys", CONTEXT_KEYS, KNOWN_KEYS,
        {"kms:encryptioncontextkeys": ("App", "Team")}),
    _if("with an unknown key", CONTEXT_KEYS, KNOWN_KEYS,
        {"kms:encryptioncontextkeys": ("App", "Other")}, NO),
    _if("with a key in other case", CONTEXT_KEYS, {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "App"}},
        {"kms:encryptioncontextkeys": ("app",)}, NO),
    _if("with one of the keys", CONTEXT_KEYS, {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "App"}},
        {"kms:encryptioncontextkeys": ("Team", "App")}),
    _if("with none of the keys", CONTEXT_KEYS, {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "App"}},
        {"kms:encryptioncontextkeys": ("Team",)}, NO),
    _if("with any encryption context", CONTEXT_KEYS, {"Null": {"kms:EncryptionContextKeys": "false"}},
        {"kms:encryptioncontextkeys": ("Team",)}),
    _if("with no encryption context", CONTEXT_KEYS, {"Null": {"kms:EncryptionContextKeys": "false"}}, {}, NO),
    # grants
    _if("for an AWS resource", f"{CONDITIONS}#conditions-kms-grant-is-for-aws-resource", AWS_RESOURCE,
        {"kms:grantisforawsresource": "true"}, action="kms:CreateGrant"),
    _if("not for an AWS resource", f"{CONDITIONS}#conditions-kms-grant-is-for-aws-resource", AWS_RESOURCE, {}, NO,
        action="kms:CreateGrant"),
    _if("grants of known operations", f"{CONDITIONS}#conditions-kms-grant-operations",
        {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}},
        {"kms:grantoperations": ("Decrypt",)}, action="kms:CreateGrant"),
    _if("grants of another operation", f"{CONDITIONS}#conditions-kms-grant-operations",
        {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}},
        {"kms:grantoperations": ("Decrypt", "ReEncryptTo")}, NO, action="kms:CreateGrant"),
    _if("grants to a principal", f"{CONDITIONS}#conditions-kms-grantee-principal",
        {"StringEquals": {"kms:GranteePrincipal": SESSION}}, {"kms:granteeprincipal": SESSION},
        action="kms:CreateGrant"),
    _if("grants with a constraint", f"{CONDITIONS}#conditions-kms-grant-constraint-type",
        {"StringEquals": {"kms:GrantConstraintType": "EncryptionContextEquals"}},
        {"kms:grantconstrainttype": "EncryptionContextSubset"}, NO, action="kms:CreateGrant"),
    # administration
    _if("a short waiting period", WINDOW,
        {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "21"}},
        {"kms:schedulekeydeletionpendingwindowindays": "30"}, NO, action="kms:ScheduleKeyDeletion"),
    _unless("a waiting period that is too short", WINDOW,
            {"NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "21"}},
            {"kms:schedulekeydeletionpendingwindowindays": "7"}, action="kms:ScheduleKeyDeletion"),
    _if("a rotation period", f"{CONDITIONS}#conditions-kms-rotation-period-in-days",
        {"NumericLessThanEquals": {"kms:RotationPeriodInDays": "180"}}, {"kms:rotationperiodindays": "180"},
        action="kms:EnableKeyRotation"),
    _unless("the lockout check cannot be bypassed", f"{CONDITIONS}#conditions-kms-bypass-policy-lockout-safety-check",
            {"Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}, {"kms:bypasspolicylockoutsafetycheck": "true"},
            action="kms:PutKeyPolicy"),
    _if("one signing algorithm", f"{CONDITIONS}#conditions-kms-signing-algorithm",
        {"StringLike": {"kms:SigningAlgorithm": "RSASSA_PSS_*"}}, {"kms:signingalgorithm": "RSASSA_PKCS1_V1_5_SHA_256"},
        NO, action="kms:Sign"),
    _if("material that expires soon", f"{CONDITIONS}#conditions-kms-valid-to",
        {"NumericLessThanEquals": {"kms:ValidTo": "1546257599.0"}}, {"kms:validto": "1546257599"},
        action="kms:ImportKeyMaterial"),
    _if("an alias in the request", f"{CONDITIONS}#conditions-kms-request-alias",
        {"StringLike": {"kms:RequestAlias": "alias/finance*"}}, {"kms:requestalias": "alias/finance-key"}),
    _if("an alias on the key", f"{CONDITIONS}#conditions-kms-resource-aliases",
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}},
        {"kms:resourcealiases": ("alias/x", "alias/app")}),
    # ABAC
    _if("the key's tag is the principal's", ABAC, SAME_PROJECT,
        {"aws:resourcetag/project": "Alpha", "aws:principaltag/project": "Alpha"}),
    _if("the key's tag is another", ABAC, SAME_PROJECT,
        {"aws:resourcetag/project": "Alpha", "aws:principaltag/project": "Beta"}, NO),
    _if("the principal has no tag", ABAC, SAME_PROJECT, {"aws:resourcetag/project": "Alpha"}, NO),
    _if("the key has no tag", ABAC, SAME_PROJECT, {"aws:principaltag/project": "Alpha"}, NO),
    Case("an identity policy about a tag of the key", ABAC, [DELEGATE], Reason.IDENTITY_POLICY,
         identity=[allow(None, Condition={"StringEquals": {"aws:ResourceTag/Purpose": "Test"}})],
         facts={"aws:resourcetag/purpose": "Test"}),
    _if("only known tags in the request", f"{GLOBAL}#condition-keys-tagkeys",
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["Project"]}}, {"aws:tagkeys": ("Project", "Cost")}, NO,
        action="kms:TagResource"),
    _unless("a tag must not be set", f"{GLOBAL}#condition-keys-requesttag",
            {"StringEquals": {"aws:RequestTag/env": "prod"}}, {"aws:requesttag/env": "prod"}, action="kms:TagResource"),
    # services on their own behalf
    Case("a service for our resource", DEPUTY, [allow({"Service": "cloudtrail.amazonaws.com"}, Condition=FOR_ACCOUNT)],
         YES, who="cloudtrail.amazonaws.com",
         facts={"aws:sourceaccount": US, "aws:sourcearn": f"arn:aws:cloudtrail:us-east-1:{US}:trail/t"}),
    Case("a service for another account's resource", DEPUTY,
         [allow({"Service": "cloudtrail.amazonaws.com"}, Condition=FOR_ACCOUNT)], NO, who="cloudtrail.amazonaws.com",
         facts={"aws:sourceaccount": THEM, "aws:sourcearn": f"arn:aws:cloudtrail:us-east-1:{THEM}:trail/t"}),
    Case("a service for nobody's resource", DEPUTY,
         [allow({"Service": "cloudtrail.amazonaws.com"}, Condition=FOR_ACCOUNT)], NO, who="cloudtrail.amazonaws.com"),
    Case("services are spared from a deny to people", f"{GLOBAL}#condition-keys-principalisawsservice",
         [allow({"Service": S3}), deny("*", Condition={"Bool": {"aws:PrincipalIsAWSService": "false"}})], YES, who=S3,
         facts={"aws:principalisawsservice": "true"}),
    # principals, transport, time, networks
    _unless("denied to all but a role", f"{GLOBAL}#condition-keys-principalarn",
            {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{US}:role/admin"}}, {"aws:principalarn": ALICE}),
    _unless("denied to all but a path of roles", f"{GLOBAL}#condition-keys-principalarn",
            {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{US}:user/*"}}, {"aws:principalarn": ALICE}, YES),
    Case("denied to the root user alone", f"{GLOBAL}#condition-keys-principalarn",
         [DELEGATE, deny("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROOT}})], DENIED, who=ROOT, root=True,
         facts={"aws:principalarn": ROOT}),
    _unless("denied without TLS", f"{GLOBAL}#condition-keys-securetransport",
            {"Bool": {"aws:SecureTransport": "false"}}, {"aws:securetransport": "false"}),
    _unless("denied without MFA", f"{GLOBAL}#condition-keys-multifactorauthpresent",
            {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, {}),
    _unless("denied from elsewhere", f"{GLOBAL}#condition-keys-sourceip",
            {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:sourceip": "198.51.100.7"}),
    _unless("not denied when a service calls", f"{GLOBAL}#condition-keys-viaawsservice",
            {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "Bool": {"aws:ViaAWSService": "false"}},
            {"aws:sourceip": "198.51.100.7", "aws:viaawsservice": "true"}, YES),
    _unless("denied outside the Regions", f"{GLOBAL}#condition-keys-requestedregion",
            {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
            {"aws:requestedregion": "ap-southeast-2"}),
    _if("until a date", f"{IAM}reference_policies_examples_aws-dates.html",
        {"DateLessThan": {"aws:CurrentTime": "2026-12-31T23:59:59Z"}}, {"aws:currenttime": "2026-11-22T05:00:00Z"}),
    _if("after the date", f"{IAM}reference_policies_examples_aws-dates.html",
        {"DateLessThan": {"aws:CurrentTime": "2026-12-31T23:59:59Z"}}, {"aws:currenttime": "2027-01-01T00:00:00Z"}, NO),
]  # fmt: skip
