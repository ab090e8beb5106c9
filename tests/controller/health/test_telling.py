"""The reason and the sentence of each state."""

from __future__ import annotations

import pytest

from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import (
    AccessTestFailed,
    AccessTestPassed,
    Deleting,
    Drifted,
    Forbidden,
    InSync,
    Invalid,
    Paused,
    Refused,
    Unusable,
    UnusableReason,
    Valid,
    Waiting,
    WaitingReason,
)
from reconciler.controller.health.telling import message_of, reason_of
from reconciler.controller.health.wording import MAX_MESSAGE, clipped, listed, sentence
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.model.address import Address, Kind
from reconciler.plan.risk.guard import Refusal
from tests.controller.health.samples import DIAGNOSTIC, RISK, ROWS

FORBIDDEN_RISK = Refusal(Address(Kind.KEY, "k"), "protected", "deletion.protect is set", None)


@pytest.mark.parametrize("name", ROWS)
def test_every_state_has_a_reason_and_a_sentence(name):
    assert reason_of(ROWS[name].state) in Reason
    assert message_of(ROWS[name].state)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (InSync(), "the KMS holds what is declared"),
        (InSync("disabled, as declared"), "disabled, as declared"),
        (Valid("used by 3 keys"), "used by 3 keys"),
        (AccessTestPassed("all is true"), "all is true"),
        (AccessTestFailed("AccessTest/t: no"), "AccessTest/t: no"),
        (
            Unusable(Reason.PENDING_DELETION, "it will be deleted on 2026-12-22"),
            "the deletion of the key is scheduled: it will be deleted on 2026-12-22",
        ),
        (
            Unusable(Reason.DISCONNECTED, "INVALID_CREDENTIALS"),
            "the custom key store is not connected: INVALID_CREDENTIALS",
        ),
        (Drifted(("tags.team", "enabled")), "the KMS differs from what is declared in tags.team, enabled"),
        (Waiting(Reason.REFERENCE_NOT_READY, "Key/k"), "waiting for Key/k, which is not ready yet"),
        (Invalid((DIAGNOSTIC,)), "Key/k: `spec.x` cannot be 3: at most 2; change it"),
        (Invalid((DIAGNOSTIC, DIAGNOSTIC)), "2 errors, first: Key/k: `spec.x` cannot be 3: at most 2; change it"),
        (
            Refused((RISK, FORBIDDEN_RISK)),
            (
                "key-in-use: it was used an hour ago; annotate kms.reconciler.dev/allow: key-in-use to accept it; "
                "protected: deletion.protect is set; only the spec can change that"
            ),
        ),
        (Forbidden(Reason.NOT_YOURS, "the key is team-b's"), "the key is team-b's"),
        (Paused(), "paused by the annotation kms.reconciler.dev/paused"),
        (Deleting("the key stays"), "the key stays"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_state_is_told_in_these_words(state, message):
    assert message_of(state) == message


@pytest.mark.parametrize("reason", UnusableReason.__args__)
def test_every_reason_why_a_key_cannot_be_used_has_words_of_its_own(reason):
    assert message_of(Unusable(reason))


@pytest.mark.parametrize("reason", WaitingReason.__args__)
def test_every_wait_names_what_is_waited_for(reason):
    assert "Target/default" in message_of(Waiting(reason, "Target/default"))


def test_a_message_is_one_line_of_a_bounded_length_with_nothing_that_a_terminal_obeys():
    message = message_of(InSync("\x1b[31m" + "long " * 10_000 + "\n"))
    assert len(message) == MAX_MESSAGE
    assert message.isprintable()
    assert message.startswith("\\x1b")
    assert message.endswith("…")


def test_a_message_of_the_longest_length_is_whole():
    assert clipped("x" * MAX_MESSAGE) == "x" * MAX_MESSAGE


@pytest.mark.parametrize(
    ("parts", "told"),
    [(("a", "b", "c"), "a: b; c"), (("a", "", "c"), "a; c"), (("a", "b", ""), "a: b"), (("a", "", ""), "a")],
    ids=["all", "no why", "no fix", "what alone"],
)
def test_parts_that_are_empty_are_left_out(parts, told):
    assert sentence(*parts) == told


def test_a_long_list_ends_with_how_many_more_there_are():
    assert listed(iter("abcd"), most=2) == "a, b and 2 more"


def test_a_hundred_errors_are_counted_and_the_first_is_told():
    many = tuple(Diagnostic("x", Position("f"), f"fault {n}") for n in range(100))
    assert message_of(Invalid(many)) == "100 errors, first: fault 0"
