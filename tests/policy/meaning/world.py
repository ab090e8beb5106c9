"""Statements to compare, and how."""

from __future__ import annotations

from typing import Any

from reconciler.policy.document import parse_document
from reconciler.policy.meaning import Difference, Witness, witness
from tests.policy.evaluate.world import KEY, ROOT, US

ROLE = f"arn:aws:iam::{US}:role"
APP, BATCH = f"{ROLE}/app", f"{ROLE}/batch"
THEM = "444455556666"
DELEGATE = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}


def allow(principal: Any, action: Any = "kms:Decrypt", when: Any = None, **elements: Any) -> dict[str, Any]:
    return _statement("Allow", principal, action, when, elements)


def deny(principal: Any, action: Any = "kms:Decrypt", when: Any = None, **elements: Any) -> dict[str, Any]:
    return _statement("Deny", principal, action, when, elements)


def _statement(effect: str, principal: Any, action: Any, when: Any, elements: dict[str, Any]) -> dict[str, Any]:
    who = {"AWS": principal} if isinstance(principal, str | list) and principal != "*" else principal
    said = {"Effect": effect, "Principal": who, "Action": action, "Resource": "*", **elements}
    if "NotPrincipal" in said:
        del said["Principal"]
    if "NotAction" in said:
        del said["Action"]
    if "NotResource" in said:
        del said["Resource"]
    return said if when is None else {**said, "Condition": when}


def difference(
    before: list[dict[str, Any]], after: list[dict[str, Any]], key_arn: str | None = KEY, version: str = "2012-10-17"
) -> Difference | None:
    documents = [parse_document({"Version": version, "Statement": said}) for said in (before, after)]
    return witness(documents[0], documents[1], account=US, partition="aws", key_arn=key_arn)


def found(before: list[dict[str, Any]], after: list[dict[str, Any]], **how: Any) -> Witness:
    told = difference(before, after, **how)
    assert isinstance(told, Witness), told
    return told
