"""Errors that mean something."""

from __future__ import annotations

from reconciler.kit.absent import ABSENT
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.errors import (
    EXIT_CHANGES,
    EXIT_ERROR,
    EXIT_REFUSED,
    AmbiguousOutcome,
    InvalidInput,
    KmsctlError,
    KmsError,
    Refused,
)


def test_an_answer_of_a_kms_says_its_code_and_call():
    assert str(KmsError("NotFoundException", "no such key")) == "NotFoundException: no such key"
    error = AmbiguousOutcome("Timeout", "lost", operation="CreateKey", request_id="r")
    assert str(error) == "Timeout when calling CreateKey: lost"
    assert (error.code, error.message, error.request_id) == ("Timeout", "lost", "r")


def test_a_failure_for_a_person_has_three_parts_and_an_exit_code():
    error = KmsctlError("what", why="why", fix="fix")
    assert (str(error), error.what, error.why, error.fix, error.exit_code) == ("what", "what", "why", "fix", EXIT_ERROR)
    assert KmsctlError("what", exit_code=EXIT_CHANGES).exit_code == EXIT_CHANGES
    assert Refused("what").exit_code == EXIT_REFUSED


def test_invalid_input_counts_its_diagnostics():
    one = Diagnostic("n", Position("f.yaml", 2, 3), "what")
    assert str(InvalidInput([one])) == "1 error in the manifests"
    assert str(InvalidInput([one, one])) == "2 errors in the manifests"
    assert InvalidInput([one]).diagnostics == (one,)


def test_a_position_is_written_as_editors_read_it():
    assert str(Position("f.yaml", 2, 3)) == "f.yaml:2:3"


def test_what_is_absent_is_false_and_says_so():
    assert not ABSENT
    assert repr(ABSENT) == "ABSENT"
