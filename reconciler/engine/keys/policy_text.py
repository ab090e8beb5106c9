"""Key policies as texts: the least that one must be.

Meaning (who may do what, and whether the caller locks itself out) belongs to authorisation, which reads documents with
`reconciler.policy`; here a text is only refused when it could not be read at all.
"""

from __future__ import annotations

import json
from typing import Final

from reconciler.engine.errors import limit_exceeded
from reconciler.kit.errors import KmsError
from reconciler.kit.quotas import load

MOST_BYTES: Final = int(load().resources["policy-bytes"].value)
"""Source: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""


def check_policy(text: str) -> None:
    """See that `text` is a JSON object with statements that have an effect.

    Raises:
        KmsError: MalformedPolicyDocumentException, or LimitExceededException over 32,768 bytes.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise limit_exceeded(f"The key policy is longer than {MOST_BYTES} bytes.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed("The policy is not valid JSON.") from None
    if not isinstance(document, dict):
        raise _malformed("The policy is not a JSON object.")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise _malformed("The policy has no Statement.")
    for statement in statements:
        if not isinstance(statement, dict) or statement.get("Effect") not in ("Allow", "Deny"):
            raise _malformed("A statement of the policy has no valid Effect.")


def _malformed(message: str) -> KmsError:
    return KmsError("MalformedPolicyDocumentException", message)
