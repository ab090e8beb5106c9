"""Accounts, policies and names of the payments team that the samples are about."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.desired import GrantConstraints, GrantTerms
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.observed import Account

SCHEMAS = Path(__file__).parents[2] / "schemas"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNT = Account("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:role/deployer")
EU_ACCOUNT = Account("444455556666", "eu-central-1", "aws", "arn:aws:sts::444455556666:assumed-role/deployer/ci")
EU = TargetName("eu")
STACK = "payments"

ROOT = "arn:aws:iam::111122223333:root"
APP = "arn:aws:iam::111122223333:role/payments-app"
ADMIN = "arn:aws:iam::111122223333:role/key-admins"


def key_id(number: int) -> str:
    """A key id that a reader can tell from the others."""
    return f"{number:08d}-1111-4222-8333-444455556666"


def statement(sid: str, principal: object, action: object, **more: object) -> dict[str, object]:
    """One statement of a key policy."""
    return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, object], **more: object) -> str:
    """A key policy as JSON text."""
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(statements)})


DELEGATE = statement("EnableIamUserPermissions", {"AWS": ROOT}, "kms:*")
USE = statement(
    "AllowUse",
    {"AWS": [APP]},
    ["kms:Decrypt", "kms:Encrypt"],
    Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
)
OLD_POLICY = policy(DELEGATE, USE, statement("Legacy", {"AWS": "AROAEXAMPLEEXAMPLE123"}, "kms:Decrypt"))
NEW_POLICY = policy(
    DELEGATE,
    statement("AllowUse", {"AWS": [APP, "arn:aws:iam::999988887777:role/partner"]}, ["kms:Decrypt", "kms:DescribeKey"]),
    statement("AllowAdministration", {"AWS": ADMIN}, ["kms:PutKeyPolicy", "kms:GetKeyPolicy"]),
)
PUBLIC = policy(statement("Open", "*", "kms:Decrypt"))
RENAMED_POLICY = policy({**DELEGATE, "Sid": "Root"}, Id="key-default-1")

TERMS = GrantTerms(
    grantee_principal=APP,
    grantee_service=None,
    retiring_principal=ADMIN,
    retiring_service=None,
    operations=frozenset({"Decrypt", "GenerateDataKey"}),
    constraints=GrantConstraints(encryption_context_subset={"service": "ledger"}),
)


def address(kind: Kind, name: str, target: TargetName = RUN_TARGET) -> Address:
    """An address, the run's own target unless said."""
    return Address(kind, name, target)


def at(line: int, file: str = "payments/keys.yaml") -> Position:
    """A place in a manifest."""
    return Position(file, line, 1)


ORDERS, LEDGER, CARDS, SIGNING, RETIRED, OLD = (
    address(Kind.KEY, name) for name in ("orders", "ledger", "cards", "signing", "retired", "old-reports")
)
