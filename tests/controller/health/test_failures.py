"""The table of errors: each row, and that no error of AWS is missing."""

from __future__ import annotations

import itertools

import pytest
from botocore.loaders import Loader
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.apply.principals import UnknownPrincipal
from reconciler.controller.cluster.errors import ApiError
from reconciler.controller.health.failures import CODES, DELAYS, FailureKind, classify, delay
from reconciler.controller.health.reasons import Reason
from reconciler.kit.errors import AmbiguousOutcome, InvalidInput, KmsctlError, KmsError, Refused
from reconciler.kms import codes
from reconciler.kms.decode import UnknownValue
from reconciler.kms.translate import CredentialsRefused, CredentialsUnavailable, Unreachable
from reconciler.policy.faults import InvalidPolicy, PolicyFault
from tests.controller.health.samples import DIAGNOSTIC

T, STUCK, DENIED = FailureKind.TRANSIENT, FailureKind.STUCK, FailureKind.DENIED


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (KmsError("ThrottlingException", ""), FailureKind.THROTTLED, Reason.THROTTLED),
        (KmsError("SlowDown", ""), FailureKind.THROTTLED, Reason.THROTTLED),
        (KmsError("KMSInternalException", ""), T, Reason.SERVICE_FAULT),
        (KmsError("KeyUnavailableException", ""), T, Reason.SERVICE_FAULT),
        (AmbiguousOutcome("ReadTimeoutError", ""), T, Reason.SERVICE_FAULT),
        (AmbiguousOutcome("AccessDeniedException", ""), T, Reason.SERVICE_FAULT),
        (KmsError("SomethingNewException", ""), T, Reason.SERVICE_FAULT),
        (KmsError("AccessDeniedException", ""), DENIED, Reason.ACCESS_DENIED),
        (KmsError("ExpiredTokenException", ""), DENIED, Reason.CREDENTIALS_REFUSED),
        (KmsError("UnrecognizedClientException", ""), DENIED, Reason.CREDENTIALS_REFUSED),
        (KmsError("UnsupportedOperationException", ""), STUCK, Reason.UNSUPPORTED),
        (KmsError("KMSInvalidStateException", ""), T, Reason.CONFLICT),
        (KmsError("AlreadyExistsException", ""), T, Reason.CONFLICT),
        (KmsError("ConflictException", ""), T, Reason.CONFLICT),
        (KmsError("NotFoundException", ""), T, Reason.NOT_FOUND),
        (KmsError("LimitExceededException", ""), STUCK, Reason.QUOTA_EXCEEDED),
        (KmsError("MalformedPolicyDocumentException", ""), STUCK, Reason.REJECTED),
        (KmsError("ValidationException", ""), STUCK, Reason.REJECTED),
        (KmsError("TagException", ""), STUCK, Reason.REJECTED),
        (KmsError("XksProxyUriUnreachableException", ""), T, Reason.CUSTOM_KEY_STORE_FAULT),
        (KmsError("CloudHsmClusterNotActiveException", ""), STUCK, Reason.CUSTOM_KEY_STORE_FAULT),
        (Unreachable("cannot reach kms"), FailureKind.UNREACHABLE, Reason.UNREACHABLE),
        (CredentialsUnavailable("none"), FailureKind.UNREACHABLE, Reason.CREDENTIALS_UNAVAILABLE),
        (CredentialsRefused("expired"), DENIED, Reason.CREDENTIALS_REFUSED),
        (InvalidInput([DIAGNOSTIC]), FailureKind.INVALID, Reason.INVALID),
        (InvalidPolicy([PolicyFault((), "x", "y")]), FailureKind.INVALID, Reason.INVALID),
        (UnknownValue("1234", "key spec", "QUANTUM"), STUCK, Reason.UNSUPPORTED),
        (Refused("another account"), STUCK, Reason.REFUSED),
        (KmsctlError("two keys"), STUCK, Reason.FAILED),
        (UnknownPrincipal("nobody"), FailureKind.WAIT, Reason.PRINCIPAL_UNKNOWN),
        (ApiError(0, "Unreachable", "no answer"), FailureKind.UNREACHABLE, Reason.UNREACHABLE),
        (ApiError(503, "HTTP503", ""), FailureKind.UNREACHABLE, Reason.UNREACHABLE),
        (ApiError(403, "Forbidden", ""), DENIED, Reason.ACCESS_DENIED),
        (ApiError(404, "NotFound", ""), T, Reason.NOT_FOUND),
        (ApiError(409, "Conflict", ""), T, Reason.CONFLICT),
        (ApiError(422, "Invalid", ""), STUCK, Reason.REJECTED),
        (ApiError(429, "TooManyRequests", ""), FailureKind.THROTTLED, Reason.THROTTLED),
        (ZeroDivisionError("secret"), T, Reason.INTERNAL_ERROR),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'code', '')}" if isinstance(value, Exception) else "",
)
def test_each_error_is_of_one_kind(error, kind, reason):
    failure = classify(error)
    assert (failure.kind, failure.reason) == (kind, reason)
    assert failure.message
    assert failure.code


def test_every_exception_of_the_service_model_has_a_row():
    shapes = Loader().load_service_model("kms", "service-2")["shapes"]
    assert {name for name, shape in shapes.items() if shape.get("exception")} <= CODES.keys()


def test_every_code_that_the_port_knows_has_a_row_that_agrees():
    assert {CODES[code][0] for code in codes.THROTTLED} == {FailureKind.THROTTLED}
    assert {CODES[code][0] for code in codes.LOST} == {FailureKind.TRANSIENT}
    assert {CODES[code][0] for code in codes.DENIED | codes.EXPIRED | codes.UNRECOGNISED} == {FailureKind.DENIED}


def test_a_fault_of_ours_is_told_by_its_class_alone():
    failure = classify(ValueError("AKIAIOSFODNN7EXAMPLE"))
    assert failure.message == "an error of the operator's own: ValueError; its log says more"
    assert failure.code == "ValueError"


def test_the_id_of_a_request_is_left_out_so_that_the_same_failure_reads_the_same():
    first, second = (
        KmsError("LimitExceededException", f"too many (Request ID: {each})", operation="CreateKey", request_id=each)
        for each in ("0123-ab", "4567-cd")
    )
    assert classify(first) == classify(second)
    assert classify(first).message == "LimitExceededException when calling CreateKey: too many (Request ID: …)"


def test_an_error_for_a_person_is_told_with_its_parts():
    error = KmsctlError("two keys", why="another apply", fix="look")
    assert classify(error).message == "two keys: another apply; look"


def test_of_invalid_manifests_the_first_fault_is_told():
    assert classify(InvalidInput([DIAGNOSTIC])).message == "1 error in the manifests: Key/k: `spec.x` cannot be 3"
    assert classify(InvalidInput([])).message == "0 errors in the manifests"


@pytest.mark.parametrize("kind", [kind for kind, backoff in DELAYS.items() if backoff], ids=str)
def test_delays_double_to_the_longest_and_stay_there(kind):
    backoff = DELAYS[kind]
    waits = [delay(kind, attempt, lambda: 1.0) for attempt in range(1, 12)]
    assert waits[0] == backoff.first
    assert waits[-1] == backoff.longest
    assert all(second in (2 * first, backoff.longest) for first, second in itertools.pairwise(waits))


def test_what_only_a_change_can_mend_is_not_tried_again():
    assert delay(FailureKind.INVALID, 1, lambda: 0.5) is None


@settings(deadline=None)
@given(st.sampled_from(FailureKind), st.integers(1, 10**9), st.floats(0, 1))
def test_a_delay_is_never_longer_than_the_longest(kind, attempt, chance):
    backoff, wait = DELAYS[kind], delay(kind, attempt, lambda: chance)
    assert wait is None if backoff is None else 0 <= wait <= backoff.longest


@pytest.mark.parametrize("kind", [T, FailureKind.THROTTLED, FailureKind.UNREACHABLE], ids=str)
def test_what_many_meet_at_once_is_spread_at_random(kind):
    assert delay(kind, 3, lambda: 0.0) == 0
    assert delay(kind, 3, lambda: 0.25) == delay(kind, 3, lambda: 1.0) / 4
