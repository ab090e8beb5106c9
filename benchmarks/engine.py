"""The bundled KMS in process: calls a second on one thread, and what a call costs with many keys beside few."""

from __future__ import annotations

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.tables import table
from reconciler.engine.client import Client
from reconciler.engine.crypto.keyring import Keyring
from reconciler.engine.crypto.material import generate
from reconciler.engine.crypto.specs import SPECS
from reconciler.engine.engine import DEFAULT_ACCOUNT, DEFAULT_REGION, Engine
from reconciler.engine.ids import random_uuid
from reconciler.engine.keys.state import ENABLED
from reconciler.engine.store.records import NewKey
from reconciler.engine.store.rootkey import FileRootKey
from reconciler.engine.store.store import open_store
from reconciler.kit.clock import SystemClock
from reconciler.policy.default import default_policy

_KIB = b"x" * 1024
_CONTEXT = {"tenant": "blue"}
_ROUNDS = 15
_BURST = 1_200
"""Calls of a round: more than a batch of the audit record, so that each round pays for writing one."""

Action = Callable[[], object]


def run(sizes: tuple[int, int] = (100, 100_000)) -> str:
    """Both tables."""
    return f"{_rates()}\n{_growth(*sizes)}"


def _rates() -> str:
    with tempfile.TemporaryDirectory() as folder, Engine.open(Path(folder) / "data") as engine:
        client = engine.client()
        key = _new(client)
        blob = client("Encrypt", {"KeyId": key, "Plaintext": _KIB})["CiphertextBlob"]
        curve = _new(client, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        pair = _new(client, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        bound = {"KeyId": key, "Plaintext": _KIB, "EncryptionContext": _CONTEXT}
        data_key = {"KeyId": key, "KeySpec": "AES_256"}
        measured = {
            "Encrypt, 1 KiB": (lambda: client("Encrypt", {"KeyId": key, "Plaintext": _KIB}), _aes(), 30_000),
            "Encrypt, 1 KiB and a context": (lambda: client("Encrypt", bound), _aes(), "-"),
            "Decrypt, 1 KiB": (lambda: client("Decrypt", {"CiphertextBlob": blob}), _aes(), "-"),
            "GenerateDataKey": (lambda: client("GenerateDataKey", data_key), _aes(), "-"),
            "DescribeKey": (lambda: client("DescribeKey", {"KeyId": key}), None, "-"),
            "Sign, ECDSA P-256": (_sign(client, curve, "ECDSA_SHA_256"), _ecdsa(), 5_000),
            "Sign, RSA-2048 PSS": (_sign(client, pair, "RSASSA_PSS_SHA_256"), _pss(), 1_000),
            "CreateKey, on the disk": (lambda: client("CreateKey", {}), None, 500),
        }
        rows = [_rate(name, *parts) for name, parts in measured.items()]
    head = ("call", "a second", "goal", "µs", "bare cryptography, µs", "to it")
    return table("In process, one thread, with authorisation and the audit record", head, rows)


def _rate(name: str, action: Action, bare: Action | None, goal: object) -> tuple[object, ...]:
    calls = _BURST if goal not in (500, 1_000) else 200
    cost = _least(action, calls)
    beside = _least(bare, calls) if bare else None
    shown = ("-", "-") if beside is None else (beside, cost / beside)
    return (name, f"{1e6 / cost:,.0f}", f"{goal:,}" if isinstance(goal, int) else goal, cost, *shown)


def _growth(few: int, many: int) -> str:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        small = stack.enter_context(_filled(Path(folder) / "few", few))
        large = stack.enter_context(_filled(Path(folder) / "many", many))
        rows = [_beside(name, small[name], large[name]) for name in small]
    head = ("call", f"{few:,} keys, µs", f"{many:,} keys, µs", "ratio", "at most")
    return table("The cost of a call as keys grow", head, rows)


def _beside(name: str, one: Action, other: Action) -> tuple[object, ...]:
    """Both in turn, so that what disturbs the machine disturbs both."""
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        costs[0].append(_once(one, 200))
        costs[1].append(_once(other, 200))
    few, many = min(costs[0]), min(costs[1])
    return (name, few, many, many / few, "-" if name.endswith("turn") else 1.2)


@contextmanager
def _filled(folder: Path, keys: int) -> Iterator[dict[str, Action]]:
    """Calls on an engine with so many keys. These are made in one transaction: what is measured comes later."""
    ids = _fill(folder, keys)
    chosen = ids[keys // 2]
    turn = iter(random.Random(1).choices(ids, k=1_000_000))
    with Engine.open(folder) as engine:
        client = engine.client()
        encrypt = {"Plaintext": _KIB}

        def alias() -> None:
            client("CreateAlias", {"AliasName": "alias/one-more", "TargetKeyId": chosen})
            client("DeleteAlias", {"AliasName": "alias/one-more"})

        yield {
            "DescribeKey": lambda: client("DescribeKey", {"KeyId": chosen}),
            "Encrypt, 1 KiB": lambda: client("Encrypt", {"KeyId": chosen, **encrypt}),
            "Encrypt by alias": lambda: client("Encrypt", {"KeyId": f"alias/{chosen}", **encrypt}),
            "ListKeys, a page of 100": lambda: client("ListKeys", {"Limit": 100}),
            "CreateAlias and DeleteAlias, on the disk": alias,
            "DescribeKey, all keys in turn": lambda: client("DescribeKey", {"KeyId": next(turn)}),
            "Encrypt, all keys in turn": lambda: client("Encrypt", {"KeyId": next(turn), **encrypt}),
        }


def _fill(folder: Path, keys: int) -> list[str]:
    """Keys with an alias each, as CreateKey and CreateAlias make them."""
    store, root = open_store(folder, FileRootKey(), SystemClock())
    keyring, ids = Keyring(root), []
    policy = default_policy(DEFAULT_ACCOUNT, "aws")
    with store.writing():
        for n in range(keys):
            new = NewKey(random_uuid(), "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", f"Key {n}", policy, None)
            key = store.keys.insert(DEFAULT_ACCOUNT, DEFAULT_REGION, new, n)
            sealed = keyring.seal(key, generate(SPECS[new.spec]))
            store.keys.materials.add(key, sealed, key.created, None)
            store.keys.update(key, {"material_id": sealed.material_id, "state": ENABLED})
            store.aliases.insert(key, f"alias/{key.key_id}", n)
            ids.append(key.key_id)
    store.close()
    return ids


def _new(client: Client, **parameters: Any) -> str:
    key: str = client("CreateKey", parameters)["KeyMetadata"]["KeyId"]
    return key


def _sign(client: Client, key: str, algorithm: str) -> Action:
    request = {"KeyId": key, "Message": b"message", "SigningAlgorithm": algorithm}
    return lambda: client("Sign", request)


def _aes() -> Action:
    """AES-256-GCM under a key that is there."""
    cipher = AESGCM(os.urandom(32))
    return lambda: cipher.encrypt(os.urandom(12), _KIB, None)


def _ecdsa() -> Action:
    key = ec.generate_private_key(ec.SECP256R1())
    return lambda: key.sign(b"message", ec.ECDSA(hashes.SHA256()))


def _pss() -> Action:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    length = hashlib.sha256().digest_size
    return lambda: key.sign(b"message", padding.PSS(padding.MGF1(hashes.SHA256()), length), hashes.SHA256())


def _least(action: Action, calls: int) -> float:
    """Microseconds of a call, of the best round: what the machine can do when nothing disturbs it."""
    action()
    return min(_once(action, calls) for _ in range(_ROUNDS))


def _once(action: Action, calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        action()
    return (time.perf_counter() - started) / calls * 1e6
