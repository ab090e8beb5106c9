"""Two namespaces of one account: one that has keys, and one that tries to get at them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.e2e.controller.kms import REGION, Account
from tests.e2e.controller.place import Body, Place, key, manifest

OTHER_REGION = "eu-west-1"
ALIASES = ('"alias/orders"', '"alias/orders/current"', '"alias/orders/other"')
"""Of the owner, as JSON has them."""


@dataclass(frozen=True)
class Owner:
    """Who has a multi-Region key `orders`, with two aliases, a grant and a policy, and a key store."""

    place: Place
    key_id: str
    arn: str

    @property
    def account(self) -> Account:
        return self.place.account

    def belongings(self) -> dict[str, Any]:
        """All that the owner has in the KMS."""
        account, key_id = self.account, self.key_id
        mine = (name for name, target in account.aliases().items() if target == key_id)
        stores = account.kms.describe_custom_key_stores()["CustomKeyStores"]
        return {
            "key": account.describe(key_id),
            "tags": account.tags(key_id),
            "policy": account.kms.get_key_policy(KeyId=key_id)["Policy"],
            "rotation": account.kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
            "aliases": sorted(mine),
            "grants": sorted(grant["GrantId"] for grant in account.grants(key_id)),
            "stores": stores,
        }

    def changes(self) -> list[str]:
        """Every call of the operator that changed the key or its aliases, or was to; each by its id and name."""
        asked = {"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "operator"}]}
        found = []
        for region in (REGION, OTHER_REGION):
            pages = self.account.client("cloudtrail", region=region).get_paginator("lookup_events").paginate(**asked)
            events = (event for page in pages for event in page["Events"] if event["ReadOnly"] == "false")
            found += [f"{event['EventName']} {event['EventId']}" for event in events if self._concerns(event)]
        return found

    def _concerns(self, event: dict[str, Any]) -> bool:
        record = json.loads(event["CloudTrailEvent"])
        told = json.dumps([record["requestParameters"], record["resources"]])
        return any(name in told for name in (self.key_id, *ALIASES))


def settle(place: Place) -> Owner:
    """Make what the owner has."""
    place.add_target(unmanagedKeys="Allow")
    place.apply(
        manifest("KeyPolicy", "common", administrators=["role/platform"]),
        key(multiRegion=True, aliases=["orders", "orders/other"], policyRef={"name": "common"}, tags={"team": "shop"}),
        manifest("Alias", "current", name="orders/current", keyRef={"name": "orders"}),
        manifest("Grant", "report", keyRef={"name": "orders"}, granteePrincipal="role/export", operations=["Decrypt"]),
    )
    for kind, name in (("Key", "orders"), ("Alias", "current"), ("Grant", "report")):
        place.ready(kind, name, within=60)
    key_id = place.key_id()
    return Owner(place, key_id, str(place.status("Key", "orders")["arn"]))


def told(place: Place, body: Body, reason: str) -> str:
    """What an object is told that is not done, once it is told that for `reason`."""
    found = place.wait(body["kind"], body["metadata"]["name"], reason=reason, within=60)
    return str(found["status"]["conditions"][0]["message"])
