"""Why a step failed, for people: what happened, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError

_AGAIN = "run the command again: what is done stays done"
_ADVICE = MappingProxyType(
    {
        "AccessDeniedException": "`kmsctl permissions` prints the IAM policy that the plan needs",
        "AlreadyExistsException": "plan again: somebody else was faster",
        "DependencyTimeoutException": _AGAIN,
        "ExpiredTokenException": "renew the credentials, then run the command again: what is done stays done",
        "InvalidArnException": "correct the ARN in the manifest",
        "KMSInternalException": _AGAIN,
        "KMSInvalidStateException": "plan again: the key is no longer in the state that was planned for",
        "LimitExceededException": "ask AWS for a higher quota, or remove what is no longer needed",
        "MalformedPolicyDocumentException": "see that every principal of the policy exists and is spelled right",
        "NotFoundException": "plan again: it was removed in the meantime",
        "TagException": "a key has at most 50 tags, of which kmsctl needs some: remove what nobody needs",
        "ThrottlingException": "run the command again with a lower --parallelism",
    }
)
"""By AWS's error codes.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html, and the page of each call.
"""

_LOCKOUT: Final = "will not allow you to update the key policy"
"""Words of KMS, which no code tells from other faults of a policy."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person is told of an error."""

    what: str
    why: str
    fix: str
    code: str
    """AWS's error code; empty when it was not the KMS that refused."""


def failure_of(error: BaseException | None) -> Failure:
    """What `error` means to a person. Of a fault of our own no message is shown: it could hold anything."""
    match error:
        case AmbiguousOutcome():
            why = "the answer was lost, so it may or may not have taken effect"
            return Failure(str(error), why, "plan again: it shows which", error.code)
        case KmsError() if _LOCKOUT in str(error):
            why = "KMS takes no policy that its caller could not change again"
            fix = "let the caller administer the key, or leave that to IAM policies (`delegateToIam: true`)"
            return Failure(str(error), why, fix, error.code)
        case KmsError():
            return Failure(str(error), "", _ADVICE.get(error.code, ""), error.code)
        case KmsctlError():
            return Failure(error.what, error.why, error.fix, "")
        case _:
            return Failure(f"a fault in kmsctl ({type(error).__name__})", "", "run the command again with --debug", "")
