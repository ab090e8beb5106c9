"""Identities for tests, in a few words: who there is, and which IAM policies they have."""

from __future__ import annotations

from reconciler.engine.identities import AccessKey, Account, FixedIdentities, Identities, Role, User
from reconciler.kit.arn import Arn
from reconciler.policy.evaluate import NamedPolicy, parse_identity_policy, parse_trust_policy

MAIN = "111122223333"
OTHER = "444455556666"
NOBODY_TRUSTED = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}}


def allow(*actions, resource="*", **conditions):
    """A policy that allows `actions`; `conditions` are operators with their tests."""
    return _policy("Allow", actions, resource, conditions)


def deny(*actions, resource="*", **conditions):
    """A policy that denies `actions`."""
    return _policy("Deny", actions, resource, conditions)


def _policy(effect, actions, resource, conditions):
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return {"Version": "2012-10-17", "Statement": statement | ({"Condition": conditions} if conditions else {})}


EVERYTHING = allow("*")
ALL_OF_KMS = allow("kms:*")


def user(arn, *policies, boundary=None, tags=None):
    """The user with this ARN."""
    return User(arn, _named(policies), _one(boundary), tags or {})


def role(arn, *policies, boundary=None, tags=None, trust=NOBODY_TRUSTED, max_session=3600):
    """The role with this ARN."""
    return Role(
        arn, NamedPolicy("trust", parse_trust_policy(trust)), _named(policies), _one(boundary), tags or {}, max_session
    )


def people(*principals, organizations=None, keys=(), policies=None):
    """A source of these users and roles, in the accounts of their ARNs; `keys` are (id, secret, principal)."""
    accounts = {}
    for one in principals:
        arn = Arn.parse(one.arn)
        users, roles = accounts.setdefault(arn.account, ({}, {}))
        (users if isinstance(one, User) else roles)[arn.resource.rpartition("/")[2]] = one
    organizations = organizations or {}
    for account in organizations:
        accounts.setdefault(account, ({}, {}))
    return FixedIdentities(
        Identities(
            {
                account: Account(account, None, organizations.get(account), users, roles)
                for account, (users, roles) in accounts.items()
            },
            {key_id: AccessKey(key_id, secret, principal) for key_id, secret, principal in keys},
            {name: NamedPolicy(name, parse_identity_policy(policy)) for name, policy in (policies or {}).items()},
        )
    )


def _named(policies):
    return tuple(NamedPolicy(f"policy {n}", parse_identity_policy(policy)) for n, policy in enumerate(policies))


def _one(policy):
    return None if policy is None else NamedPolicy("boundary", parse_identity_policy(policy))
