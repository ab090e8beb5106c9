"""Resource quotas: how much an account, or a key, may have.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""

from __future__ import annotations

from typing import Final, Literal

from reconciler.engine.call import Call
from reconciler.engine.errors import limit_exceeded
from reconciler.engine.store.records import Key
from reconciler.kit.quotas import load

Adjustable = Literal["keys", "aliases-per-key", "grants-per-key", "custom-key-stores"]
"""Quotas that an account may have raised; the others are constants of the rules that they are about."""
_UNBOUNDED_KEYS: Final = "AWS"
"""The manager of keys that count against no quota."""


def most(call: Call, resource: Adjustable, *, region: str | None = None, account: str | None = None) -> int:
    """How many of `resource` the account may have in `region`, by default the caller's both."""
    data = load() if call.throttle is None else call.throttle.data
    raised = call.store.quotas.raised(account or call.caller.account, region or call.caller.region)
    return int(raised.get(resource, data.resources[resource].value))


def refuse_more_keys(call: Call, region: str | None = None) -> None:
    """See that another customer managed key may be made in `region`, by default the caller's.

    Raises:
        KmsError: LimitExceededException.
    """
    region = region or call.caller.region
    limit = most(call, "keys", region=region)
    if call.store.quotas.keys_of(call.caller.account, region) >= limit:
        raise limit_exceeded(f"You have {limit} KMS keys in {region}, which is the most that you can have.")


def refuse_more_grants(call: Call, key: Key) -> None:
    """See that `key` may have another grant by its account's quota; AWS managed keys may have any number.

    Raises:
        KmsError: LimitExceededException.
    """
    limit = most(call, "grants-per-key", account=key.account)
    if key.manager != _UNBOUNDED_KEYS and call.store.grants.count(key) >= limit:
        raise limit_exceeded(f"{key.arn} has {limit} grants, which is the most that a key can have.")
