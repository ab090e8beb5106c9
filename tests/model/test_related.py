"""Related keys that a reading has shown to be there and did not read."""

from __future__ import annotations

import pytest

from reconciler.model.desired import ExternalPrimary
from reconciler.model.identifiers import RUN_TARGET, KeyId
from reconciler.model.observed import Regions
from reconciler.model.related import with_unseen_replicas
from reconciler.model.scope import Scope, Wanted, scope_of
from tests.plan.build import EU, declares, everywhere, has, has_primary, has_replica, there, wants, wants_replica
from tests.support.pools import POLICIES

ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1"
WANTS = (wants(multi_region=True), wants_replica(policy=POLICIES[0]))
EXTERNAL = wants_replica(primary=ExternalPrimary(RUN_TARGET, ARN))


def unseen(observed, *declared) -> dict[str, Scope]:
    desired = declares(*declared)
    return with_unseen_replicas(desired, observed, scope_of(desired))


@pytest.mark.parametrize(
    ("declared", "name"),
    [pytest.param(WANTS, "db", id="of a declared key"), pytest.param((EXTERNAL,), None, id="of somebody else's key")],
)
def test_a_replica_that_kms_tells_of_and_that_was_not_found_is_read_by_its_id(declared, name):
    found = unseen(everywhere(there(has_primary(name=name))), *declared)
    assert found.keys() == {EU}
    assert found[EU].external == {KeyId("mrk-1"): found[EU].keys["db-eu"]}


def test_of_it_as_much_is_read_as_of_one_that_was_found():
    (scope,) = unseen(everywhere(there(has_primary())), *WANTS).values()
    assert scope.external["mrk-1"] == Wanted(policy=True)


@pytest.mark.parametrize(
    "observed",
    [
        pytest.param(everywhere(there(has_primary()), has_replica()), id="found"),
        pytest.param(everywhere(there(has_primary(regions=Regions("us-east-1")))), id="not replicated"),
        pytest.param(everywhere(there(has_primary(regions=None))), id="a KMS that does not tell"),
        pytest.param(everywhere(there(has())), id="a key of one Region"),
        pytest.param(everywhere(there(has_primary(name="other"))), id="another key"),
        pytest.param(everywhere(there()), id="nothing"),
    ],
)
def test_nothing_is_read_again_without_a_reason(observed):
    assert unseen(observed, *WANTS) == {}


def test_of_several_keys_of_a_name_the_youngest_counts():
    observed = everywhere(there(has_primary("mrk-1", age=9), has_primary("mrk-2", generation=2, age=1)))
    assert unseen(observed, *WANTS)[EU].external.keys() == {"mrk-2"}


def test_without_replicas_nothing_is_looked_for():
    assert unseen(everywhere(there(has_primary())), wants(multi_region=True)) == {}


def test_the_primary_of_a_replica_is_read_and_its_target_is_one_of_the_run():
    desired = declares(EXTERNAL)
    assert desired.targets() == (RUN_TARGET, EU)
    assert scope_of(desired)[RUN_TARGET].external == {ARN: Wanted()}
