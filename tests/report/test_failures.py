"""What to do about a step that KMS refused."""

from __future__ import annotations

import pytest

from reconciler.kit.errors import KmsError
from reconciler.report.failures import failure_of


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        (
            "MalformedPolicyDocumentException",
            "Policy contains a statement with one or more invalid principals.",
            "spelled",
        ),
        (
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
            "delegateToIam",
        ),
        ("TagException", "Too many tags", "50 tags"),
    ],
    ids=["a principal", "a lockout", "tags"],
)
def test_advice_is_about_what_kms_minds(code, message, advice):
    assert advice in failure_of(KmsError(code, message, operation="CreateKey")).fix
