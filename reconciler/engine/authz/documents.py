"""Key policies as KMS takes them: a text to what it rules.

KMS takes statements that lack `Action` or `Resource`, and they rule nothing
(https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html, parameter `Policy`); anything else that
cannot be read makes the whole policy unreadable, and then it denies everything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from reconciler.policy.document import PolicyDocument, parse_document
from reconciler.policy.evaluate import Unparsable
from reconciler.policy.faults import InvalidPolicy
from reconciler.policy.statement import ELEMENTS

_NEEDED: Final = (("Action", "NotAction"), ("Resource", "NotResource"))

Document = PolicyDocument | Unparsable


def read_key_policy(text: str) -> Document:
    """The policy in `text`, or why it cannot be read."""
    try:
        return parse_document(text)
    except InvalidPolicy as invalid:
        effective = _effective(text)
        if effective is None:
            return Unparsable(invalid.why)
    if not effective["Statement"]:
        return PolicyDocument(effective.get("Version"), effective.get("Id"), ())
    try:
        return parse_document(effective)
    except InvalidPolicy as invalid:
        return Unparsable(invalid.why)


def _effective(text: str) -> dict[str, Any] | None:
    """The policy without the statements that rule nothing; None when it has none of those."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    statements = document.get("Statement")
    listed = statements if isinstance(statements, list) else [statements]
    kept = [statement for statement in listed if not _rules_nothing(statement)]
    return None if len(kept) == len(listed) else {**document, "Statement": kept}


def _rules_nothing(statement: object) -> bool:
    return (
        isinstance(statement, Mapping)
        and set(statement) <= set(ELEMENTS)
        and statement.get("Effect") in ("Allow", "Deny")
        and bool(statement.get("Principal") or statement.get("NotPrincipal"))
        and any(not any(name in statement for name in names) for names in _NEEDED)
    )
