"""Who there is for the KMS of these tests: many accounts, so that each test has one of its own.

In each account the `operator` may do what the operator needs and nothing else, `admin` may do everything, and the roles
that examples name are there.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ACCOUNTS = tuple(f"{number:012}" for number in range(100_000_000_001, 100_000_000_241))
"""Accounts that exist."""
EXAMPLE_ACCOUNTS = tuple(f"{number:012}" for number in range(200_000_000_001, 200_000_000_011))
"""Accounts with every role that an example names."""

OPERATOR_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": [
                "kms:DescribeCustomKeyStores",
                "kms:DescribeKey",
                "kms:GetKeyLastUsage",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListAliases",
                "kms:ListGrants",
                "kms:ListKeyRotations",
                "kms:ListKeys",
                "kms:ListResourceTags",
                "kms:ListRetirableGrants",
                "tag:GetResources",
                "cloudtrail:LookupEvents",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": [
                "kms:CancelKeyDeletion",
                "kms:ConnectCustomKeyStore",
                "kms:CreateAlias",
                "kms:CreateCustomKeyStore",
                "kms:CreateGrant",
                "kms:CreateKey",
                "kms:DeleteAlias",
                "kms:DisableKey",
                "kms:DisableKeyRotation",
                "kms:DisconnectCustomKeyStore",
                "kms:EnableKey",
                "kms:EnableKeyRotation",
                "kms:GetParametersForImport",
                "kms:ImportKeyMaterial",
                "kms:PutKeyPolicy",
                "kms:ReplicateKey",
                "kms:RevokeGrant",
                "kms:RotateKeyOnDemand",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateAlias",
                "kms:UpdateCustomKeyStore",
                "kms:UpdateKeyDescription",
                "kms:UpdatePrimaryRegion",
            ],
            "Resource": "*",
        },
    ],
}
"""What the operator needs of AWS: it can use no key, and delete no key material."""

_EXAMPLES = Path(__file__).parents[3] / "examples"
_ROLE = re.compile(r"role/([A-Za-z0-9_/-]+)")
_OTHERS = {"alice", "bob", "carol", "orders-api", "payments-api", "platform", "export", "nightly-report"}
_SERVICE_LINKED = {"AWSServiceRoleForAutoScaling": "/aws-service-role/autoscaling.amazonaws.com/"}
"""Roles that presets name, and not the examples."""
_NOBODY = '{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}}'


def access_key(account: str, user: str) -> tuple[str, str]:
    """The id and the secret of a user's access key."""
    return f"AKIA{user.upper()}{account}", f"secret-of-{user}-of-{account}"


def write(path: Path) -> Path:
    """Write the identities file."""
    everybody = {account: _account(account, dict.fromkeys(_OTHERS, "/")) for account in (*ACCOUNTS, "444455556666")}
    everybody |= {account: _account(account, _roles()) for account in EXAMPLE_ACCOUNTS}
    policies = {
        "operator": OPERATOR_POLICY,
        "admin": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}},
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps({"policies": policies, "accounts": everybody}))
    return path


def _roles() -> dict[str, str]:
    """Every role that an example names, and those of the tests, with their paths."""
    texts = "\n".join(path.read_text("utf-8") for path in sorted(_EXAMPLES.rglob("*.yaml")))
    found = {name.rpartition("/")[2]: f"/{name.rpartition('/')[0]}/" for name in _ROLE.findall(texts)}
    return (
        dict.fromkeys(_OTHERS, "/") | _SERVICE_LINKED | {name: path.replace("//", "/") for name, path in found.items()}
    )


def _account(account: str, roles: dict[str, str]) -> dict[str, Any]:
    return {
        "users": {user: _user(account, user) for user in ("operator", "admin")},
        "roles": {name: {"path": path, "trust": _NOBODY} for name, path in roles.items()},
    }


def _user(account: str, name: str) -> dict[str, Any]:
    key, secret = access_key(account, name)
    return {"policies": [name], "accessKeys": [{"id": key, "secret": secret}]}
