"""What a call costs, of which quotas.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html: the caller's account is charged,
whoever owns the key; cryptographic operations share a quota by the type of key; data key pairs have quotas by their
spec; ReplicateKey takes two CreateKey in the replica's Region, UpdatePrimaryRegion counts in both Regions; operations
in a custom key store count against the store's quota, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from reconciler.engine.call import Call
from reconciler.engine.crypto import ciphertext
from reconciler.engine.crypto.specs import SPECS, Family
from reconciler.engine.store.records import CustomStore, Key
from reconciler.kit.quotas import QuotaData

POOLS: Final = {
    Family.SYMMETRIC: "symmetric",
    Family.HMAC: "symmetric",
    Family.RSA: "rsa",
    Family.ECC: "ecc",
    Family.EDWARDS: "ecc",
    Family.SM2: "ecc",
    Family.ML_DSA: "ml-dsa",
    Family.ML_KEM: "ml-kem",
}
"""The pool of the cryptographic operations with a key, by its family."""
_PAIRS: Final = frozenset({"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"})
_CREATIONS_OF_A_REPLICA: Final = 2


@dataclass(frozen=True, slots=True)
class Charge:
    """So many requests against one quota of the caller's account."""

    region: str
    quota: str
    """As `limits.request_quotas` calls it."""
    cost: int = 1
    key_store: str | None = None
    """The id of the custom key store whose own quota it is."""


def charges(call: Call, data: QuotaData) -> list[Charge]:
    """What `call` costs; its keys are resolved."""
    region, keys = call.caller.region, _keys(call)
    if call.name in data.cryptographic:
        pools = {POOLS[SPECS[key.spec].family] for key in keys} or {"symmetric"}
        return [*(_single(region, pool) for pool in pools), *_of_stores(call, keys, data)]
    if call.name in _PAIRS:
        return [_single(region, pair_quota(call.get("KeyPairSpec"))), *_of_stores(call, keys, data)]
    return [_single(region, call.name), *_elsewhere(call)]


def pair_quota(spec: str) -> str:
    """The name of the quota of data key pairs of a spec."""
    return f"GenerateDataKeyPair:{spec}"


@lru_cache(maxsize=1_024)
def _single(region: str, quota: str) -> Charge:
    return Charge(region, quota)


def _elsewhere(call: Call) -> Iterator[Charge]:
    if call.name == "ReplicateKey":
        yield Charge(call.get("ReplicaRegion"), "CreateKey", _CREATIONS_OF_A_REPLICA)
    if call.name == "UpdatePrimaryRegion":
        yield Charge(call.get("PrimaryRegion"), call.name)


def _of_stores(call: Call, keys: list[Key], data: QuotaData) -> list[Charge]:
    weight = data.weights.get(call.name, 1)
    return [Charge(call.caller.region, store.kind, weight, store.store_id) for store in _stores(call, keys)]


def _stores(call: Call, keys: list[Key]) -> Iterator[CustomStore]:
    numbers = {key.custody.store for key in keys if key.custody is not None}
    yield from (call.store.custom_stores.by_number(n) for n in sorted(numbers))
    named = call.get("CustomKeyStoreId")
    if named is not None:
        stores = call.store.custom_stores.all_of(call.caller.account, call.caller.region)
        yield from (store for store in stores if store.store_id == named)


def _keys(call: Call) -> list[Key]:
    """The keys of the call; what decrypts without naming one uses the key that the ciphertext names."""
    keys = list(call.keys.values())
    blob = call.get("CiphertextBlob")
    if blob is None or "KeyId" in call.keys or "SourceKeyId" in call.keys:
        return keys
    parsed = ciphertext.parse(blob)
    named = call.store.keys.find(parsed.account, call.caller.region, parsed.key_id) if parsed else None
    return keys if named is None else [*keys, named]
