"""Where steps are carried out: a KMS, a clock, and the keys that the plan created so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from reconciler.apply.wire import Request
from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsctlError
from reconciler.kms.port import Kms
from reconciler.model.identifiers import KeyId
from reconciler.model.ownership import NAME_TAG, STACK_TAG, Ownership
from reconciler.plan.steps import ExistingKey, KeyHandle, PlannedKey

KEYS_PAGE = 1000
"""The most that ListKeys answers at once: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html"""


class Census:
    """The ids of the keys that a target had before this run created any; read once, when first asked for."""

    def __init__(self, kms: Kms) -> None:
        self._kms = kms
        self._lock = threading.Lock()
        self._ids: frozenset[KeyId] | None = None

    def before(self) -> frozenset[KeyId]:
        """The ids. Whoever is about to create a key asks first."""
        with self._lock:
            if self._ids is None:
                self._ids = frozenset(key_ids(self._kms))
            return self._ids


@dataclass(frozen=True, slots=True)
class Site:
    """What a step needs to be carried out."""

    kms: Kms
    clock: Clock
    keys: Mapping[PlannedKey, KeyId]
    """The keys that `CreateKey` steps ended with so far."""
    census: Census
    new_attempt: Callable[[], str]
    """A name for an attempt to create a key, never given before."""

    def resolve(self, handle: KeyHandle) -> str:
        """The id or ARN of a key.

        Raises:
            KmsctlError: the plan refers to a key that it does not create before; no planner's plan does.
        """
        match handle:
            case ExistingKey(key):
                return key
            case PlannedKey(address, generation):
                if handle not in self.keys:
                    raise KmsctlError(
                        f"the plan uses {address} (generation {generation}) before it is created",
                        fix="plan again",
                    )
                return self.keys[handle]
            case _:
                assert_never(handle)

    def send(self, request: Request) -> dict[str, Any]:
        """Make the call. Raises what `Kms` raises."""
        return self.kms(request.operation, request.parameters)


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended."""

    key_id: KeyId | None = None
    """Of `CreateKey`: the key to go on with."""
    notes: tuple[str, ...] = ()
    """What a person should know."""


def pages(kms: Kms, operation: str, parameters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every page of a KMS listing."""
    page = kms(operation, parameters)
    yield page
    while page.get("Truncated"):
        page = kms(operation, {**parameters, "Marker": page["NextMarker"]})
        yield page


def key_ids(kms: Kms) -> Iterator[KeyId]:
    """The ids of all keys of the account and Region."""
    for page in pages(kms, "ListKeys", {"Limit": KEYS_PAGE}):
        for entry in page["Keys"]:
            yield KeyId(entry["KeyId"])


def key_tags(kms: Kms, key_id: str) -> dict[str, str]:
    """A key's tags as KMS has them, which is sooner right than what the tagging service says."""
    return {
        tag["TagKey"]: tag["TagValue"]
        for page in pages(kms, "ListResourceTags", {"KeyId": key_id})
        for tag in page["Tags"]
    }


def keys_named(kms: Kms, owner: Ownership) -> dict[KeyId, dict[str, str]]:
    """Keys of the stack and name of `owner`, of any generation, with their tags as the tagging service has them."""
    parameters: dict[str, Any] = {
        "ResourceTypeFilters": ["kms:key"],
        "TagFilters": [
            {"Key": STACK_TAG, "Values": [owner.stack]},
            {"Key": NAME_TAG, "Values": [owner.name]},
        ],
    }
    found = {}
    while True:
        page = kms("tagging:GetResources", parameters)
        for mapping in page["ResourceTagMappingList"]:
            tags = {tag["Key"]: tag["Value"] for tag in mapping.get("Tags", ())}
            found[KeyId(mapping["ResourceARN"].rpartition("/")[2])] = tags
        if not page.get("PaginationToken"):
            return found
        parameters = {**parameters, "PaginationToken": page["PaginationToken"]}
