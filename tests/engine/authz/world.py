"""A world of accounts, people and keys, for questions of who may do what."""

from __future__ import annotations

import json

from reconciler.engine.call import Call
from reconciler.engine.instants import to_microseconds
from reconciler.engine.pipeline import run
from reconciler.kit.errors import KmsError
from tests.support.people import MAIN


class World:
    """An engine with identities. Keys are made by the root user of their account, who may lock itself out."""

    def __init__(self, engine):
        self.engine = engine

    def client(self, principal=None, **more):
        """A client; see `Engine.client`."""
        return self.engine.client(principal=principal, **more)

    def key(self, *statements, account=MAIN, region="us-east-1", **parameters):
        """The ARN of a new key with these statements, or with the default policy."""
        policy = {"Policy": policy_text(*statements), "BypassPolicyLockoutSafetyCheck": True} if statements else {}
        root = self.engine.client(account=account, region=region)
        return root("CreateKey", policy | parameters)["KeyMetadata"]["Arn"]

    def asked(self, client, operation, **parameters):
        """The call that `client` makes, once it is done or refused."""
        engine = self.engine
        call = Call(
            engine._store,
            engine._keyring,
            client._caller,
            operation,
            parameters,
            to_microseconds(engine._clock.now()),
            None,
            authority=engine._authority,
        )
        try:
            run(call)
        except KmsError as error:
            call.result = {"refused": error}
        return call

    def reason(self, client, operation, **parameters):
        """Why it was decided as it was."""
        return self.asked(client, operation, **parameters).decision.reason


def policy_text(*statements):
    """A key policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect, principal, *actions, **conditions):
    """A statement of a key policy; `principal` is an ARN, an account, `*`, or what the document says."""
    named = {"AWS": principal} if isinstance(principal, str) and principal != "*" else principal
    made = {"Effect": effect, "Principal": named, "Action": list(actions), "Resource": "*"}
    return made | ({"Condition": conditions} if conditions else {})


def lets(principal, *actions, **conditions):
    """A statement that allows."""
    return statement("Allow", principal, *actions, **conditions)


def forbids(principal, *actions, **conditions):
    """A statement that denies."""
    return statement("Deny", principal, *actions, **conditions)


def outcome(client, operation, **parameters):
    """`ok`, or the code of the refusal."""
    try:
        client(operation, parameters)
    except KmsError as error:
        return error.code
    return "ok"
