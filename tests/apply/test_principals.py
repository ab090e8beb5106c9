from __future__ import annotations

import pytest

from reconciler.apply.principals import PRINCIPAL_WINDOW, UnknownPrincipal, send_once_principals_are_seen
from reconciler.apply.wire import Request
from reconciler.kit.errors import KmsctlError, KmsError
from tests.apply.drive import drive, site_of
from tests.support.faulty import Fault, Faulty, Scripted

UNKNOWN = KmsError(
    "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."
)
UNKNOWN_GRANTEE = KmsError("InvalidArnException", "ARN does not refer to a valid principal: arn:aws:iam::1:role/x")


def send(operation: str, clock, *faults: Fault):
    kms = Faulty(Scripted(**{operation: lambda _: {"answer": 1}}), *faults)
    return kms, send_once_principals_are_seen(site_of(kms, clock), Request(operation, {}))


@pytest.mark.parametrize(
    ("operation", "error"),
    [("PutKeyPolicy", UNKNOWN), ("CreateKey", UNKNOWN), ("CreateGrant", UNKNOWN_GRANTEE)],
    ids=["policy", "key", "grant"],
)
def test_a_principal_that_becomes_visible_is_waited_for(clock, operation, error):
    kms, work = send(operation, clock, Fault(error, times=3))
    answer, pauses = drive(work, clock)
    assert (answer, pauses, kms.count()) == ({"answer": 1}, [2, 4, 8], 4)


def test_a_principal_that_stays_unknown_fails_in_the_end_with_its_three_causes(clock):
    _, work = send("PutKeyPolicy", clock, Fault(UNKNOWN, times=99))
    began = clock.monotonic()
    with pytest.raises(KmsctlError) as told:
        drive(work, clock)
    assert clock.monotonic() - began == PRINCIPAL_WINDOW
    assert "invalid principals" in told.value.why
    for cause in ("a moment ago", "typing error", "service-linked role"):
        assert cause in told.value.fix


def test_whoever_has_less_patience_hears_of_it_sooner(clock):
    kms = Faulty(Scripted(PutKeyPolicy=lambda _: {"answer": 1}), Fault(UNKNOWN, times=99))
    began = clock.monotonic()
    with pytest.raises(UnknownPrincipal):
        drive(send_once_principals_are_seen(site_of(kms, clock, patience=5), Request("PutKeyPolicy", {})), clock)
    assert clock.monotonic() - began == 5


def test_an_interrupt_ends_the_waiting(clock):
    kms, work = send("PutKeyPolicy", clock, Fault(UNKNOWN, times=99))
    with pytest.raises(KmsctlError):
        drive(work, clock, interrupted_at=0)
    assert kms.count() == 1


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("PutKeyPolicy", KmsError("MalformedPolicyDocumentException", "Syntax errors in policy.")),
        ("PutKeyPolicy", UNKNOWN_GRANTEE),
        ("CreateGrant", KmsError("InvalidArnException", "Invalid keyId k-1")),
        ("CreateGrant", KmsError("AccessDeniedException", "principal is not authorised")),
    ],
    ids=["syntax", "no grant", "another arn", "denied"],
)
def test_any_other_refusal_is_told_at_once(clock, operation, error):
    kms, work = send(operation, clock, Fault(error, times=99))
    with pytest.raises(KmsError) as told:
        drive(work, clock)
    assert told.value is error
    assert kms.count() == 1
