"""Lists of a whole account and Region, each read once: the reason why a plan of many keys is cheap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.kms.decode import Pool, decode_alias, decode_grant, decode_store, decode_tags
from reconciler.kms.paging import entries, pages
from reconciler.kms.port import Kms
from reconciler.model.identifiers import AliasName, KeyArn, KeyId
from reconciler.model.observed import ObservedAlias, ObservedGrant
from reconciler.model.stores import ObservedStore

ALIAS_PAGE = 100
TAGGED_PAGE = 100
KEY_PAGE = 1000
GRANT_PAGE = 100
TAG_PAGE = 50
"""The most entries that one page may have. Source: API reference of each operation."""
MOST_VALUES = 20
"""The most values that a filter by one tag may have. Source:
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_TagFilter.html"""
AWS_ALIAS = "alias/aws/"


@dataclass(frozen=True, slots=True)
class Aliases:
    """Every alias, and when those that say so were last changed."""

    by_name: Mapping[AliasName, ObservedAlias]
    changed: Mapping[AliasName, datetime]

    def of_customers(self) -> dict[AliasName, ObservedAlias]:
        """Without those of AWS, sorted by name."""
        return {name: self.by_name[name] for name in sorted(self.by_name) if not name.startswith(AWS_ALIAS)}


def sweep_aliases(kms: Kms, key: KeyId | None = None) -> Aliases:
    """`ListAliases`, never once an alias; with `key`, those of one key."""
    by_name, changed = {}, {}
    of = {"KeyId": key} if key else {}
    for entry in entries(kms, "ListAliases", {"Limit": ALIAS_PAGE, **of}, "Aliases"):
        alias = decode_alias(entry)
        by_name[alias.name] = alias
        dates = [date for date in (entry.get("CreationDate"), entry.get("LastUpdatedDate")) if date]
        if dates:
            changed[alias.name] = max(dates)
    return Aliases(by_name, changed)


def sweep_tagged(kms: Kms, tags: Mapping[str, Collection[str]], pool: Pool) -> dict[KeyArn, Mapping[str, str]]:
    """`tagging:GetResources`: the keys that have all of `tags`, with all their tags. No `tags`: every tagged key.

    Of each tag one of the values will do, and any where none is named.

    The index behind it lags by seconds or minutes: it may still list a key that is gone, and not yet a new one.
    """
    parameters = {
        "ResourceTypeFilters": ["kms:key"],
        "ResourcesPerPage": TAGGED_PAGE,
        "TagFilters": [{"Key": key, "Values": list(values)} for key, values in sorted(tags.items())],
    }
    return {
        KeyArn(entry["ResourceARN"]): decode_tags(entry.get("Tags") or (), pool, "Key", "Value")
        for entry in entries(kms, "tagging:GetResources", parameters, "ResourceTagMappingList")
    }


def sweep_keys(kms: Kms) -> list[KeyId]:
    """`ListKeys`: all ids, those of AWS-managed keys too."""
    return [KeyId(entry["KeyId"]) for entry in entries(kms, "ListKeys", {"Limit": KEY_PAGE}, "Keys")]


def sweep_retirable(kms: Kms, principal: str, most_pages: int, pool: Pool) -> list[ObservedGrant] | None:
    """`ListRetirableGrants` of `principal`, on whatever keys; None when it has more than `most_pages`."""
    found: list[ObservedGrant] = []
    parameters = {"RetiringPrincipal": principal, "Limit": GRANT_PAGE}
    for count, page in enumerate(pages(kms, "ListRetirableGrants", parameters, "Grants")):
        if count == most_pages:
            return None
        found.extend(decode_grant(entry, pool) for entry in page)
    return found


def sweep_stores(kms: Kms) -> dict[str, ObservedStore]:
    """`DescribeCustomKeyStores`: all custom key stores by name."""
    found = (decode_store(entry) for entry in entries(kms, "DescribeCustomKeyStores", {}, "CustomKeyStores"))
    return {store.name: store for store in sorted(found, key=lambda store: store.name)}


def read_tags(kms: Kms, key: str, pool: Pool) -> dict[str, str]:
    """`ListResourceTags` of one key, which does not lag as the index does."""
    return decode_tags(entries(kms, "ListResourceTags", {"KeyId": key, "Limit": TAG_PAGE}, "Tags"), pool)
