"""What is known of the keys of a world: whose they are, who may use them, what belongs to them, and what they must do.

The states of a key and its material are `tests.engine.keys.lifecycle_model`'s. It knows nothing of the engine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.engine.keys.lifecycle_model import Member, ModelKey
from tests.support.people import ALL_OF_KMS, MAIN, OTHER, people, role, user

REGIONS = ("us-east-1", "eu-west-1")
ACCOUNTS = (MAIN, OTHER)
ROOTS = {account: f"arn:aws:iam::{account}:root" for account in ACCOUNTS}
USERS = {MAIN: f"arn:aws:iam::{MAIN}:user/bob", OTHER: f"arn:aws:iam::{OTHER}:user/eve"}
"""Users whom IAM lets do everything with keys."""
APP = f"arn:aws:iam::{MAIN}:role/app"
"""A role without IAM policies: what it may do it may by grants."""
CALLERS = (*ROOTS.values(), *USERS.values(), APP)
HOME = {caller: caller.split(":")[4] for caller in CALLERS}
READING = ("Decapsulate", "Decrypt", "DeriveSharedSecret", "Verify", "VerifyMac")
"""The actions that policies and grants of the world are about."""


def population():
    """A source of these identities."""
    one = {"Effect": "Allow", "Principal": {"AWS": USERS[MAIN]}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": one}
    return people(*(user(arn, ALL_OF_KMS) for arn in USERS.values()), role(APP, trust=trust))


@dataclass(frozen=True)
class Rule:
    """A key policy: what the account's default policy says, and one statement more."""

    effect: str = ""
    caller: str = ""

    def text(self, account):
        named = {"Resource": "*", "Action": [f"kms:{name}" for name in READING]}
        more = [{"Effect": self.effect, "Principal": {"AWS": self.caller}, **named}] if self.effect else []
        root = {"Effect": "Allow", "Principal": {"AWS": ROOTS[account]}, "Action": "kms:*", "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [*more, root]})


@dataclass(frozen=True)
class Grant:
    """A grant of one of `READING`."""

    grantee: str
    operation: str
    kind: str | None
    """Its constraint, without `EncryptionContext`."""
    pairs: tuple[tuple[str, str], ...]

    def covers(self, caller, operation, context):
        named = {caller} if caller == APP else {caller, ROOTS[HOME[caller]]}  # an account lets in whom its IAM lets
        if self.grantee not in named or operation != self.operation:
            return False
        wanted = dict(self.pairs)
        match self.kind:
            case "Equals":
                return context == wanted
            case "Subset":
                return wanted.items() <= context.items()
            case _:
                return True


@dataclass(frozen=True)
class Proof:
    """A call that must succeed, with these members in its answer, as long as the key is there and usable."""

    operation: str
    parameters: dict[str, Any]
    answer: dict[str, Any]

    @property
    def context(self):
        return self.parameters.get("EncryptionContext", {})


@dataclass
class Place:
    """What a key has in one Region alone."""

    rule: Rule = Rule()
    grants: dict[str, Grant] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""


@dataclass
class Thing:
    """A key with all that belongs to it."""

    account: str
    spec: str
    usage: str
    life: ModelKey
    places: dict[str, Place]
    stored: bool = False
    """Whether it lives in the world's custom key store."""
    proofs: list[Proof] = field(default_factory=list)

    def arn(self, region):
        return f"arn:aws:kms:{region}:{self.account}:key/{self.life.id}"

    def place(self, region):
        return self.places.setdefault(region, Place())

    def allows(self, caller, operation, region, context):
        """Whether `caller` may do one of `READING` with it."""
        rule, grants = self.place(region).rule, self.place(region).grants.values()
        if rule == Rule("Deny", caller):
            return False
        if any(grant.covers(caller, operation, context) for grant in grants):
            return True
        if HOME[caller] == self.account:
            return caller != APP or rule == Rule("Allow", APP)
        return rule == Rule("Allow", caller)


def thing(account, region, key_id, *, external, multi_region, spec, usage, stored=False):
    """A new key."""
    life = ModelKey(key_id, external, multi_region, region, {region: Member()})
    return Thing(account, spec, usage, life, {region: Place()}, stored)
