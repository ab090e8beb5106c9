"""Which actions and resources a statement is about."""

from reconciler.policy.evaluate import Reason
from tests.policy.evaluate.world import ALICE, DELEGATE, IAM, KEY, KMS, US, Case, allow, deny

ACTION = f"{IAM}reference_policies_elements_action.html"
NOT_ACTION = f"{IAM}reference_policies_elements_notaction.html"
RESOURCE = f"{IAM}reference_policies_elements_resource.html"
NOT_RESOURCE = f"{IAM}reference_policies_elements_notresource.html"
YES, NO = Reason.KEY_POLICY, Reason.NOT_ALLOWED_BY_KEY_POLICY
IDENTITY, SILENT = Reason.IDENTITY_POLICY, Reason.NOT_ALLOWED_BY_IDENTITY_POLICY


def _action(name, written, expect, asked="kms:Decrypt"):
    return Case(f"action {name}", ACTION, [allow(ALICE, written)], expect, action=asked)


def _resource(name, written, expect, **more):
    return Case(f"resource {name}", RESOURCE, [DELEGATE], expect, identity=[allow(None, Resource=written)], **more)


CASES = [
    _action("written out", "kms:Decrypt", YES),
    _action("in other case", "KMS:DECRYPT", YES),
    _action("asked in other case", "kms:Decrypt", YES, asked="KMS:decrypt"),
    _action("of the service", "kms:*", YES),
    _action("of every service", "*", YES),
    _action("with a wildcard at the end", "kms:De*", YES),
    _action("with a wildcard in the middle", "kms:D*t", YES),
    _action("with a wildcard at the beginning", "kms:*crypt", YES),
    _action("with question marks", "kms:Dec????", YES),
    _action("with too few question marks", "kms:Dec???", NO),
    _action("with wildcards that overlap", "kms:*crypt*rypt", NO),
    _action("with wildcards side by side", "kms:De**crypt", YES),
    _action("that is longer", "kms:DecryptX", NO),
    _action("that is shorter", "kms:Decryp", NO),
    _action("of another service", "s3:Decrypt", NO),
    _action("of ReEncrypt covers both halves", "kms:ReEncrypt*", YES, asked="kms:ReEncryptTo"),
    _action("of GenerateDataKey with a wildcard covers pairs", "kms:GenerateDataKey*", YES,
            asked="kms:GenerateDataKeyPair"),
    _action("of GenerateDataKey alone does not", "kms:GenerateDataKey", NO, asked="kms:GenerateDataKeyPair"),
    _action("in a list", ["kms:Encrypt", "kms:Decrypt"], YES),
    Case("every action but others", NOT_ACTION, [allow(ALICE, NotAction=["kms:Put*", "kms:Encrypt"])], YES),
    Case("every action but this", NOT_ACTION, [allow(ALICE, NotAction="kms:DECRYPT")], NO),
    Case("every action but these, by wildcard", NOT_ACTION, [allow(ALICE, NotAction="kms:D*")], NO),
    Case("a deny of every action but this", NOT_ACTION, [allow(ALICE), deny("*", NotAction="kms:Decrypt")], YES),
    Case("a deny of every action but another", NOT_ACTION, [allow(ALICE), deny("*", NotAction="kms:Encrypt")],
         Reason.DENIED_BY_KEY_POLICY),
    Case("in a key policy * is the key", f"{KMS}key-policy-overview.html", [allow(ALICE)], YES),
    Case("in a key policy the key's ARN is the key", f"{KMS}key-policy-overview.html",
         [allow(ALICE, Resource=KEY)], YES),
    Case("in a key policy another key's ARN is not", f"{KMS}key-policy-overview.html",
         [allow(ALICE, Resource=f"{KEY}0")], NO),
    _resource("written out", KEY, IDENTITY),
    _resource("that is everything", "*", IDENTITY),
    _resource("with a wildcard", f"arn:aws:kms:us-east-1:{US}:key/*", IDENTITY),
    _resource("of every Region and account", "arn:aws:kms:*:*:key/*", IDENTITY),
    _resource("with question marks", f"arn:aws:kms:us-????-1:{US}:key/*", IDENTITY),
    _resource("of another Region", f"arn:aws:kms:eu-west-1:{US}:key/*", SILENT),
    _resource("of another account", "arn:aws:kms:*:444455556666:key/*", SILENT),
    _resource("in other case", KEY.upper(), SILENT),
    _resource("of aliases", f"arn:aws:kms:*:{US}:alias/*", SILENT),
    _resource("in a list", [f"{KEY}0", KEY], IDENTITY),
    Case("every resource but another", NOT_RESOURCE, [DELEGATE], IDENTITY,
         identity=[allow(None, NotResource=f"{KEY}0")]),
    Case("every resource but this", NOT_RESOURCE, [DELEGATE], SILENT,
         identity=[allow(None, NotResource=f"{KEY[:-3]}*")]),
    Case("a deny of every resource but this", NOT_RESOURCE, [DELEGATE], IDENTITY,
         identity=[allow(), deny(None, NotResource=KEY)]),
    Case("a deny of every resource but another", NOT_RESOURCE, [DELEGATE], Reason.DENIED_BY_IDENTITY_POLICY,
         identity=[allow(), deny(None, NotResource=f"{KEY}0")]),
]  # fmt: skip
