"""Whoever may tag keys, name grants and aliases, or write policies in the account writes what kmsctl reads.

Nothing of it makes kmsctl fail, print what a terminal obeys, or touch a key that does not bear the stack's own tag.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.kms.usage import _is_use
from reconciler.model.desired import AutomaticRotation, Deletion, GrantTerms, ManualRotation, OnDemandRotation
from reconciler.model.identifiers import AliasName, Days, GrantId, KeyId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import ObservedAlias, ObservedGrant, ObservedKey, ObservedRotation, ObservedState
from reconciler.model.ownership import (
    DELETION_TAG,
    GENERATION_TAG,
    GRANTS_TAG,
    NAME_TAG,
    OPERATION_TAG,
    ROTATION_TAG,
    STACK_TAG,
    GrantName,
    Ownership,
    RotationMark,
    marked_deletion,
    most_grants,
)
from reconciler.model.usage import NeverUsed, UsageUnknown, UsedAt
from reconciler.plan.drift import drift_of
from reconciler.plan.options import PlanOptions
from reconciler.plan.planner import plan
from reconciler.plan.saved.vet import objections
from reconciler.plan.simulate import simulate
from reconciler.plan.steps import CreateAlias, CreateGrant, ExistingKey, RevokeGrant, UpdateAlias
from reconciler.report.json import plan as json_plan
from reconciler.report.markdown import plan as markdown_plan
from reconciler.report.style import Style
from reconciler.report.text import drift as text_drift
from reconciler.report.text import plan as text_plan
from tests.plan.build import DB, declares, has, there, wants, wants_alias, wants_grant
from tests.support.pools import LIVE_POLICIES, POLICIES, READ_AT, STACK, terms_of

NUMBERS = ["", "0", "1", "2", "-1", "+1", " 1", "1.5", "1e3", "٣", "²", "\uff11", "9" * 256, "01", "0x1", "\x1b[31m"]
"""What stands where a number belongs. Python's `int` takes more of these than are ASCII digits."""
TEXTS = [
    STACK,
    "Default",
    f"{STACK} ",
    "d\u0435fault",
    "db",
    "",
    "a\nb",
    "\x1b]0;x\x07",
    "\u202edb",
    "$type",
    "*",
    "x" * 256,
]
number = st.sampled_from(NUMBERS)
text = st.sampled_from(TEXTS)
joined = st.lists(st.one_of(number, st.sampled_from(["Schedule", "Retain", "protect"])), max_size=4).map("/".join)

tags = st.fixed_dictionaries(
    {STACK_TAG: st.one_of(st.just(STACK), st.just(STACK), text)},
    optional={
        NAME_TAG: st.one_of(st.just("db"), text),
        GENERATION_TAG: number,
        DELETION_TAG: joined,
        ROTATION_TAG: joined,
        GRANTS_TAG: number,
        OPERATION_TAG: text,
        "env": text,
    },
)
grant_names = st.one_of(
    st.sampled_from(["", "kmsctl", "kmsctl::::", "kmsctl:default:reader", "rds", "KMSCTL:default:reader:0"]),
    st.builds(lambda *parts: ":".join(["kmsctl", *parts]), text, st.sampled_from(["reader", "db", "_", "a_b"]), text),
)
policies = st.one_of(st.sampled_from(LIVE_POLICIES), text, st.just("[" * 2_000))


@st.composite
def keys(draw: st.DrawFn) -> ObservedState:
    found = []
    for at in range(draw(st.integers(0, 4))):
        grants = tuple(
            ObservedGrant(GrantId(f"g-{at}-{n}"), KeyId(f"k-{at}"), draw(grant_names), draw(any_terms))
            for n in range(draw(st.integers(0, 2)))
        )
        key = replace(
            has(f"k-{at}", None),
            tags=draw(tags),
            state=draw(st.sampled_from([KeyState.ENABLED, KeyState.DISABLED, KeyState.PENDING_DELETION])),
            description=draw(text),
            policy=draw(policies),
            created=READ_AT - timedelta(days=draw(st.sampled_from([0, 400]))),
            rotation=ObservedRotation(enabled=draw(st.booleans()), on_demand_rotations=draw(st.integers(0, 30))),
            grants=draw(st.sampled_from([None, grants])),
            last_use=draw(st.sampled_from([None, NeverUsed(), UsedAt(READ_AT), UsageUnknown("\x1b[2J")])),
        )
        found.append(key)
    observed = there(*found)
    target = observed.targets[DB.target]
    names = [AliasName(f"alias/{name}") for name in draw(st.lists(text, max_size=3))]
    ids = st.sampled_from([None, KeyId("k-far"), *(key.key_id for key in found)])
    aliases = {name: ObservedAlias(name, draw(ids)) for name in names}
    return ObservedState({DB.target: replace(target, aliases=aliases)})


any_terms: st.SearchStrategy[GrantTerms] = st.sampled_from([terms_of("reader"), terms_of("\x1b[31m")])
desired = st.builds(
    lambda rotation, deletion: declares(
        wants(rotation=rotation, deletion=deletion, policy=POLICIES[0]), wants_alias("db", DB), wants_grant()
    ),
    st.sampled_from([AutomaticRotation(), OnDemandRotation(3), ManualRotation(Days(90), 0)]),
    st.sampled_from([Deletion(), Deletion("Schedule", Days(7))]),
)
options = st.sampled_from([PlanOptions(), PlanOptions(prune=True), PlanOptions(prune=True, destroy=True)])
PATIENT = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def touched(planned: Any, observed: ObservedState) -> set[str]:
    """The keys that a step changes. Aliases and grants are owned by themselves, whosever key they are on."""
    return {
        step.key.key
        for _, step in planned.steps()
        if not isinstance(step, CreateAlias | UpdateAlias | CreateGrant | RevokeGrant)
        and isinstance(getattr(step, "key", None), ExistingKey)
    }


def stack_of(observed: ObservedState, key: str) -> str | None:
    found: ObservedKey = observed.targets[DB.target].keys[KeyId(key)]
    return found.tags.get(STACK_TAG)


@PATIENT
@given(desired, keys(), options)
def test_no_step_is_on_a_key_that_does_not_bear_the_tag_of_the_stack(wanted, observed, chosen):
    planned = plan(wanted, observed, chosen)
    assert {stack_of(observed, key) for key in touched(planned, observed)} <= {STACK}
    assert objections(planned, observed) == ()
    simulate(planned, observed)


@PATIENT
@given(desired, keys(), options)
def test_what_is_printed_of_it_obeys_no_stranger(wanted, observed, chosen):
    planned = plan(wanted, observed, chosen)
    shown = text_plan.render(planned, Style()) + markdown_plan.render(planned) + json_plan.render(planned)
    shown += text_drift.render(drift_of(planned, observed, wanted), Style(), list_unmanaged=True)
    assert {unicodedata.category(c) for c in set(shown) - {"\n"}}.isdisjoint({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


@given(
    st.dictionaries(
        st.sampled_from([GENERATION_TAG, DELETION_TAG, ROTATION_TAG, GRANTS_TAG, STACK_TAG, NAME_TAG]), st.text()
    )
)
def test_any_tag_can_be_read(found):
    owner, mark = Ownership.of(found), RotationMark.of(found)
    assert owner is None or owner.generation >= 1
    assert mark is None or min(mark.serial, mark.rotations) >= 0
    assert most_grants(found) >= 0
    assert 7 <= marked_deletion(found).window <= 30


@pytest.mark.parametrize("number", ["٣", "²", "\uff11", "+3", " 3", "3 ", "3_0", "-3"])
def test_a_number_that_is_not_of_ascii_digits_is_none(number):
    assert Ownership.of({STACK_TAG: STACK, NAME_TAG: "db", GENERATION_TAG: number}).generation == 1
    assert RotationMark.of({ROTATION_TAG: f"{number}/1"}) is None
    assert marked_deletion({DELETION_TAG: f"Schedule/{number}"}) == Deletion()
    assert most_grants({GRANTS_TAG: number}) == 0


@given(st.text())
def test_any_name_of_a_grant_can_be_read_and_is_ours_only_in_its_own_form(name):
    found = GrantName.of(name)
    assert found is None or name.startswith("kmsctl:")


@given(st.one_of(st.text(), st.just("[" * 100_000), st.just("null"), st.just('"x"'), st.none(), st.integers()))
def test_a_record_of_a_use_that_cannot_be_read_counts_as_a_use(record):
    try:
        failed = isinstance(json.loads(record), dict) and json.loads(record).get("errorCode")
    except (ValueError, TypeError, RecursionError):
        failed = False
    if not failed and record != "{}":
        assert _is_use({"EventName": "Decrypt", "CloudTrailEvent": record})
