from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from reconciler.apply.events import (
    ChangeSkipped,
    Event,
    StepDone,
    StepFailed,
    StepPaused,
    StepStarted,
    Stopping,
)
from reconciler.apply.executor import apply
from reconciler.apply.outcome import Outcome
from reconciler.kit.clock import SystemClock
from reconciler.kit.errors import KmsctlError, KmsError, Refused
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import RUN_TARGET, AliasName, Days, TargetName
from reconciler.plan.changes import Action, Change, Reason
from reconciler.plan.steps import (
    CreateAlias,
    DisableKey,
    EnableKey,
    ExistingKey,
    ScheduleDeletion,
    Step,
    UpdateAlias,
    UpdateDescription,
)
from tests.apply.build import (
    alias_change,
    aliases,
    key_address,
    live_keys,
    plan_of,
    planned,
    resource,
    run,
)
from tests.support.faulty import Fault, Faulty

DENIED = KmsError("AccessDeniedException", "no")


class Recorder:
    """A KMS that says yes to everything and remembers, in order, which key or alias was meant."""

    def __init__(self, **reactions: Any) -> None:
        self.calls: list[str] = []
        self._reactions = reactions

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        subject = parameters.get("AliasName") or parameters["KeyId"]
        self.calls.append(f"{operation} {subject}")
        reaction = self._reactions.get(subject)
        if isinstance(reaction, Exception):
            raise reaction
        if reaction is not None:
            reaction()
        return {}


def change(name: str, *steps: Step, after: tuple[str, ...] = ()) -> Change:
    depends_on = tuple(key_address(other) for other in after)
    return Change(
        key_address(name), Action.UPDATE, Reason.DIFFERS, steps=steps, depends_on=depends_on, resource_id=name
    )


def enabling(name: str, *after: str) -> Change:
    return change(name, EnableKey(ExistingKey(name)), after=after)


def statuses(outcome: Outcome) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for result in outcome.steps:
        found.setdefault(result.change.address.name, []).append(str(result.status))
    return found


def named(events: list[Event]) -> list[str]:
    return [
        f"{type(event).__name__} {event.change.address.name}" if not isinstance(event, Stopping) else "Stopping"
        for event in events
    ]


def test_one_at_a_time_goes_by_the_plan_whatever_the_order_of_its_changes(clock):
    changes = [enabling("c"), enabling("a", "b"), enabling("b"), enabling("d", "a")]
    kms = Recorder()
    outcome = run(plan_of(*reversed(changes)), kms, clock)
    assert kms.calls == ["EnableKey b", "EnableKey a", "EnableKey d", "EnableKey c"]
    assert outcome.ok
    assert len(outcome.done) == 4


def test_the_steps_of_a_change_run_in_their_order_and_its_end_waits_for_dependents(clock):
    key = ExistingKey("k")
    alias = Change(
        Address(Kind.ALIAS, "a"),
        Action.UPDATE,
        Reason.DIFFERS,
        steps=(UpdateAlias(AliasName("alias/a"), key),),
        depends_on=(key_address("k"),),
    )
    kms = Recorder()
    run(plan_of(change("k", DisableKey(key), EnableKey(key), UpdateDescription(key, "")), alias), kms, clock)
    assert kms.calls == ["EnableKey k", "UpdateKeyDescription k", "UpdateAlias alias/a", "DisableKey k"]


@pytest.mark.parametrize("parallelism", [1, 4])
def test_a_failure_skips_its_change_and_what_depends_on_it_and_nothing_else(clock, parallelism):
    bad = ExistingKey("bad")
    plan = plan_of(
        change("bad", EnableKey(bad), UpdateDescription(bad, ""), ScheduleDeletion(bad, Days(30))),
        enabling("child", "bad"),
        enabling("grandchild", "child"),
        enabling("other"),
    )
    kms = Recorder(bad=DENIED)
    events: list[Event] = []
    outcome = run(plan, kms, clock, parallelism, listener=events.append)
    assert statuses(outcome) == {
        "bad": ["failed", "skipped", "skipped"],
        "child": ["skipped"],
        "grandchild": ["skipped"],
        "other": ["done"],
    }
    assert outcome.failed[0].error is DENIED
    assert {result.because for result in outcome.skipped} == {key_address("bad")}
    assert not outcome.ok
    assert "EnableKey other" in kms.calls
    assert sorted(named(events)) == [
        "ChangeSkipped child",
        "ChangeSkipped grandchild",
        "StepDone other",
        "StepFailed bad",
        "StepStarted bad",
        "StepStarted other",
    ]


def test_a_change_that_waits_for_two_failures_is_told_once(clock):
    plan = plan_of(enabling("a"), enabling("b"), enabling("c", "a", "b"))
    events: list[Event] = []
    outcome = run(plan, Recorder(a=DENIED, b=DENIED), clock, listener=events.append)
    assert [event for event in events if isinstance(event, ChangeSkipped)] == [
        ChangeSkipped(outcome.skipped[0].change, key_address("a"))
    ]


def test_a_fault_of_ours_is_a_failed_step_with_its_error(clock):
    fault = ZeroDivisionError("ours")
    outcome = run(plan_of(enabling("a"), enabling("b")), Recorder(a=fault), clock)
    assert outcome.failed[0].error is fault
    assert statuses(outcome) == {"a": ["failed"], "b": ["done"]}


def test_nothing_depends_on_a_key_that_the_plan_never_creates(clock):
    outcome = run(plan_of(alias_change("a", planned("ghost"))), Recorder(), clock)
    assert "before it is created" in str(outcome.failed[0].error)


def test_an_interrupt_finishes_the_call_in_flight_and_starts_no_more(clock):
    interrupt = threading.Event()
    key = ExistingKey("b")
    plan = plan_of(enabling("a"), change("b", EnableKey(key), UpdateDescription(key, "")), enabling("c"))
    kms = Recorder(b=interrupt.set)
    events: list[Event] = []
    outcome = run(plan, kms, clock, interrupt=interrupt, listener=events.append)
    assert kms.calls == ["EnableKey a", "EnableKey b"]
    assert statuses(outcome) == {"a": ["done"], "b": ["done", "not-started"], "c": ["not-started"]}
    assert outcome.interrupted
    assert not outcome.ok
    assert [len(part) for part in (outcome.done, outcome.not_started)] == [2, 2]
    assert events[-1] == Stopping(0)


def test_an_interrupt_while_calls_are_in_flight_waits_for_all_of_them():
    interrupt, both = threading.Event(), threading.Barrier(2)

    def slow() -> None:
        both.wait(10)
        interrupt.set()

    kms = Recorder(a=slow, b=slow)
    outcome = run(plan_of(enabling("a"), enabling("b"), enabling("c", "a")), kms, SystemClock(), 2, interrupt=interrupt)
    assert statuses(outcome) == {"a": ["done"], "b": ["done"], "c": ["not-started"]}


def test_an_interrupt_before_the_first_step_does_nothing(clock, engine_client):
    interrupt = threading.Event()
    interrupt.set()
    outcome = run(plan_of(*resource("orders")), engine_client, clock, interrupt=interrupt)
    assert {str(result.status) for result in outcome.steps} == {"not-started"}
    assert live_keys(engine_client) == []


def test_an_interrupt_ends_a_wait_and_the_key_is_reported(clock, engine_client):
    interrupt = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, StepPaused):
            interrupt.set()

    outcome = run(plan_of(*resource("orders")), engine_client, clock, interrupt=interrupt, listener=listen)
    [created] = outcome.done
    assert outcome.created == {key_address("orders"): live_keys(engine_client)[0]["KeyId"]}
    assert "interrupted" in created.notes[0]
    assert statuses(outcome) == {"orders": ["done", "not-started", "not-started", "not-started"]}


@pytest.mark.parametrize("parallelism", [1, 8])
def test_a_created_key_is_known_to_what_depends_on_it(clock, engine_client, parallelism):
    names = ["billing", "orders", "users"]
    outcome = run(plan_of(*(c for name in names for c in resource(name))), engine_client, clock, parallelism)
    assert outcome.ok
    assert outcome.created.keys() == {key_address(name) for name in names}
    assert aliases(engine_client) == {f"alias/{name}": outcome.created[key_address(name)] for name in names}
    for key_id in outcome.created.values():
        assert engine_client("GetKeyRotationStatus", {"KeyId": key_id})["KeyRotationEnabled"]
        assert len(engine_client("ListGrants", {"KeyId": key_id})["Grants"]) == 1


def test_while_one_key_settles_others_are_created(clock, engine_client):
    plan = plan_of(*(c for name in "abc" for c in resource(name)))
    kms = Faulty(engine_client)
    run(plan, kms, clock, 2)
    mutations = [name for name, _ in kms.calls if name.startswith("Create")]
    assert mutations[:3] == ["CreateKey"] * 3


def test_one_at_a_time_a_key_settles_before_the_next_is_created(clock, engine_client):
    plan = plan_of(*(c for name in "ab" for c in resource(name)))
    kms = Faulty(engine_client)
    run(plan, kms, clock, 1)
    mutations = [name for name, _ in kms.calls if name in ("CreateKey", "EnableKeyRotation")]
    assert mutations == ["CreateKey", "EnableKeyRotation"] * 2


def test_events_of_a_step_come_in_order_and_carry_it(clock, engine_client):
    events: list[Event] = []
    plan = plan_of(*resource("orders"))
    run(plan, engine_client, clock, listener=events.append)
    [change] = [change for change in plan.changes if change.address == key_address("orders")]
    of_the_key = [event for event in events if getattr(event, "step", None) == change.steps[0]]
    assert [type(event) for event in of_the_key] == [StepStarted, StepPaused, StepDone]
    assert all(event.change is change for event in of_the_key)


def test_events_are_heard_on_the_thread_that_applies(clock, engine_client):
    heard = set()
    run(
        plan_of(*resource("a"), *resource("b")),
        engine_client,
        clock,
        4,
        listener=lambda _: heard.add(threading.get_ident()),
    )
    assert heard == {threading.get_ident()}


def test_what_a_listener_raises_ends_the_apply(clock):
    def broken(event: Event) -> None:
        if isinstance(event, StepDone):
            raise BrokenPipeError

    kms = Recorder()
    with pytest.raises(BrokenPipeError):
        run(plan_of(enabling("a"), enabling("b")), kms, clock, listener=broken)
    assert kms.calls == ["EnableKey a"]


def test_a_plan_with_a_blocked_change_is_refused_untouched(clock):
    blocked = Change(key_address("b"), Action.BLOCKED, Reason.IMMUTABLE_FIELD, detail="it cannot change")
    kms = Recorder()
    with pytest.raises(Refused) as refused:
        apply(plan_of(enabling("a"), blocked), {RUN_TARGET: kms}, clock=clock)
    assert refused.value.why == "Key/b is blocked: it cannot change"
    assert kms.calls == []


def test_a_target_that_is_not_open_is_told_before_anything_is_done(clock):
    elsewhere = Change(
        Address(Kind.KEY, "a", TargetName("eu")),
        Action.UPDATE,
        Reason.DIFFERS,
        steps=(EnableKey(ExistingKey("a")),),
        resource_id="a",
    )
    kms = Recorder()
    with pytest.raises(KmsctlError, match="'eu'"):
        apply(plan_of(enabling("b"), elsewhere), {RUN_TARGET: kms}, clock=clock)
    assert kms.calls == []


def test_each_step_goes_to_the_target_of_its_change(clock):
    eu = TargetName("eu")
    there = Change(
        Address(Kind.KEY, "b", eu), Action.UPDATE, Reason.DIFFERS, steps=(EnableKey(ExistingKey("b")),), resource_id="b"
    )
    here, abroad = Recorder(), Recorder()
    outcome = apply(plan_of(enabling("a"), there), {RUN_TARGET: here, eu: abroad}, clock=clock)
    assert outcome.ok
    assert (here.calls, abroad.calls) == (["EnableKey a"], ["EnableKey b"])


def test_an_empty_plan_is_done_without_a_call(clock):
    kms = Recorder()
    outcome = apply(plan_of(), {RUN_TARGET: kms}, clock=clock)
    assert (outcome, kms.calls) == (Outcome(), [])


def test_a_later_apply_of_what_failed_completes_it(clock, engine_client):
    plan = plan_of(*resource("orders"))
    faulty = Faulty(engine_client, Fault(DENIED, "CreateAlias", times=99))
    first = run(plan, faulty, clock)
    assert [type(result.step) for result in first.failed] == [CreateAlias]
    key_id = first.created[key_address("orders")]
    again = plan_of(alias_change("orders", ExistingKey(key_id)))
    assert run(again, engine_client, clock).ok
    assert aliases(engine_client) == {"alias/orders": key_id}


def test_failures_and_refusals_are_events_with_their_error(clock):
    events: list[Event] = []
    plan = plan_of(enabling("a"))
    run(plan, Recorder(a=DENIED), clock, listener=events.append)
    assert events[-1] == StepFailed(plan.changes[0], plan.changes[0].steps[0], DENIED)
