"""Key policies as KMS takes them: a text to what it rules.

KMS takes statements that lack `Action` or `Resource`, and they rule nothing
(https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html, parameter `Policy`); anything else that
cannot be read makes the whole policy unreadable, and then it denies everything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.policy.document import PolicyDocument, parse_document, parse_text
from reconciler.policy.evaluate import Unparsable
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.statement import ELEMENTS

_NEEDED: Final = (("Action", "NotAction"), ("Resource", "NotResource"))

_STAND_IN: Final = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
"""A statement to read the rest of a policy with, when none of its own rules anything."""

Document = PolicyDocument | Unparsable


def read_key_policy(text: str) -> Document:
    """The policy in `text`, or why it cannot be read."""
    try:
        return parse_text(text)
    except InvalidPolicy as invalid:
        ruling = _ruling(text)
        if ruling is None:
            return Unparsable(invalid.why)
    document, kept = ruling
    try:
        parsed = parse_document({**document, "Statement": kept or _STAND_IN})
    except InvalidPolicy as invalid:
        return Unparsable(invalid.why)
    return parsed if kept else replace(parsed, statements=())


def _ruling(text: str) -> tuple[Mapping[str, Any], list[Any]] | None:
    """The document, and those of its statements that rule something; None when all of them do."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    kept = [statement for statement in listed if not _rules_nothing(statement)]
    return None if len(kept) == len(listed) else (document, kept)


def _rules_nothing(statement: object) -> bool:
    return (
        isinstance(statement, Mapping)
        and set(statement) <= set(ELEMENTS)
        and statement.get("Effect") in ("Allow", "Deny")
        and bool(statement.get("Principal") or statement.get("NotPrincipal"))
        and any(not any(name in statement for name in names) for names in _NEEDED)
    )
