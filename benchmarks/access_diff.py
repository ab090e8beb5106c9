"""What it costs a plan to say who gains and who loses access; in process, without any I/O."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from benchmarks.tables import table
from reconciler.kit.arn import key_arn
from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredKey, DesiredState
from reconciler.model.identifiers import RUN_TARGET, KeyArn, KeyId
from reconciler.model.keyspec import KeySpec, KeyState, KeyUsage, Origin
from reconciler.model.observed import Account, ObservedKey, ObservedState, ObservedTarget
from reconciler.model.ownership import DELETION_TAG, Ownership
from reconciler.plan.access import changed, keyfacts, reach
from reconciler.plan.access.changed import access_of
from reconciler.plan.changes import Plan
from reconciler.plan.planner import plan
from reconciler.plan.risk.policy import policy_risks
from reconciler.policy import compare, document

_T = TypeVar("_T")
_ID = "111122223333"
_ACCOUNT = Account(_ID, "us-east-1", "aws", f"arn:aws:iam::{_ID}:role/deployer")
_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_OF_ACCESS = (changed._of_new, changed._of_different, reach._rows)  # noqa: SLF001
_OF_PLAN = (document.parse_text, keyfacts.parsed, policy_risks, compare._compare_texts)  # noqa: SLF001
_ADMIN = ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Disable*"]
_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]


def run(keys: int = 1_000) -> str:
    """Plans of new keys and of changed policies, with a policy for each key and with one for all."""
    rows = []
    for what, policies in (("a policy each", keys), ("ten policies", 10)):
        rows.append((f"new keys, {what}", *_measured(_desired(keys, policies), _observed(0, 1, ""))))
        rows.append(
            (f"changed policies, {what}", *_measured(_desired(keys, policies), _observed(keys, policies, "old")))
        )
    return table(f"Access diff of {keys:,} keys", ("plan", "plan ms", "access ms", "adds %"), rows)


def _measured(desired: DesiredState, observed: ObservedState) -> tuple[float, float, float]:
    """Milliseconds of CPU of the plan and of the access diff, and what this adds to the rest: best of three, cold."""
    best = (float("inf"), float("inf"))
    for _ in range(3):
        _forget(*_OF_PLAN, *_OF_ACCESS)
        whole, made = _timed(plan, desired, observed)
        _forget(*_OF_ACCESS)
        access, _ = _timed(_access, made)
        best = min(best, (whole, access))
    whole, access = best
    rest = whole - (access if observed.targets[RUN_TARGET].keys else 0.0)  # its risks look at what changes
    return whole, access, access / rest * 100


def _access(made: Plan) -> int:
    return sum(len(access_of(change, _ACCOUNT)) for change in made.changes)


def _timed(call: Callable[..., _T], *arguments: Any) -> tuple[float, _T]:
    before = time.process_time()
    result = call(*arguments)
    return (time.process_time() - before) * 1_000, result


def _forget(*cached: Any) -> None:
    for each in cached:
        each.cache_clear()


def _policy(number: int, generation: str) -> str:
    def allow(sid: str, who: str, actions: list[str]) -> dict[str, object]:
        principal = {"AWS": f"arn:aws:iam::{_ID}:{who}"}
        return {"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*"}

    statements = [
        allow("EnableIamUserPermissions", "root", ["kms:*"]),
        allow("AllowAdministration", "role/platform", _ADMIN),
        allow("AllowUse", f"role/{generation}app{number}", _USE),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _desired(keys: int, policies: int) -> DesiredState:
    return DesiredState("default", tuple(_wanted(number, policies) for number in range(keys)))


def _wanted(number: int, policies: int) -> DesiredKey:
    address = Address(Kind.KEY, f"key-{number:05}")
    return DesiredKey(address, Position("keys.yaml", number + 1), enabled=True, policy=_policy(number % policies, ""))


def _observed(keys: int, policies: int, generation: str) -> ObservedState:
    found = (_real(number, policies, generation) for number in range(keys))
    return ObservedState({RUN_TARGET: ObservedTarget(_ACCOUNT, _NOW, {key.key_id: key for key in found})})


def _real(number: int, policies: int, generation: str) -> ObservedKey:
    key_id = KeyId(f"00000000-0000-0000-0000-{number:012}")
    own = Ownership("default", f"key-{number:05}", 1).tags()
    return ObservedKey(
        key_id,
        KeyArn(key_arn("us-east-1", _ID, key_id)),
        KeySpec.SYMMETRIC_DEFAULT,
        KeyUsage.ENCRYPT_DECRYPT,
        Origin.AWS_KMS,
        KeyState.ENABLED,
        _NOW,
        tags={**own, DELETION_TAG: "Retain"},
        policy=_policy(number % policies, generation),
    )
