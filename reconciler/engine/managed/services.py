"""The services that have an AWS managed key, and what they are like.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

PREFIX: Final = "alias/aws/"


@dataclass(frozen=True, slots=True)
class Service:
    """A service with an AWS managed key."""

    alias: str
    """What follows `alias/aws/`."""
    name: str
    protects: str
    """What it protects with the key, in words."""
    via: tuple[str, ...]
    """What kms:ViaService begins with when it makes a call."""
    grants: bool
    """Whether it works with grants on the key."""


@cache
def services() -> Mapping[str, Service]:
    """The services by alias name, sorted."""
    data = json.loads(files("reconciler.engine.managed").joinpath("services.json").read_text("utf-8"))["services"]
    found = (
        Service(alias, known["name"], known["protects"], tuple(known["via"]), known["grants"])
        for alias, known in sorted(data.items())
    )
    return {PREFIX + service.alias: service for service in found}


def key_policy(service: Service, account: str, region: str, partition: str) -> str:
    """The policy of the service's key in an account and Region, in the form that AWS gives it.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/services-ebs.html
    """
    who = f"for all principals in the account that are authorized to use {service.name}"
    through = [f"{name}.{region}.amazonaws.com" for name in service.via]
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    look = ["kms:Describe*", "kms:Get*", "kms:List*"]
    if service.grants:
        use, look = [*use, "kms:CreateGrant", "kms:ListGrants"], [*look, "kms:RevokeGrant"]
    statements = [
        {
            "Sid": f"Allow access through {service.name} {who}",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": use,
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": through}},
        },
        {
            "Sid": "Allow direct access to key metadata to the account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": look,
            "Resource": "*",
        },
    ]
    document = {"Version": "2012-10-17", "Id": f"auto-{service.alias}-1", "Statement": statements}
    return json.dumps(document, indent=2, separators=(",", " : "))
