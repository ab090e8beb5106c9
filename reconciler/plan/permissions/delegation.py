"""Keys on which no IAM policy counts, because their key policies leave nothing to IAM.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam
"""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.kit.arn import Arn, key_arn
from reconciler.model.address import Address
from reconciler.model.desired import DesiredKey, DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import Reason, Requester, prepare

_ACTIONS = ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy", "kms:TagResource")
"""Of a caller who manages keys."""


def undelegated_keys(desired: DesiredState, accounts: Mapping[TargetName, Account]) -> tuple[Address, ...]:
    """The declared keys whose policy does not leave it to the account's IAM policies who manages them."""
    return tuple(key.address for key in desired.keys if not _delegates(key, accounts[key.address.target]))


def _delegates(key: DesiredKey, account: Account) -> bool:
    if not isinstance(key.policy, str):
        return True  # KMS's own default policy does
    document = parse_document(key.policy)
    somebody = Requester.of(str(Arn(account.partition, "iam", "", account.account_id, "role/kmsctl-permissions")))
    arn = key_arn(account.region, account.account_id, "*", account.partition)
    decisions = (
        prepare(somebody, action, arn, key_account=account.account_id, key_policy=document, identity=None).decide()
        for action in _ACTIONS
    )
    return all(one.allowed or one.reason is Reason.IDENTITY_POLICIES_UNKNOWN for one in decisions)
