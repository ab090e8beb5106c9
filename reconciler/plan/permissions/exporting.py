"""What writing manifests of every key takes: to read all keys, whoever's they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from reconciler.model.observed import Account
from reconciler.plan.permissions.needs import ANYTHING, Need
from reconciler.plan.permissions.place import Place
from reconciler.plan.permissions.policy import document

_LISTS: Final = ("kms:ListAliases", "kms:ListKeys", "tag:GetResources")
_OF_EACH_KEY: Final = ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags")


def export_permissions(stack: str, accounts: Iterable[Account]) -> dict[str, Any]:
    """An IAM policy document, JSON-shaped, to export the keys of `accounts` that are no stack's."""
    return document(need for account in accounts for need in _needs(Place(account, stack)))


def _needs(place: Place) -> Iterator[Need]:
    yield from (Need(action, ANYTHING) for action in _LISTS)
    yield from (Need(f"kms:{action}", place.every) for action in _OF_EACH_KEY)
