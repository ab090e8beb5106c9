"""Keys that a run made, and may not be used by it at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.apply.newborn import NEWBORN_WINDOW, is_on_newborn, once_let
from reconciler.apply.wire import Request
from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsError
from reconciler.model.identifiers import KeyId
from reconciler.model.ownership import STACK_TAG
from reconciler.plan.steps import CreateAlias, EnableRotation, ExistingKey
from tests.apply.build import STACK, alias_change, aliases, grant_change, key_address, key_change, plan_of, planned, run
from tests.apply.drive import drive, site_of
from tests.support.faulty import Fault, Faulty, Scripted
from tests.support.people import MAIN, allow, people, user

DENIED = KmsError("AccessDeniedException", "not yet")
DEPLOYER = f"arn:aws:iam::{MAIN}:user/deployer"
MAKES = allow("kms:CreateKey", "kms:TagResource", "kms:List*", "kms:CreateAlias", "tag:GetResources")
OWN_KEYS = allow("kms:*", resource="arn:aws:kms:*:*:key/*", StringEquals={f"aws:ResourceTag/{STACK_TAG}": STACK})


def work_of(clock, *faults: Fault, **site):
    kms = Faulty(Scripted(EnableKey=lambda _: {"answer": 1}), *faults)
    place = site_of(kms, clock, **site)

    def send():
        yield from ()
        return place.send(Request("EnableKey", {}))

    return kms, once_let(send, place)


def test_what_is_denied_is_asked_again_with_growing_pauses(clock):
    kms, work = work_of(clock, Fault(DENIED, times=3))
    assert drive(work, clock) == ({"answer": 1}, [1, 2, 4])
    assert kms.count() == 4


def test_what_stays_denied_fails_in_the_end_in_the_words_of_kms(clock):
    _, work = work_of(clock, Fault(DENIED, times=99))
    began = clock.monotonic()
    with pytest.raises(KmsError) as told:
        drive(work, clock)
    assert told.value is DENIED
    assert clock.monotonic() - began == NEWBORN_WINDOW


@pytest.mark.parametrize(
    ("error", "site"),
    [
        pytest.param(KmsError("ValidationException", "no"), {}, id="another refusal"),
        pytest.param(DENIED, {"immediate": True}, id="a KMS that shows at once what was written"),
        pytest.param(DENIED, {"patience": 0}, id="no patience"),
    ],
)
def test_the_rest_is_told_at_once(clock, error, site):
    kms, work = work_of(clock, Fault(error, times=99), **site)
    with pytest.raises(KmsError):
        drive(work, clock)
    assert kms.count() == 1


def test_an_interrupt_ends_the_waiting(clock):
    kms, work = work_of(clock, Fault(DENIED, times=99))
    with pytest.raises(KmsError):
        drive(work, clock, interrupted_at=0)
    assert kms.count() == 1


def test_only_keys_of_this_run_are_new(clock):
    site = site_of(Scripted(), clock)
    step = EnableRotation(planned("orders"), 365)
    assert not is_on_newborn(step, site)
    site.keys[planned("orders")] = KeyId("k-1")
    assert is_on_newborn(step, site)
    assert not is_on_newborn(CreateAlias("alias/x", ExistingKey("k-1")), site)


@pytest.mark.parametrize("delay", [3, 30])
def test_whoever_may_use_only_keys_with_its_tags_makes_one_whose_tags_count_late(tmp_path, clock, delay):
    source = people(user(DEPLOYER, MAKES, OWN_KEYS))
    with Engine.open(
        tmp_path / "kms", clock=clock, identities=source, consistency_delay=timedelta(seconds=delay)
    ) as engine:
        kms = engine.client(principal=DEPLOYER)
        key, address = planned("orders"), key_address("orders")
        plan = plan_of(
            key_change("orders", EnableRotation(key, 365)),
            alias_change("orders", key, address),
            grant_change("app", key, address),
        )
        outcome = run(plan, kms, clock, 2)
        assert [str(result.error) for result in outcome.failed] == []
        assert aliases(kms)["alias/orders"] == outcome.created[address]
