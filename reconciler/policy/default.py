"""The key policy that KMS gives a key whose creator gives none."""

from __future__ import annotations

import json

from reconciler.kit.arn import root_arn


def default_policy(account: str, partition: str) -> str:
    """The policy of a key that was created without one, as JSON text: IAM policies of the account decide.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": root_arn(account, partition)},
        "Action": "kms:*",
        "Resource": "*",
    }
    document = {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}
    return json.dumps(document, indent=2, separators=(",", " : "))
