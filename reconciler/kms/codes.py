"""Error codes that mean the same wherever they come from, grouped by what the caller can do.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html, the same page of STS, the tagging API
and CloudTrail, and the error shapes of botocore's service models.
"""

from __future__ import annotations

THROTTLED = frozenset(
    {
        "RequestLimitExceeded",
        "SlowDown",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""Refused for its rate, without effect: wait and call again."""

LOST = frozenset(
    {
        "DependencyTimeoutException",
        "InternalError",
        "InternalFailure",
        "InternalServiceException",
        "InternalServerError",
        "KMSInternalException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)
"""The service failed on its side: the call may have taken effect."""

UNNAMED = frozenset({"500", "501"})
"""A fault without AWS's name for it: a proxy, or an emulator that failed or lacks the operation."""

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
"""The credentials were good once."""

UNRECOGNISED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""The credentials are nobody's, or the clock of this machine is wrong."""

GONE = "NotFoundException"
DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
INVALID_STATE = "KMSInvalidStateException"
UNSUPPORTED = frozenset(
    {"InvalidAction", "NotImplemented", "UnknownOperationException", "UnsupportedOperationException"}
)
