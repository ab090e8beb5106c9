"""AWS's errors that more than one operation answers with, in AWS's words.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html and the API reference's error lists.
"""

from __future__ import annotations

from typing import Final

from reconciler.kit.errors import KmsError

ACCESS_DENIED: Final = "AccessDeniedException"
"""The code of every denial by KMS, tagging and CloudTrail."""


def not_found(message: str) -> KmsError:
    """The key, alias, policy or grant is not there."""
    return KmsError("NotFoundException", message)


def invalid(message: str) -> KmsError:
    """The request breaks a rule that the service model cannot express."""
    return KmsError("ValidationException", message)


def invalid_arn(arn: str) -> KmsError:
    """`arn` is no ARN, or names something else than the operation needs."""
    return KmsError("InvalidArnException", f"Invalid arn {arn}")


def invalid_key_usage(message: str) -> KmsError:
    """The key's usage or spec does not go with the operation or its algorithm."""
    return KmsError("InvalidKeyUsageException", message)


def invalid_state(message: str) -> KmsError:
    """The state of the key does not allow the operation."""
    return KmsError("KMSInvalidStateException", message)


def unsupported(message: str) -> KmsError:
    """A parameter, or the kind of key, is not supported by the operation."""
    return KmsError("UnsupportedOperationException", message)


def limit_exceeded(message: str) -> KmsError:
    """A resource quota is used up."""
    return KmsError("LimitExceededException", message)


def access_denied(principal: str, action: str, resource: str) -> KmsError:
    """`principal` may not perform `action` on `resource`; the words do not tell whether it exists."""
    return KmsError(
        ACCESS_DENIED,
        f"User: {principal} is not authorized to perform: kms:{action} on resource: {resource} because the resource "
        "does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
        "explicitly denies access",
    )


def dry_run() -> KmsError:
    """DryRun was asked for, and everything else is in order."""
    return KmsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")


def unknown_operation(name: str) -> KmsError:
    """The engine has no such operation."""
    return KmsError("UnknownOperationException", f"The bundled KMS has no operation {name!r:.100}.")
