"""Where steps are carried out: a KMS, a clock, and the keys that the plan created so far."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from reconciler.apply.rollcall import RollCall
from reconciler.apply.secrets import Secrets, no_secrets
from reconciler.apply.wire import Request
from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsctlError
from reconciler.kms.decode import Pool, decode_materials
from reconciler.kms.paging import entries
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import read_tags, sweep_keys, sweep_stores
from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedMaterials
from reconciler.model.stores import ObservedStore
from reconciler.plan.steps import ExistingKey, KeyHandle, PlannedKey


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
                self._ids = frozenset(sweep_keys(self._kms))
            return self._ids


@dataclass(frozen=True, slots=True)
class Site:
    """What a step needs to be carried out."""

    kms: Kms
    clock: Clock
    keys: Mapping[PlannedKey, KeyId]
    """The keys that `CreateKey` and `ReplicateKey` steps ended with so far, on all targets."""
    census: Census
    roll_call: RollCall
    new_attempt: Callable[[], str]
    """A name for an attempt to create a key, never given before."""
    elsewhere: Callable[[TargetName], Site]
    """The sites of other targets, where related keys are."""
    secrets: Secrets = no_secrets
    """Reads key material and credentials."""
    immediate: bool = False
    """Whether what was written shows at once, and keys are dated in the order in which they show."""
    patience: float = math.inf
    """The most seconds that a step waits for what the next plan could as well find done: a principal that KMS does not
    know yet, a custom key store that connects. What makes certain that nothing is made twice is always waited for."""

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

    def awake(self) -> float:
        """Seconds on the clock, without those that this thread has slept; only differences within it mean anything.

        A call sleeps until it is its turn by the account's quotas.
        """
        return self.clock.monotonic() - self.clock.slept()


@dataclass(frozen=True, slots=True)
class Done:
    """How a step ended."""

    key_id: KeyId | None = None
    """Of `CreateKey` and `ReplicateKey`: the key to go on with."""
    notes: tuple[str, ...] = ()
    """What a person should know."""


def key_tags(site: Site, key_id: KeyId) -> Mapping[str, str]:
    """A key's tags as KMS has them, which is sooner right than what the tagging service says."""
    return read_tags(site.kms, key_id, Pool())


def key_materials(site: Site, key: str) -> ObservedMaterials:
    """The imported materials of a symmetric encryption key as they are now."""
    parameters = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    return decode_materials(entries(site.kms, "ListKeyRotations", parameters, "Rotations"))


def store_named(site: Site, name: str) -> ObservedStore:
    """The custom key store of that name as it is now.

    Raises:
        KmsctlError: there is none.
    """
    found = sweep_stores(site.kms).get(name)
    if found is None:
        raise KmsctlError(f"there is no custom key store {name}", why="the plan needs it", fix="plan again")
    return found
