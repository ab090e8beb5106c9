"""A key, people and policies to ask about."""

from reconciler.policy.access import Ask, KeyFacts
from reconciler.policy.document import parse_document, parse_identity_policy
from reconciler.policy.evaluate import GrantFacts, IdentityPolicies, NamedPolicy

ACCOUNT = "111122223333"
OTHER = "444455556666"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/ops/Admin"
APP = f"arn:aws:iam::{ACCOUNT}:role/App"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/i-1"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
STRANGER = f"arn:aws:iam::{OTHER}:role/Stranger"
KEY_ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
DELEGATED = {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def allow(principal, action="kms:Decrypt", **more):
    named = principal if isinstance(principal, dict) or principal == "*" else {"AWS": principal}
    return {"Effect": "Allow", "Principal": named, "Action": action, "Resource": "*", **more}


def deny(principal, action="kms:Decrypt", **more):
    return {**allow(principal, action), "Effect": "Deny", **more}


def when(**operators):
    """Conditions: `when(StringEquals={"kms:ViaService": "…"})`."""
    return {"Condition": operators}


def key(*statements, **more):
    policy = parse_document({"Version": "2012-10-17", "Statement": list(statements)})
    return KeyFacts(KEY_ARN, ACCOUNT, "aws", "us-east-1", policy, **more)


def iam(*statements, boundary=None):
    def named(name, statement):
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}
        return NamedPolicy(name, parse_identity_policy(document))

    policies = tuple(named(f"policy {index}", statement) for index, statement in enumerate(statements))
    return IdentityPolicies(policies, named("boundary", boundary) if boundary else None)


def grant(grantee, *operations, **more):
    return GrantFacts("0123", grantee, frozenset(operations), **more)


def ask(principal, action="kms:Decrypt", **more):
    return Ask(principal, action, **more)
