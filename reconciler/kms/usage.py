"""When keys were last used, asked only for those that a plan would take away from somebody.

KMS itself records the last successful cryptographic operation of each key since tracking began. Where it cannot be
asked, CloudTrail's event history is read instead, which reaches back 90 days.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html,
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from reconciler.kit.arn import key_arn
from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsError
from reconciler.kms.paging import pages
from reconciler.kms.port import Kms
from reconciler.model.identifiers import KeyId
from reconciler.model.observed import Account
from reconciler.model.usage import LastUse, NeverUsed, UsageUnknown, UsedAt

EVENT_PAGE = 50
EVENT_PAGES = 20
"""How far to read: a key with a thousand administrative events and no use among them stays unknown."""
EVENT_HISTORY = timedelta(days=90)
EVENT_DELAY = timedelta(minutes=15)
"""How late an event may appear. Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-faq.html"""
_USES = ("Decrypt", "DeriveSharedSecret", "Encrypt", "Generate", "ReEncrypt", "Sign", "Verify")
"""How the names of cryptographic operations begin."""


def last_used(kms: Kms, account: Account, key_ids: Iterable[KeyId], *, clock: Clock) -> dict[KeyId, LastUse]:
    """The last use of each key of `account`, sorted by id. What cannot be found out is `UsageUnknown`, never an error.

    Raises:
        KmsctlError: there is no way to ask.
    """
    return {key_id: _last_use(kms, account, key_id, clock.now()) for key_id in sorted(set(key_ids))}


def _last_use(kms: Kms, account: Account, key_id: KeyId, now: datetime) -> LastUse:
    try:
        return _tracked(kms("GetKeyLastUsage", {"KeyId": key_id}))
    except KmsError as refused:
        try:
            return _recorded(kms, account, key_id, now)
        except KmsError as error:
            return UsageUnknown(
                f"GetKeyLastUsage answers {refused.code}, and {error.operation or 'CloudTrail'} {error.code}"
            )


def _tracked(answer: Mapping[str, Any]) -> LastUse:
    used = (answer.get("KeyLastUsage") or {}).get("Timestamp")
    if used:
        return UsedAt(used)
    created, since = answer.get("KeyCreationDate"), answer.get("TrackingStartDate")
    if created and since and created >= since:
        return NeverUsed()
    began = f"{since:%Y-%m-%d}" if since else "an unknown date"
    return UsageUnknown(f"no use since {began}, when KMS began to record it; the key is older")


def _recorded(kms: Kms, account: Account, key_id: KeyId, now: datetime) -> LastUse:
    """From CloudTrail, whose newest events come first; a key's events name it by ARN, some by id."""
    since = now - EVENT_HISTORY
    names = (key_arn(account.region, account.account_id, key_id, account.partition), key_id)
    latest: datetime | None = None
    for name in names:
        found, complete = _newest_use(kms, name, since)
        if found is None and not complete:
            return UsageUnknown(
                f"CloudTrail has more than {EVENT_PAGE * EVENT_PAGES} events of the key, none of them a use"
            )
        latest = max(filter(None, (latest, found)), default=None)
    if latest is not None:
        return UsedAt(latest)
    created = kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["CreationDate"]
    if since <= created <= now - EVENT_DELAY:
        return NeverUsed()
    return UsageUnknown(
        "no use in CloudTrail's 90 days; the key is older" if created < since else "the key is too new for CloudTrail"
    )


def _newest_use(kms: Kms, resource: str, since: datetime) -> tuple[datetime | None, bool]:
    """The newest use that names `resource`, and whether every event was looked at when there is none."""
    parameters = {
        "LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": resource}],
        "StartTime": since,
        "MaxResults": EVENT_PAGE,
    }
    every_page = pages(kms, "cloudtrail:LookupEvents", parameters, "Events")
    for page in islice(every_page, EVENT_PAGES):
        uses = [event["EventTime"] for event in page if _is_use(event)]
        if uses:
            return max(uses), True
    return None, next(every_page, None) is None


def _is_use(event: Mapping[str, Any]) -> bool:
    """Whether the event is a successful cryptographic operation; what cannot be read counts as one."""
    if not str(event.get("EventName", "")).startswith(_USES):
        return False
    try:
        return not json.loads(event.get("CloudTrailEvent") or "{}").get("errorCode")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return True
