"""Replicas and the move of a primary: calls that are made in one Region and take effect in two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.apply.perform import perform
from reconciler.apply.rollcall import RollCall
from reconciler.apply.site import Census, Done, Site
from reconciler.apply.wait import CONSISTENCY_WINDOW, SETTLING_WINDOW, Pausing
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.paging import entries
from reconciler.kms.port import Kms
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import RUN_TARGET, Days, TargetName
from reconciler.model.keyspec import KeySpec, KeyUsage, Origin
from reconciler.model.ownership import NAME_TAG, OPERATION_TAG, Ownership
from reconciler.plan.steps import (
    DisableRotation,
    EnableRotation,
    ExistingKey,
    PlannedKey,
    ReplicateKey,
    RotateOnDemand,
    UpdatePrimary,
)
from tests.apply.build import STACK
from tests.apply.drive import drive
from tests.support.faulty import Fault, Faulty, Scripted, lost_after, lost_before

EU = TargetName("eu")
OWNER = Ownership(STACK, "orders-eu", 1)
REGIONS = {RUN_TARGET: "us-east-1", EU: "eu-west-1"}


class Run:
    """Two Regions, and the sites of a run in both."""

    def __init__(self, kms: Mapping[TargetName, Kms], clock: ManualClock) -> None:
        self.clock = clock
        self.kms = dict(kms)
        self.key = kms[RUN_TARGET]("CreateKey", {"MultiRegion": True})["KeyMetadata"]["KeyId"]

    def site(self, target: TargetName) -> Site:
        return Site(
            self.kms[target],
            self.clock,
            {},
            Census(self.kms[target]),
            RollCall(self.kms[target]),
            lambda: "attempt-1",
            self.site,
        )

    def do(self, step: Any, target: TargetName = EU, interrupted_at: int | None = None) -> tuple[Done, list[float]]:
        work: Pausing[Done] = perform(step, self.site(target))
        return drive(work, self.clock, interrupted_at=interrupted_at)

    def faulty(self, target: TargetName, *faults: Fault) -> Faulty:
        kms = Faulty(self.kms[target], *faults)
        self.kms[target] = kms
        return kms

    def tags(self) -> dict[str, str]:
        listed = entries(self.kms[EU], "ListResourceTags", {"KeyId": self.key}, "Tags")
        return {tag["TagKey"]: tag["TagValue"] for tag in listed}

    def primary(self, target: TargetName = EU) -> str:
        metadata = self.kms[target]("DescribeKey", {"KeyId": self.key})["KeyMetadata"]
        return str(metadata["MultiRegionConfiguration"]["PrimaryKey"]["Region"])

    def replicate(self, **fields: Any) -> ReplicateKey:
        step = ReplicateKey(
            key=PlannedKey(Address(Kind.REPLICA_KEY, "orders-eu", EU), 1),
            primary=ExistingKey(self.key),
            at=RUN_TARGET,
            region="eu-west-1",
            owner=OWNER,
            key_spec=KeySpec.SYMMETRIC_DEFAULT,
            key_usage=KeyUsage.ENCRYPT_DECRYPT,
            origin=Origin.AWS_KMS,
            description="Europe",
            policy=None,
            tags={"team": "a"},
        )
        return replace(step, **fields)

    def move(self) -> UpdatePrimary:
        return UpdatePrimary(ExistingKey(self.key), RUN_TARGET, EU, "eu-west-1")


def opened(engine: Engine, clock: ManualClock) -> Run:
    return Run({target: engine.client(region=region) for target, region in REGIONS.items()}, clock)


@pytest.fixture
def run(tmp_path, clock) -> Iterator[Run]:
    with Engine.open(tmp_path / "engine", clock=clock) as engine:
        yield opened(engine, clock)


@pytest.fixture
def slow(tmp_path, clock) -> Iterator[Run]:
    """A KMS in which a new replica is Creating, and a moved primary Updating, for three seconds."""
    with Engine.open(tmp_path / "engine", clock=clock, consistency_delay=timedelta(seconds=3)) as engine:
        yield opened(engine, clock)


def refused(run: Run, step: Any, target: TargetName = EU, interrupted_at: int | None = None) -> str:
    with pytest.raises((KmsctlError, KmsError)) as caught:
        run.do(step, target, interrupted_at)
    return str(caught.value)


class TestAReplica:
    def test_is_made_with_its_tags_and_has_the_id_of_its_primary(self, run):
        done, pauses = run.do(run.replicate())
        assert (done, pauses) == (Done(run.key), [])
        assert run.tags() == {"team": "a", **OWNER.tags(), OPERATION_TAG: "attempt-1"}

    def test_has_the_policy_that_is_declared(self, run):
        policy = run.kms[RUN_TARGET]("GetKeyPolicy", {"KeyId": run.key, "PolicyName": "default"})["Policy"]
        declared = policy.replace("Enable IAM User Permissions", "Declared")
        run.do(run.replicate(policy=declared))
        assert run.kms[EU]("GetKeyPolicy", {"KeyId": run.key, "PolicyName": "default"})["Policy"] == declared

    def test_is_waited_for_until_it_can_be_used(self, slow):
        done, pauses = slow.do(slow.replicate())
        assert (done.notes, sum(pauses) >= 3) == ((), True)
        assert slow.kms[EU]("DescribeKey", {"KeyId": slow.key})["KeyMetadata"]["KeyState"] == "Enabled"

    def test_is_not_waited_for_after_an_interrupt(self, slow):
        done, _ = slow.do(slow.replicate(), interrupted_at=0)
        assert "still works on it" in done.notes[0]

    def test_that_never_gets_ready_is_gone_on_with(self, run):
        creating = {"KeyMetadata": {"KeyState": "Creating", "KeyId": run.key}}
        run.kms[EU] = Scripted(DescribeKey=lambda _: creating)
        done, pauses = run.do(run.replicate())
        assert "still works on it" in done.notes[0]
        assert SETTLING_WINDOW <= sum(pauses) <= SETTLING_WINDOW + 5

    @pytest.mark.parametrize(
        ("fault", "calls", "notes"),
        [
            pytest.param(lost_after("ReplicateKey"), 1, ("the answer was lost; the replica was found",), id="answer"),
            pytest.param(lost_before("ReplicateKey"), 2, (), id="request"),
        ],
    )
    def test_whose_answer_or_request_was_lost_is_made_once(self, run, fault, calls, notes):
        kms = run.faulty(RUN_TARGET, fault)
        done, _ = run.do(run.replicate())
        assert (kms.count("ReplicateKey"), done.notes) == (calls, notes)

    def test_that_nobody_knows_of_is_said_to_be_unknown(self, run):
        run.faulty(RUN_TARGET, lost_before("ReplicateKey", times=9))
        assert "nobody knows whether" in refused(run, run.replicate())
        assert run.clock.monotonic() >= 2 * CONSISTENCY_WINDOW

    def test_is_not_made_again_after_an_interrupt(self, run):
        run.faulty(RUN_TARGET, lost_before("ReplicateKey"))
        assert "nobody knows whether" in refused(run, run.replicate(), interrupted_at=0)

    def test_that_another_apply_made_first_is_gone_on_with(self, run):
        run.do(run.replicate())
        other = [{"TagKey": OPERATION_TAG, "TagValue": "another"}]
        run.kms[EU]("TagResource", {"KeyId": run.key, "Tags": other})
        done, _ = run.do(run.replicate())
        assert "another apply made it first" in done.notes[0]

    def test_of_another_name_is_left_alone(self, run):
        run.do(run.replicate())
        run.kms[EU]("UntagResource", {"KeyId": run.key, "TagKeys": [NAME_TAG]})
        assert "eu-west-1 has a replica" in refused(run, run.replicate())

    def test_that_awaits_deletion_is_not_taken_for_a_new_one(self, run):
        run.do(run.replicate())
        run.kms[EU]("ScheduleKeyDeletion", {"KeyId": run.key})
        assert "awaits deletion" in refused(run, run.replicate())

    def test_that_is_said_to_be_there_and_is_not_is_an_error(self, run):
        said = KmsError("AlreadyExistsException", "there is one")
        run.faulty(RUN_TARGET, Fault(said, "ReplicateKey"))
        assert "AlreadyExistsException" in refused(run, run.replicate())

    def test_that_kms_refuses_fails_at_once(self, run):
        run.kms[RUN_TARGET]("DisableKey", {"KeyId": run.key})
        assert "DisabledException" in refused(run, run.replicate())

    def test_that_cannot_be_looked_at_fails(self, run):
        run.faulty(EU, Fault(KmsError("AccessDeniedException", "no"), "DescribeKey"))
        assert "AccessDeniedException" in refused(run, run.replicate())


class TestThePrimary:
    @pytest.fixture
    def pair(self, run) -> Run:
        run.do(run.replicate())
        return run

    def test_moves_where_it_is_to_be(self, pair):
        assert pair.do(pair.move(), RUN_TARGET) == (Done(), [])
        assert (pair.primary(EU), pair.primary(RUN_TARGET)) == ("eu-west-1", "eu-west-1")

    def test_is_waited_for_on_both_sides(self, slow):
        slow.do(slow.replicate())
        done, pauses = slow.do(slow.move(), RUN_TARGET)
        assert (done.notes, sum(pauses) >= 3) == ((), True)

    def test_is_not_waited_for_after_an_interrupt(self, slow):
        slow.do(slow.replicate())
        done, _ = slow.do(slow.move(), RUN_TARGET, interrupted_at=0)
        assert "still works on it" in done.notes[0]

    def test_that_moved_already_is_a_success(self, pair):
        pair.do(pair.move(), RUN_TARGET)
        done, _ = pair.do(pair.move(), RUN_TARGET)
        assert done.notes == ("it was the primary already",)

    @pytest.mark.parametrize(
        ("fault", "calls", "told"),
        [
            pytest.param(lost_after("UpdatePrimaryRegion"), 1, "the answer was lost", id="answer"),
            pytest.param(lost_before("UpdatePrimaryRegion"), 2, "", id="request"),
        ],
    )
    def test_whose_answer_or_request_was_lost_moves_once(self, pair, fault, calls, told):
        kms = pair.faulty(RUN_TARGET, fault)
        done, _ = pair.do(pair.move(), RUN_TARGET)
        assert kms.count("UpdatePrimaryRegion") == calls
        assert told in "".join(done.notes)
        assert pair.primary() == "eu-west-1"

    def test_that_cannot_move_fails_in_the_words_of_kms(self, pair):
        pair.kms[EU]("ScheduleKeyDeletion", {"KeyId": pair.key})
        assert "KMSInvalidStateException" in refused(pair, pair.move(), RUN_TARGET)

    def test_that_has_no_replica_there_fails_in_the_words_of_kms(self, run):
        assert "NotFoundException" in refused(run, run.move(), RUN_TARGET)

    def test_is_where_rotation_is_changed(self, pair):
        pair.do(pair.move(), RUN_TARGET)
        key = ExistingKey(pair.key)
        status = lambda: pair.kms[RUN_TARGET]("GetKeyRotationStatus", {"KeyId": pair.key})  # noqa: E731
        pair.do(EnableRotation(key, Days(100), EU), RUN_TARGET)
        assert status()["RotationPeriodInDays"] == 100
        pair.do(RotateOnDemand(key, 0, EU), RUN_TARGET)
        assert len(pair.kms[EU]("ListKeyRotations", {"KeyId": pair.key})["Rotations"]) == 1
        pair.do(DisableRotation(key, EU), RUN_TARGET)
        assert not status()["KeyRotationEnabled"]
