"""Principals of the wrong account or partition, in policies and grants."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Message
from reconciler.manifest.positions import Path
from reconciler.manifest.resolve.where import Where

Found = tuple[Path, Message]
"""A place in the policy, and what is wrong there."""

_ROLES: Final = ("administrators", "users", "readOnly", "grantors")
_OPTIONS: Final = ("principals", "readers")
"""Of an entry of `services`: those that name principals."""


def partition_for(policy: Mapping[str, Any], where: Where) -> str:
    """The partition to judge `policy` by: while the Region is not known, that of the first ARN in it."""
    if where.region_known:
        return where.partition
    arns = (Arn.parse(text) for _, text in _principals(policy))
    return next((arn.partition for arn in arns if arn), where.partition)


def check_principals(policy: Mapping[str, Any], where: Where, partition: str) -> Iterator[Found]:
    """ARNs of another partition anywhere, and administrators of another account."""
    for path, text in _principals(policy):
        arn = Arn.parse(text)
        if arn is None:
            continue
        if arn.partition != partition:
            yield path, wrong_partition(text, arn, partition)
        elif path[0] == "administrators" and where.account_known and arn.account != where.account_id:
            yield (
                path,
                Message(
                    "wrong-account-arn",
                    f"{printable(text)} is of account {printable(arn.account)}, the key of account {where.account_id}",
                    "a key can be administered from its own account only",
                    f"name a role of account {where.account_id}; who only uses the key belongs under `users`",
                ),
            )


def wrong_partition(text: str, arn: Arn, partition: str) -> Message:
    """For an ARN of another partition than its surroundings."""
    return Message(
        "wrong-partition-arn",
        f"{printable(text)} is in the partition {arn.partition}, the key in {partition}",
        "partitions share no principals and no keys",
        f"write arn:{partition}:…, or arn:${{aws:partition}}:… for a manifest that serves several",
    )


def _principals(policy: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for role in _ROLES:
        for index, name in enumerate(policy.get(role, ())):
            yield (role, index), name
    for entry, service in enumerate(policy.get("services", ())):
        for option in _OPTIONS:
            for index, name in enumerate(service.get(option, ())):
                yield ("services", entry, option, index), name
    yield from _of_statements(policy.get("statements", ()), ("statements",))
    document = policy.get("document")
    if isinstance(document, str):
        for _, text in _of_document(_json(document), ()):
            yield ("document",), text
    else:
        yield from _of_document(document, ("document",))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # what is wrong with it is said where the document is parsed


def _of_document(document: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(document, dict):
        statements = document.get("Statement")
        if isinstance(statements, dict):
            yield from _of_statement(statements, (*path, "Statement"))
        else:
            yield from _of_statements(statements, (*path, "Statement"))


def _of_statements(statements: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(statements, list):
        for index, statement in enumerate(statements):
            yield from _of_statement(statement, (*path, index))


def _of_statement(statement: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if not isinstance(statement, dict):
        return
    for element in ("Principal", "NotPrincipal"):
        principals = statement.get(element)
        names = principals.get("AWS") if isinstance(principals, dict) else None
        if isinstance(names, str):
            yield (*path, element, "AWS"), names
        elif isinstance(names, list):
            for index, name in enumerate(names):
                if isinstance(name, str):
                    yield (*path, element, "AWS", index), name
