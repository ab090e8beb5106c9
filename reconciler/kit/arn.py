"""Amazon Resource Names: `arn:partition:service:region:account:resource`.

Source of the form: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ARN = re.compile(
    r"arn:(?P<partition>[a-z][a-z0-9-]*):(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>[a-zA-Z0-9-]*):(?P<resource>.+)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Arn:
    """The six parts of an ARN; `str()` puts them back together."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """`text` taken apart, or None when it is no ARN."""
        match = _ARN.fullmatch(text)
        return cls(**match.groupdict()) if match else None


@lru_cache(256)
def partition_of(region: str) -> str:
    """The partition that `region` belongs to, by its prefix.

    Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
    """
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "eu-isoe-": "aws-iso-e",
        "us-isof-": "aws-iso-f",
        "eusc-": "aws-eusc",
    }
    return next((partition for prefix, partition in prefixes.items() if region.startswith(prefix)), "aws")


_DNS_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""Where it is not that of `aws` and `aws-us-gov`. Source: `partitions.json` of botocore 1.44."""


def dns_suffix(partition: str) -> str:
    """What the names of services in `partition` end in, as in `s3.us-east-1.amazonaws.com`."""
    return _DNS_SUFFIXES.get(partition, "amazonaws.com")


def root_arn(account: str, partition: str = "aws") -> str:
    """The ARN that stands for the whole account in a policy."""
    return f"arn:{partition}:iam::{account}:root"


def key_arn(region: str, account: str, key_id: str, partition: str = "aws") -> str:
    """The ARN of a KMS key."""
    return f"arn:{partition}:kms:{region}:{account}:key/{key_id}"


def alias_arn(region: str, account: str, alias_name: str, partition: str = "aws") -> str:
    """The ARN of an alias; `alias_name` begins with `alias/`."""
    return f"arn:{partition}:kms:{region}:{account}:{alias_name}"
