"""What a verdict means for an object's health, and what its status shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.controller.health.failures import FailureKind
from reconciler.controller.health.reasons import Reason
from reconciler.controller.health.states import (
    Blocked,
    Drifted,
    Failing,
    Forbidden,
    InSync,
    Invalid,
    Refused,
    Stuck,
    Unusable,
    Waiting,
    Working,
    state_of_error,
)
from reconciler.controller.objects.seen import seen_of
from reconciler.controller.work.concluding import deeds_of, drift_of, state_of, status_of
from reconciler.kit.errors import KmsError
from reconciler.model.address import Address, Kind
from reconciler.model.identifiers import AliasName, Days, GrantId
from reconciler.model.keyspec import KeyState
from reconciler.model.observed import Account, ObservedRotation, Regions
from reconciler.model.stores import Connection
from reconciler.plan.changes import Action, Change, FieldChange
from reconciler.plan.changes import Reason as PlanReason
from reconciler.plan.steps import DeleteAlias, ExistingKey, ScheduleDeletion, UpdateDescription
from reconciler.workflow.converge import verdicts
from reconciler.workflow.converge.verdicts import Facts
from tests.controller.health.samples import DIAGNOSTIC, RISK
from tests.controller.support.objects import body, grant_spec
from tests.plan.build import has, has_store, pending

ACCOUNT = Account("111122223333", "us-east-1", "aws", "arn:aws:iam::111122223333:role/operator")
UNDECLARED = Facts(ACCOUNT, has(), undeclared=(AliasName("alias/stray"),))
MADE = has(created=datetime(2026, 3, 1, tzinfo=UTC))
THROTTLED = KmsError("ThrottlingException", "slow down", operation="DescribeKey")
DENIED = KmsError("AccessDeniedException", "no", operation="DescribeKey")
CHANGE = Change(
    Address(Kind.KEY, "orders"),
    Action.UPDATE,
    PlanReason.DIFFERS,
    (FieldChange("description", "a", "b"), FieldChange("policy", "{}", "{ }", cosmetic=True)),
    steps=(UpdateDescription(ExistingKey("k-1"), "b"),),
)
BLOCKED = Change(Address(Kind.KEY, "x"), Action.BLOCKED, PlanReason.IMMUTABLE_FIELD, detail="keySpec cannot change")


def _in(state):
    return verdicts.Met(Facts(ACCOUNT, pending() if state is KeyState.PENDING_DELETION else has(state=state)))


def _store(connection, error=""):
    return verdicts.Met(Facts(ACCOUNT, store=has_store(connection=connection, error=error)))


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (verdicts.Met(Facts(ACCOUNT, has())), InSync()),
        (verdicts.Met(Facts()), InSync()),
        (_in(KeyState.DISABLED), InSync()),
        (
            verdicts.Met(Facts(ACCOUNT, has(), undeclared=(AliasName("alias/stray"),))),
            Drifted(("aliases[alias/stray]",)),
        ),
        (_in(KeyState.CREATING), Unusable(Reason.CREATING)),
        (_in(KeyState.UPDATING), Unusable(Reason.UPDATING)),
        (_in(KeyState.PENDING_IMPORT), Unusable(Reason.PENDING_IMPORT)),
        (_in(KeyState.PENDING_REPLICA_DELETION), Unusable(Reason.PENDING_REPLICA_DELETION)),
        (_in(KeyState.UNAVAILABLE), Unusable(Reason.UNAVAILABLE)),
        (_store(Connection.CONNECTED), InSync()),
        (_store(Connection.CONNECTING), Unusable(Reason.CONNECTING)),
        (_store(Connection.DISCONNECTED), Unusable(Reason.DISCONNECTED)),
        (_store(Connection.FAILED, "USER_LOCKED_OUT"), Unusable(Reason.DISCONNECTED, "USER_LOCKED_OUT")),
        (verdicts.Differs(Facts(), (CHANGE,)), Drifted(("description",))),
        (verdicts.Unsettled(Facts(), ()), Working("changed; waiting for the KMS to show it")),
        (verdicts.Refused(Facts(), (RISK,)), Refused((RISK,))),
        (verdicts.Blocked(Facts(), BLOCKED), Blocked(Reason.IMMUTABLE_FIELD, "keySpec cannot change")),
        (verdicts.Forbidden(Facts(), "theirs"), Forbidden(Reason.NOT_YOURS, "theirs")),
        (verdicts.Waits(Facts(), "Key/p"), Waiting(Reason.REFERENCE_NOT_READY, "Key/p")),
        (verdicts.Failed(THROTTLED), state_of_error(THROTTLED)),
        (verdicts.Failed(DENIED), state_of_error(DENIED)),
        (verdicts.Faulty((DIAGNOSTIC,)), Invalid((DIAGNOSTIC,))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_verdict_is_a_state(verdict, state):
    assert state_of(verdict) == state


def test_a_key_on_its_way_out_tells_when_it_ends():
    state = state_of(_in(KeyState.PENDING_DELETION))
    assert state.reason is Reason.PENDING_DELETION
    assert "it will be deleted on 20" in state.detail


def test_throttling_passes_and_denial_does_not():
    assert isinstance(state_of(verdicts.Failed(THROTTLED)), Failing)
    assert state_of(verdicts.Failed(DENIED)).failure.kind is FailureKind.DENIED
    assert isinstance(state_of(verdicts.Failed(DENIED)), Stuck)


def test_drift_is_told_by_the_fields_that_matter_and_what_is_missing_by_its_address():
    missing = Change(Address(Kind.ALIAS, "main"), Action.CREATE, PlanReason.MISSING)
    assert drift_of((CHANGE, missing, CHANGE)) == ("description", "Alias/main")


def _key(spec=None, **more):
    return seen_of(body("Key", "orders", spec=spec or {}, **more))


def _status(facts, seen=None, verdict=verdicts.Met):
    met = verdict(facts) if verdict is verdicts.Met else verdict
    return status_of(seen or _key(), met, state_of(met))


def test_a_key_shows_what_kms_holds_and_nothing_that_is_not_there():
    facts = Facts(ACCOUNT, has(), (AliasName("alias/a"),))
    assert _status(facts) == {
        "keyId": "k-1",
        "arn": has().arn,
        "state": "Enabled",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "aliases": ["alias/a"],
        "accountId": "111122223333",
        "region": "us-east-1",
        "syncedGeneration": 1,
    }


def test_a_key_on_its_way_out_shows_its_date_and_a_multi_region_key_its_primary():
    date = datetime(2026, 12, 1, 10, tzinfo=UTC)
    shown = _status(Facts(ACCOUNT, pending(deletion_date=date, regions=Regions("eu-west-1"))))
    assert shown["deletionDate"] == "2026-12-01T10:00:00Z"
    assert shown["primaryRegion"] == "eu-west-1"


@pytest.mark.parametrize(
    ("rotation", "observed", "shown"),
    [
        ({}, None, None),
        ({}, ObservedRotation(enabled=False), "off"),
        ({}, ObservedRotation(enabled=True, period=Days(365)), "365d"),
        ({}, ObservedRotation(enabled=True), "off"),
        ({"automatic": {"periodDays": 90}}, ObservedRotation(enabled=True, period=Days(90)), "90d"),
        ({"onDemand": {"serial": 3}}, ObservedRotation(enabled=False), "on-demand 3"),
        ({"manual": {"everyDays": 90}}, None, "manual 90d"),
    ],
)
def test_a_key_tells_in_a_word_how_it_rotates(rotation, observed, shown):
    seen = _key({"rotation": rotation} if rotation else {})
    assert seen.sound, seen.document
    assert _status(Facts(ACCOUNT, has(rotation=observed)), seen).get("rotation") == shown


def test_an_alias_shows_its_key_and_its_arn():
    seen = seen_of(body("Alias", "main", spec={"name": "main", "keyRef": {"name": "orders"}}))
    assert _status(Facts(ACCOUNT, has()), seen) == {
        "aliasName": "alias/main",
        "keyId": "k-1",
        "arn": "arn:aws:kms:us-east-1:111122223333:alias/main",
        "syncedGeneration": 1,
        "syncedKeyId": "k-1",
    }
    assert _status(Facts(ACCOUNT), seen) == {"aliasName": "alias/main", "syncedGeneration": 1}


def test_a_grant_shows_its_id_and_its_key():
    seen = seen_of(body("Grant", "app", spec=grant_spec("orders")))
    facts = Facts(ACCOUNT, has(), grant_id=GrantId("g-1"))
    assert _status(facts, seen) == {
        "grantId": "g-1",
        "keyId": "k-1",
        "syncedGeneration": 1,
        "syncedKeyId": "k-1",
    }
    assert _status(Facts(ACCOUNT), seen) == {"syncedGeneration": 1}


STORE = {
    "xksProxy": {
        "uriEndpoint": "https://xks.example.com",
        "uriPath": "/kms/xks/v1",
        "connectivity": "PUBLIC_ENDPOINT",
        "credential": {"accessKeyId": "A" * 20, "secretAccessKey": {"from": {"secretRef": {"name": "s", "key": "k"}}}},
    }
}


def test_a_store_shows_its_id_and_whether_it_is_connected():
    seen = seen_of(body("CustomKeyStore", "vault", spec=STORE))
    if seen.sound is None:
        pytest.fail(str(seen.document))
    found = _status(Facts(ACCOUNT, store=has_store("vault")), seen)
    assert found == {"storeId": "cks-vault", "connectionState": "CONNECTED", "syncedGeneration": 1}
    assert _status(Facts(ACCOUNT), seen) == {"syncedGeneration": 1}


@pytest.mark.parametrize("kind", ["KeyPolicy", "Target"])
def test_what_stands_for_nothing_in_a_kms_shows_nothing_of_it(kind):
    policy = {"administrators": ["arn:aws:iam::111122223333:role/admin"]}
    seen = seen_of(body(kind, "x", spec=policy if kind == "KeyPolicy" else {"backend": "local"}))
    assert seen.sound
    assert _status(Facts(ACCOUNT), seen) == {"syncedGeneration": 1}


def test_what_was_known_stays_where_nothing_was_seen_now():
    seen = _key(status={"keyId": "k-1", "drift": ["enabled"], "syncedGeneration": 1, "observedGeneration": 1, "of": 9})
    shown = _status(None, seen, verdicts.Failed(THROTTLED))
    assert shown == {"keyId": "k-1", "drift": ["enabled"], "syncedGeneration": 1}


@pytest.mark.parametrize(
    ("verdict", "drift"),
    [
        (verdicts.Met(Facts(ACCOUNT, has())), None),
        (verdicts.Differs(Facts(ACCOUNT, has()), (CHANGE,)), ["description"]),
        (verdicts.Failed(THROTTLED), ["enabled"]),
        (verdicts.Failed(DENIED), ["enabled"]),
        (verdicts.Waits(Facts(), "Key/p"), ["enabled"]),
        (verdicts.Refused(Facts(), (RISK,)), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_drift_is_shown_while_it_lasts_and_kept_while_nobody_could_look(verdict, drift):
    seen = _key(status={"drift": ["enabled"]})
    assert _status(None, seen, verdict).get("drift") == drift


@pytest.mark.parametrize(
    ("verdict", "synced"),
    [
        (verdicts.Met(Facts(ACCOUNT, has())), 2),
        (_in(KeyState.PENDING_IMPORT), 2),
        (verdicts.Met(Facts(ACCOUNT, has(), undeclared=(AliasName("alias/stray"),))), 2),
        (verdicts.Differs(Facts(ACCOUNT, has()), (CHANGE,)), 1),
        (verdicts.Unsettled(Facts(ACCOUNT, has()), ()), 1),
        (verdicts.Failed(THROTTLED), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_was_brought_about_counts_as_such(verdict, synced):
    seen = _key(generation=2, status={"syncedGeneration": 1})
    assert _status(None, seen, verdict)["syncedGeneration"] == synced


def test_a_manifest_with_errors_shows_what_was_known():
    seen = _key({"keySpec": "ROT13"}, status={"keyId": "k-1"})
    assert status_of(seen, verdicts.Met(Facts(ACCOUNT, has())), Invalid((DIAGNOSTIC,))) == {"keyId": "k-1"}


DONE = (replace(CHANGE), Change(Address(Kind.KEY, "orders"), Action.NO_OP, PlanReason.IN_SYNC))


@pytest.mark.parametrize(
    ("verdict", "seen", "told"),
    [
        (verdicts.Met(Facts(ACCOUNT, has()), DONE), _key(status={"keyId": "k-1"}), ["Updated"]),
        (verdicts.Met(Facts(ACCOUNT, has()), DONE), _key(), ["Adopted", "Updated"]),
        (
            verdicts.Met(Facts(ACCOUNT, has()), DONE),
            _key(status={"keyId": "k-1", "syncedGeneration": 1}),
            ["DriftCorrected"],
        ),
        (verdicts.Unsettled(Facts(), DONE), _key(), ["Updated"]),
        (verdicts.Failed(THROTTLED, None, DONE), _key(), ["Updated"]),
        (verdicts.Refused(Facts(), (RISK,)), _key(), []),
        (None, _key(), []),
    ],
    ids=["met", "met by what was there", "drift", "unsettled", "failed after that", "refused", "nothing was looked at"],
)
def test_what_was_done_is_told_whatever_came_of_it(verdict, seen, told):
    assert [deed.reason for deed in deeds_of(seen, verdict)] == told


NEW = Facts(ACCOUNT, MADE)


@pytest.mark.parametrize(
    ("error", "facts", "seconds", "waits"),
    [
        (DENIED, NEW, 0, True),
        (DENIED, NEW, 59, True),
        (DENIED, NEW, 60, False),
        (DENIED, NEW, -59, True),
        (DENIED, NEW, -60, False),
        (DENIED, NEW, None, False),
        (DENIED, None, 0, False),
        (DENIED, Facts(ACCOUNT), 0, False),
        (KmsError("ValidationException", "no"), NEW, 0, False),
        (OSError("no"), NEW, 0, False),
    ],
    ids=[
        "new",
        "still new",
        "not new any more",
        "clocks differ",
        "clocks differ much",
        "no time",
        "nothing seen",
        "no key",
        "another refusal",
        "no refusal",
    ],
)
def test_what_is_denied_on_a_new_key_is_asked_again_before_it_is_told_as_missing(error, facts, seconds, waits):
    now = None if seconds is None else MADE.created + timedelta(seconds=seconds)
    state = state_of(verdicts.Failed(error, facts), now)
    assert ("asked again until 00:01:00Z" in state.failure.message) is waits
    assert (isinstance(state, Failing) and state.failure.reason is Reason.ACCESS_DENIED) is waits


BEFORE, AFTER = "2026-02-28T00:00:00Z", "2026-03-02T00:00:00Z"
FAILING = [{"type": "Ready", "status": "False", "reason": "Unreachable"}]


@pytest.mark.parametrize(
    ("verdict", "seen", "doubtful", "told"),
    [
        (verdicts.Met(Facts(ACCOUNT, MADE)), _key(creationTimestamp=BEFORE), True, "Created"),
        (verdicts.Met(Facts(ACCOUNT, MADE)), _key(creationTimestamp=AFTER), True, "Adopted"),
        (verdicts.Met(Facts(ACCOUNT, MADE)), _key(creationTimestamp=BEFORE), False, "Adopted"),
        (
            verdicts.Met(Facts(ACCOUNT, MADE)),
            _key(creationTimestamp=BEFORE, status={"conditions": FAILING}),
            False,
            "Created",
        ),
        (verdicts.Failed(DENIED, Facts(ACCOUNT, MADE)), _key(creationTimestamp=BEFORE), False, "Created"),
        (verdicts.Failed(DENIED, Facts(ACCOUNT, MADE)), _key(creationTimestamp=AFTER), False, "Adopted"),
        (verdicts.Unsettled(Facts(ACCOUNT, MADE), ()), _key(creationTimestamp=BEFORE), False, "Created"),
    ],
    ids=[
        "made before the operator was killed",
        "left by an object before",
        "its status was lost",
        "made when it failed before",
        "made, and something failed after it",
        "taken up, and something failed after it",
        "made, and not as declared yet",
    ],
)
def test_a_key_that_is_there_was_made_for_the_object_or_was_there_before_it(verdict, seen, doubtful, told):
    (deed,) = deeds_of(seen, verdict, doubtful=doubtful)
    assert deed.reason == told


def test_an_alias_that_was_there_is_told_once_all_is_well():
    seen = seen_of(body("Alias", "m", spec={"name": "alias/m", "keyRef": {"name": "orders"}}))
    assert [deed.reason for deed in deeds_of(seen, verdicts.Met(Facts(ACCOUNT, MADE)), doubtful=True)] == ["Adopted"]
    assert deeds_of(seen, verdicts.Failed(DENIED, Facts(ACCOUNT))) == []


def test_a_deletion_that_was_scheduled_tells_its_date():
    change = Change(
        Address(Kind.KEY, "orders"),
        Action.SCHEDULE_DELETION,
        PlanReason.DESTROY_ASKED,
        steps=(ScheduleDeletion(ExistingKey("k-1"), Days(7)),),
        resource_id="k-1",
    )
    date = datetime(2026, 12, 1, tzinfo=UTC)
    going = _key(deletionTimestamp="2026-11-24T00:00:00Z")
    (deed,) = deeds_of(going, verdicts.Met(Facts(ACCOUNT, pending(deletion_date=date)), (change,)))
    assert deed.detail == "scheduled the deletion of Key k-1 for 2026-12-01"


def test_an_alias_that_goes_with_its_key_goes_at_once_and_not_at_a_date():
    change = Change(
        Address(Kind.ALIAS, "orders"),
        Action.DELETE,
        PlanReason.DESTROY_ASKED,
        steps=(DeleteAlias(AliasName("alias/orders")),),
        resource_id="alias/orders",
    )
    date = datetime(2026, 12, 1, tzinfo=UTC)
    going = _key(deletionTimestamp="2026-11-24T00:00:00Z")
    (deed,) = deeds_of(going, verdicts.Met(Facts(ACCOUNT, pending(deletion_date=date)), (change,)))
    assert deed.detail == "deleted Alias alias/orders"
