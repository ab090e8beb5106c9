"""Where a rehearsal takes place."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.kit.errors import KmsError
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import ObservedState
from reconciler.model.target import Target
from reconciler.policy.access import Identities
from reconciler.workflow.rehearse.people import cast
from reconciler.workflow.rehearse.stage import open_stage
from reconciler.workflow.rehearse.stand_ins import StandIns
from tests.plan.build import EU, everywhere, has, has_primary, has_replica, there
from tests.support.pools import ACCOUNTS, READ_AT

TARGETS = {RUN_TARGET: Target(), EU: Target(EU)}
PEOPLE = cast(ACCOUNTS.values(), Identities())


def staged(observed, targets=TARGETS):
    return open_stage(observed, targets, PEOPLE, StandIns())


def test_two_endpoints_are_two_kmss_though_account_and_region_are_one():
    here = there(has("k-1")).targets[RUN_TARGET]
    observed = ObservedState({RUN_TARGET: here, EU: replace(here, keys={"k-2": has("k-2")})})
    targets = {RUN_TARGET: Target(), EU: Target(EU, "aws", endpoint_url="http://localhost:5000")}
    with staged(observed, targets) as stage:
        ids = {name: [one["KeyId"] for one in kms("ListKeys", {})["Keys"]] for name, kms in stage.copies.items()}
    assert ids == {RUN_TARGET: ["k-1"], EU: ["k-2"]}


@pytest.mark.parametrize("address", [None, "https://kms.eu-west-1.amazonaws.com"], ids=["one", "one of each Region"])
def test_related_keys_of_two_targets_are_related_on_the_copies_whatever_their_addresses(address):
    targets = {RUN_TARGET: Target(backend="aws"), EU: Target(EU, "aws", endpoint_url=address)}
    with staged(everywhere(there(has_primary()), has_replica()), targets) as stage:
        stage.copies[RUN_TARGET]("UpdatePrimaryRegion", {"KeyId": "mrk-1", "PrimaryRegion": "eu-west-1"})
        found = stage.copies[EU]("DescribeKey", {"KeyId": "mrk-1"})["KeyMetadata"]
    assert found["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"


def test_the_clock_begins_when_the_reading_did_and_nobody_waits_for_it():
    with staged(there(has("k-1"))) as stage:
        assert (stage.clock.now(), stage.clock.monotonic()) == (READ_AT, 0.0)
        watched = stage.watched()[RUN_TARGET]
        for number in range(20):
            watched("CreateAlias", {"AliasName": f"alias/{number}", "TargetKeyId": "k-1"})
        (calls,) = stage.log.calls()
    assert (calls.operation, calls.count) == ("CreateAlias", 20)
    assert calls.waited == stage.clock.monotonic()
    assert 4 < calls.waited < 5


def test_a_call_that_fails_is_counted_too():
    with staged(there(has("k-1"))) as stage:
        with pytest.raises(KmsError):
            stage.watched()[RUN_TARGET]("DescribeKey", {"KeyId": "alias/none"})
        assert [one.count for one in stage.log.calls()] == [1]


def test_what_is_copied_is_gone_when_the_rehearsal_breaks_off(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), staged(there(has("k-1"))):
        (folder,) = Path(tmp_path).iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        raise KeyboardInterrupt
    assert list(Path(tmp_path).iterdir()) == []
