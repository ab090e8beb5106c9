"""Errors as instructions: what kind of failure each one is, and when to try again. One table; pure.

Sources of the codes: the error shapes of botocore's service models and
https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from reconciler.apply.principals import UnknownPrincipal
from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.wording import clipped, sentence
from reconciler.kit.errors import AmbiguousOutcome, InvalidInput, KmsctlError, KmsError, Refused
from reconciler.kms import codes
from reconciler.kms.decode import UnknownValue
from reconciler.kms.translate import CredentialsRefused, CredentialsUnavailable, Unreachable
from reconciler.policy.faults import InvalidPolicy


class FailureKind(enum.StrEnum):
    """Who acts next, and so when to try again."""

    TRANSIENT = "transient"
    """It passes by itself, usually at once."""
    THROTTLED = "throttled"
    """Too many calls: fewer of them help."""
    UNREACHABLE = "unreachable"
    """Nobody answers."""
    WAIT = "wait"
    """Another object comes first; the wait ends when that one changes."""
    DENIED = "denied"
    """Somebody has to give a permission."""
    STUCK = "stuck"
    """Somebody has to change something outside of the cluster."""
    INVALID = "invalid"
    """Somebody has to change the object, or one that it refers to."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a reconciliation did not come to its end."""

    kind: FailureKind
    reason: Reason
    message: str
    """For people: one line, at most `MAX_MESSAGE` characters, without a secret and without what differs each time."""
    code: str = ""
    """AWS's code, or the name of the exception's class."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait: between nothing and the longest wait so far, at random, where `jitter` says so."""

    first: float
    """Seconds before the second attempt; the longest wait doubles with each further one."""
    longest: float
    jitter: bool = True
    """Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/"""


DELAYS: Final[Mapping[FailureKind, Backoff | None]] = MappingProxyType(
    {
        FailureKind.TRANSIENT: Backoff(1, 60),
        FailureKind.THROTTLED: Backoff(5, 60),
        FailureKind.UNREACHABLE: Backoff(2, 30),
        FailureKind.WAIT: Backoff(10, 60, jitter=False),
        FailureKind.DENIED: Backoff(300, 300, jitter=False),
        FailureKind.STUCK: Backoff(600, 600, jitter=False),
        FailureKind.INVALID: None,
    }
)
"""None: only a change of the object, or of one that it refers to, is worth another attempt."""


def delay(kind: FailureKind, attempt: int, chance: Callable[[], float]) -> float | None:
    """Seconds until the next attempt after failed attempt number `attempt`, from 1; None: not by itself.

    `chance` gives a number between 0 and 1, such as `random.random`.
    """
    backoff = DELAYS[kind]
    if backoff is None:
        return None
    most = min(backoff.longest, backoff.first * 2.0 ** min(attempt - 1, 16))
    return most * chance() if backoff.jitter else most


def classify(error: Exception) -> Failure:
    """What kind of failure `error` is, in words for the object's status.

    What is not an error of ours is told by the name of its class alone: its text could hold anything.
    """
    match error:
        case KmsError():
            kind, reason = _answered(error)
            return Failure(kind, reason, _told(error), error.code)
        case KmsctlError():
            kind, reason = next((means for known, means in _OURS if isinstance(error, known)), _PERSONAL)
            return Failure(kind, reason, sentence(error.what, _why(error), error.fix), type(error).__name__)
        case ApiError():
            kind, reason = _API.get(error.status, (FailureKind.UNREACHABLE, Reason.UNREACHABLE))
            return Failure(kind, reason, clipped(f"the Kubernetes API: {error}"), error.reason)
        case _:
            name = type(error).__name__
            message = f"an error of the operator's own: {name}; its log says more"
            return Failure(FailureKind.TRANSIENT, Reason.INTERNAL_ERROR, clipped(message), name)


_PERSONAL: Final = (FailureKind.STUCK, Reason.FAILED)
_OURS: Final[tuple[tuple[type[KmsctlError], tuple[FailureKind, Reason]], ...]] = (
    (Unreachable, (FailureKind.UNREACHABLE, Reason.UNREACHABLE)),
    (CredentialsUnavailable, (FailureKind.UNREACHABLE, Reason.CREDENTIALS_UNAVAILABLE)),
    (CredentialsRefused, (FailureKind.DENIED, Reason.CREDENTIALS_REFUSED)),
    (UnknownPrincipal, (FailureKind.WAIT, Reason.PRINCIPAL_UNKNOWN)),
    (InvalidInput, (FailureKind.INVALID, Reason.INVALID)),
    (InvalidPolicy, (FailureKind.INVALID, Reason.INVALID)),
    (UnknownValue, (FailureKind.STUCK, Reason.UNSUPPORTED)),
    (Refused, (FailureKind.STUCK, Reason.REFUSED)),
)

_API: Final = {
    400: (FailureKind.STUCK, Reason.REJECTED),
    401: (FailureKind.DENIED, Reason.CREDENTIALS_REFUSED),
    403: (FailureKind.DENIED, Reason.ACCESS_DENIED),
    404: (FailureKind.TRANSIENT, Reason.NOT_FOUND),
    409: (FailureKind.TRANSIENT, Reason.CONFLICT),
    413: (FailureKind.STUCK, Reason.REJECTED),
    422: (FailureKind.STUCK, Reason.REJECTED),
    429: (FailureKind.THROTTLED, Reason.THROTTLED),
}
"""By the status of HTTP that the Kubernetes API answers with; with any other, or none, it is not there for now."""

_ROWS: Final = (
    (codes.THROTTLED, FailureKind.THROTTLED, Reason.THROTTLED),
    (codes.LOST | {"KeyUnavailableException"}, FailureKind.TRANSIENT, Reason.SERVICE_FAULT),
    (codes.DENIED | {"NotAuthorized"}, FailureKind.DENIED, Reason.ACCESS_DENIED),
    (codes.EXPIRED | codes.UNRECOGNISED | {"OptInRequired"}, FailureKind.DENIED, Reason.CREDENTIALS_REFUSED),
    (codes.UNSUPPORTED, FailureKind.STUCK, Reason.UNSUPPORTED),
    (
        frozenset(
            {
                "AlreadyExistsException",
                "ConcurrentModificationException",
                "ConflictException",
                "CustomKeyStoreInvalidStateException",
                "DisabledException",
                "ExpiredImportTokenException",
                "InvalidImportTokenException",
                "InvalidMarkerException",
                "PaginationTokenExpiredException",
                codes.INVALID_STATE,
            }
        ),
        FailureKind.TRANSIENT,
        Reason.CONFLICT,
    ),
    (
        frozenset({"CustomKeyStoreNotFoundException", codes.GONE}),
        FailureKind.TRANSIENT,
        Reason.NOT_FOUND,
    ),
    (frozenset({"LimitExceededException"}), FailureKind.STUCK, Reason.QUOTA_EXCEEDED),
    (
        frozenset(
            {
                "DryRunOperationException",
                "IncorrectKeyException",
                "IncorrectKeyMaterialException",
                "InvalidAliasNameException",
                "InvalidArnException",
                "InvalidCiphertextException",
                "InvalidGrantIdException",
                "InvalidGrantTokenException",
                "InvalidKeyUsageException",
                "InvalidParameterException",
                "KMSInvalidMacException",
                "KMSInvalidSignatureException",
                "MalformedPolicyDocumentException",
                "NotAuthorizedException",
                "TagException",
                "ValidationError",
                "ValidationException",
            }
        ),
        FailureKind.STUCK,
        Reason.REJECTED,
    ),
    (
        frozenset({"XksProxyInvalidResponseException", "XksProxyUriUnreachableException"}),
        FailureKind.TRANSIENT,
        Reason.CUSTOM_KEY_STORE_FAULT,
    ),
    (
        frozenset(
            {
                "CloudHsmClusterInUseException",
                "CloudHsmClusterInvalidConfigurationException",
                "CloudHsmClusterNotActiveException",
                "CloudHsmClusterNotFoundException",
                "CloudHsmClusterNotRelatedException",
                "CustomKeyStoreHasCMKsException",
                "CustomKeyStoreNameInUseException",
                "IncorrectTrustAnchorException",
                "XksKeyAlreadyInUseException",
                "XksKeyInvalidConfigurationException",
                "XksKeyNotFoundException",
                "XksProxyIncorrectAuthenticationCredentialException",
                "XksProxyInvalidConfigurationException",
                "XksProxyUriEndpointInUseException",
                "XksProxyUriInUseException",
                "XksProxyVpcEndpointServiceInUseException",
                "XksProxyVpcEndpointServiceInvalidConfigurationException",
                "XksProxyVpcEndpointServiceNotFoundException",
            }
        ),
        FailureKind.STUCK,
        Reason.CUSTOM_KEY_STORE_FAULT,
    ),
)

CODES: Final[Mapping[str, tuple[FailureKind, Reason]]] = MappingProxyType(
    {code: (kind, reason) for members, kind, reason in _ROWS for code in members}
)
"""What each of AWS's codes means here."""


def _answered(error: KmsError) -> tuple[FailureKind, Reason]:
    """A lost answer is one whatever its code; a code that nobody knows may pass."""
    if isinstance(error, AmbiguousOutcome):
        return FailureKind.TRANSIENT, Reason.SERVICE_FAULT
    return CODES.get(error.code, (FailureKind.TRANSIENT, Reason.SERVICE_FAULT))


def _told(error: KmsError) -> str:
    """Without the request's id, which differs each time and would have every failure write a new status."""
    text = str(error)
    return clipped(text.replace(error.request_id, "…") if error.request_id else text)


def _why(error: KmsctlError) -> str:
    """Of manifests with errors, the first one."""
    if isinstance(error, InvalidInput) and error.diagnostics:
        return error.diagnostics[0].what
    return error.why
