"""Questions for another engine: AWS's documented cases, and random ones; each is JSON, and ours answers it too."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

from reconciler.policy.document import parse_document, parse_identity_policy
from reconciler.policy.evaluate import IdentityPolicies, NamedPolicy, Requester, Unparsable, prepare
from tests.policy.evaluate.cases import crossaccount, elements, kmskeys, limits, logic, operators, principals
from tests.policy.evaluate.world import (
    ALICE,
    APP,
    BOB,
    FEDERATED,
    KEY,
    ROOT,
    S3,
    SESSION,
    STRANGER,
    THEIR_ROLE,
    THEIR_ROOT,
    THEIR_SESSION,
    THEM,
    US,
    Case,
    allow,
    deny,
)

Question = dict[str, Any]
SEED = 20261122
HOW_MANY = 400
TABLES = {
    "logic": logic,
    "principals": principals,
    "limits": limits,
    "crossaccount": crossaccount,
    "elements": elements,
    "kmskeys": kmskeys,
}


def ours(question: Question) -> bool:
    """Whether our evaluator allows it."""
    identity = IdentityPolicies(
        tuple(_named(policy) for policy in question["identity"]),
        _named(question["boundary"]) if question["boundary"] else None,
        _named(question["session"]) if question["session"] else None,
    )
    prepared = prepare(
        Requester.of(question["principal"]),
        question["action"],
        question["resource"],
        key_account=question["account"],
        key_policy=parse_document(question["keyPolicy"]) if question["keyPolicy"] else None,
        identity=identity,
    )
    facts = {
        key.lower(): (value,) if isinstance(value, str) else tuple(value) for key, value in question["facts"].items()
    }
    return prepared.decide(facts).allowed


def _named(policy: Any) -> NamedPolicy:
    return NamedPolicy("policy", parse_identity_policy(policy))


def questions() -> Iterator[Question]:
    """All questions, the same in every process."""
    for name, table in TABLES.items():
        yield from (_documented(name, case) for case in table.CASES if _is_comparable(case))
    for number, (page, operator, values, given, _) in enumerate(operators.HOLDS):
        key = _key_for(operator, given)
        if key:
            yield _of_operator(f"operators {number}: {operator}", page, {operator: {key: values}}, {key: given})
    dice = random.Random(SEED)
    yield from (_random(number, dice) for number in range(HOW_MANY))


def _is_comparable(case: Case) -> bool:
    """What the other engine can be asked: it knows no grants, no root user, and takes every policy to be readable."""
    policies = (case.key_policy, case.identity, case.boundary, case.session)
    unread = any(isinstance(policy, Unparsable) for policy in policies)
    return not (unread or case.unknown or case.root or case.grants or case.account is None or case.key_policy is None)


def _documented(table: str, case: Case) -> Question:
    def document(policy: Any) -> Any:
        return {"Version": case.version, "Statement": list(policy)} if policy else None

    identity = document(case.identity)
    return {
        "name": f"{table}: {case.name}",
        "page": case.page,
        "principal": case.who,
        "action": case.action,
        "resource": case.resource,
        "account": case.account,
        "facts": {key: value if isinstance(value, str) else list(value) for key, value in case.facts.items()},
        "keyPolicy": document(case.key_policy),
        "identity": [identity] if identity else [],
        "boundary": document(case.boundary),
        "session": document(case.session),
    }


_KEYS = {
    "For": "kms:EncryptionContextKeys",
    "Date": "aws:CurrentTime",
    "Bool": "aws:SecureTransport",
    "Numeric": "aws:MultiFactorAuthAge",
    "Arn": "aws:SourceArn",
    "IpAddress": "aws:SourceIp",
    "NotIpAddress": "aws:SourceIp",
    "String": "aws:PrincipalTag/test",
    "Null": "aws:PrincipalTag/test",
}
"""Real condition keys of each type: the other engine knows no others."""


def _key_for(operator: str, given: tuple[str, ...]) -> str | None:
    """None for several values of what has one, and for bytes, which no condition key of KMS has."""
    key = next((key for begin, key in _KEYS.items() if operator.startswith(begin)), None)
    return None if len(given) > 1 and not operator.startswith("For") else key


def _of_operator(name: str, page: str, condition: Any, given: dict[str, tuple[str, ...]]) -> Question:
    several = next(iter(condition)).startswith("For")
    facts = {key: list(values) if several else values[0] for key, values in given.items() if values}
    return {
        **_asked(name, ALICE, facts),
        "page": page,
        "keyPolicy": _policy([allow(ALICE, Condition=condition)]),
    }


def _asked(name: str, principal: str, facts: Any) -> Question:
    return {
        "name": name,
        "page": None,
        "principal": principal,
        "action": "kms:Decrypt",
        "resource": KEY,
        "account": US,
        "facts": facts,
        "keyPolicy": None,
        "identity": [],
        "boundary": None,
        "session": None,
    }


def _policy(statements: list[Any]) -> Any:
    return {"Version": "2012-10-17", "Statement": statements}


_WHO = (ALICE, BOB, SESSION, FEDERATED, STRANGER, THEIR_SESSION, APP)
_NAMES: tuple[Any, ...] = (
    *("*", {"AWS": "*"}, {"AWS": US}, {"Service": S3}, {"AWS": [ALICE, BOB]}, {"AWS": THEM}),
    *(
        {"AWS": name}
        for name in (ALICE, BOB, APP, SESSION, ROOT, STRANGER, THEIR_ROOT, THEIR_ROLE, THEIR_SESSION, FEDERATED)
    ),
)
_ACTIONS = ("kms:*", "kms:Decrypt", "KMS:DECRYPT", "kms:De*", "kms:?ecrypt", "*", "kms:Encrypt", ["kms:Sign", "kms:D*"])
_RESOURCES = (
    "*",
    KEY,
    KEY.replace("us-east-1", "*"),
    KEY[:-4] + "????",
    KEY.replace("key/", "key/x"),
    "arn:aws:s3:::b",
)
_VALUES: dict[str, tuple[tuple[str, ...], tuple[Any, ...]]] = {
    "kms:ViaService": (
        ("StringEquals", "StringLike", "StringNotEquals"),
        ("s3.us-east-1.amazonaws.com", "s3.*.amazonaws.com"),
    ),
    "kms:CallerAccount": (("StringEquals", "StringNotEquals"), (US, THEM)),
    "aws:SourceIp": (("IpAddress", "NotIpAddress"), ("192.0.2.0/24", "198.51.100.7")),
    "aws:SecureTransport": (("Bool",), ("true", "false")),
    "aws:MultiFactorAuthAge": (("NumericLessThan", "NumericGreaterThanEquals"), ("300", "10")),
    "aws:CurrentTime": (("DateGreaterThan", "DateLessThanEquals"), ("2026-01-01T00:00:00Z", "2026-11-22T12:00:00Z")),
    "aws:SourceArn": (("ArnLike", "ArnEquals", "ArnNotLike"), ("arn:aws:s3:::logs", "arn:aws:s3:*:*:l*")),
    "aws:PrincipalTag/team": (
        ("StringEquals", "StringEqualsIgnoreCase", "StringNotLike"),
        ("red", "RED", "r*", "${aws:username}"),
    ),
}
_MANY: dict[str, tuple[Any, ...]] = {"kms:EncryptionContextKeys": ("App", "Team", "A*"), "aws:TagKeys": ("a", "b")}
_FACTS: dict[str, tuple[str, ...]] = {
    "kms:ViaService": ("s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"),
    "kms:CallerAccount": (US, THEM),
    "aws:SourceIp": ("192.0.2.9", "198.51.100.7"),
    "aws:SecureTransport": ("true", "false"),
    "aws:MultiFactorAuthAge": ("5", "299", "300"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
    "aws:SourceArn": ("arn:aws:s3:::logs", "arn:aws:sns:us-east-1:111122223333:logs"),
    "aws:PrincipalTag/team": ("red", "Red", "alice"),
    "aws:username": ("alice", "red"),
}


def _random(number: int, dice: random.Random) -> Question:
    who = dice.choice(_WHO)
    facts: dict[str, Any] = {key: dice.choice(values) for key, values in _FACTS.items() if dice.random() < 0.6}
    for key, values in _MANY.items():
        if dice.random() < 0.6:
            facts[key] = dice.sample(values[:2], dice.randint(1, 2))
    can_be_limited = who in (SESSION, THEIR_SESSION, FEDERATED)
    return {
        **_asked(f"random {number}", who, facts),
        "keyPolicy": _policy([_statement(dice, principal=True) for _ in range(dice.randint(1, 4))]),
        "identity": [_policy([_statement(dice) for _ in range(dice.randint(1, 3))])] if dice.random() < 0.8 else [],
        "boundary": _policy([_statement(dice)]) if dice.random() < 0.15 else None,
        "session": _policy([_statement(dice)]) if can_be_limited and dice.random() < 0.3 else None,
    }


def _statement(dice: random.Random, *, principal: bool = False) -> Any:
    make = deny if dice.random() < 0.25 else allow
    more: dict[str, Any] = {"Resource": dice.choice(_RESOURCES) if dice.random() < 0.4 else "*"}
    if dice.random() < 0.1:
        more["NotAction"] = dice.choice(_ACTIONS)
    if dice.random() < 0.4:
        more["Condition"] = _condition(dice)
    action = dice.choice(_ACTIONS) if dice.random() < 0.5 else "kms:*"
    return make(dice.choice(_NAMES) if principal else None, action, **more)


def _condition(dice: random.Random) -> Any:
    if dice.random() < 0.25:
        key = dice.choice(list(_MANY))
        base = dice.choice(("StringEquals", "StringLike", "StringNotEquals"))
        return {
            f"{dice.choice(('ForAllValues', 'ForAnyValue'))}:{base}": {key: dice.sample(_MANY[key], dice.randint(1, 2))}
        }
    key = dice.choice(list(_VALUES))
    if dice.random() < 0.15:
        return {"Null": {key: dice.choice(("true", "false"))}}
    operators_of, values = _VALUES[key]
    operator = dice.choice(operators_of) + ("IfExists" if dice.random() < 0.3 else "")
    return {operator: {key: dice.choice(values)}}


def digest(question: Question) -> str:
    """Pins what was asked, so that an old answer is not taken for one to a new question."""
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:12]


def main() -> None:
    """Print them all, one a line."""
    for question in questions():
        print(json.dumps({**question, "digest": digest(question)}))


if __name__ == "__main__":
    main()
