"""Any part of a stack, each object with a verdict of its own, over the bundled KMS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms.translate import CredentialsRefused, CredentialsUnavailable, Unreachable
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import read_object
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target
from reconciler.workflow.converge.run import Means, converge
from reconciler.workflow.converge.verdicts import (
    Blocked,
    Differs,
    Failed,
    Faulty,
    Forbidden,
    Met,
    Refused,
    Waits,
)
from reconciler.workflow.converge.wishes import Batch, Wish
from reconciler.workflow.environment import Environment
from reconciler.workflow.targets import Connection, open_target

KEY, ALIAS, GRANT = ManifestKind.KEY, ManifestKind.ALIAS, ManifestKind.GRANT
TARGET = Target(TargetName("default"))


def document(kind, name, /, **spec) -> Document:
    body = {
        "apiVersion": "kms.reconciler.dev/v1alpha1",
        "kind": str(kind),
        "metadata": {"name": name},
        "spec": spec,
    }
    found = read_object(body, file=f"{kind}/{name}")
    assert isinstance(found, Document), found
    return found


def grant(name, key, /, **spec):
    who = {"granteePrincipal": "arn:aws:iam::111122223333:role/app", "operations": ["Decrypt"]}
    return document(GRANT, name, keyRef={"name": key}, **{**who, **spec})


class World:
    """One target, and batches of a stack on it."""

    def __init__(self, path):
        self.environment = Environment(path, {}, ManualClock(datetime(2026, 3, 1, tzinfo=UTC)))
        self.connection = open_target(TARGET, self.environment)
        self.kms = self.connection.kms

    def batch(self, *wishes, stack="c.payments", **keywords):
        made = tuple(wish if isinstance(wish, Wish) else Wish(wish) for wish in wishes)
        target = keywords.pop("target", TARGET)
        connection = keywords.pop("connection", self.connection)
        return Batch(
            stack,
            made,
            targets={TARGET.name: target},
            run_target=TARGET.name,
            connections={RUN_TARGET: connection},
            **keywords,
        )

    def converge(self, *wishes, means=None, **keywords):
        return converge(self.batch(*wishes, **keywords), means or Means(self.environment))

    def one(self, wish, **keywords):
        (verdict,) = self.converge(wish, **keywords).values()
        return verdict

    def key_ids(self):
        return [key["KeyId"] for key in self.kms("ListKeys", {})["Keys"]]


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path / "kms")
    yield made
    made.connection.close()


def test_a_key_is_made_and_then_left_alone(world):
    first = world.one(document(KEY, "orders", description="Orders", aliases=["alias/orders"]))
    assert isinstance(first, Met)
    assert [str(change.address) for change in first.done] == ["Key/orders", "Alias/orders"]
    assert first.facts.key.description == "Orders"
    assert first.facts.aliases == ("alias/orders",)
    again = world.one(document(KEY, "orders", description="Orders", aliases=["alias/orders"]))
    assert again == replace(first, done=())
    assert len(world.key_ids()) == 1


def test_objects_that_refer_to_each_other_are_made_in_one_batch_in_any_order(world):
    verdicts = world.converge(
        grant("app", "orders"), document(ALIAS, "main", name="alias/main", keyRef={"name": "orders"}),
        document(KEY, "orders"),
    )  # fmt: skip
    assert {type(verdict) for verdict in verdicts.values()} == {Met}
    assert verdicts[GRANT, "app"].facts.grant_id
    assert verdicts[GRANT, "app"].facts.key == verdicts[KEY, "orders"].facts.key
    assert verdicts[ALIAS, "main"].facts.key.key_id == verdicts[KEY, "orders"].facts.key.key_id


def test_what_stands_on_a_key_that_nobody_makes_now_waits(world):
    verdict = world.one(grant("app", "orders"), context=(document(KEY, "orders"),))
    assert isinstance(verdict, Waits)
    assert "Key/orders" in verdict.why
    assert world.key_ids() == []


def test_a_difference_is_told_and_left_where_correcting_is_not_asked_for(world):
    key_id = world.one(document(KEY, "orders", description="Orders")).facts.key.key_id
    world.kms("UpdateKeyDescription", {"KeyId": key_id, "Description": "tampered"})
    verdict = world.one(Wish(document(KEY, "orders", description="Orders"), correct=False))
    assert isinstance(verdict, Differs)
    assert [field.path for change in verdict.changes for field in change.fields] == ["description"]
    assert world.kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["Description"] == "tampered"


def test_what_kmsctl_notes_down_for_itself_is_nobodys_difference(world):
    key, looked_at = document(KEY, "orders"), Wish(document(KEY, "orders"), correct=False)
    key_id = world.one(key).facts.key.key_id
    world.converge(grant("app", "orders"), looked_at)
    retained = document(KEY, "orders", deletion={"policy": "Schedule"})
    assert isinstance(world.one(Wish(retained, correct=False)), Met)
    tags = {tag["TagKey"]: tag["TagValue"] for tag in world.kms("ListResourceTags", {"KeyId": key_id})["Tags"]}
    assert tags["kms.reconciler.dev/grants"] == "1"
    assert tags["kms.reconciler.dev/deletion"].startswith("Schedule")


def test_looking_only_changes_nothing_whatever_is_wished(world):
    verdict = world.one(document(KEY, "orders"), means=Means(world.environment, act=False))
    assert isinstance(verdict, Differs)
    assert world.key_ids() == []


def test_a_difference_is_corrected_where_it_is_asked_for(world):
    key_id = world.one(document(KEY, "orders", description="Orders")).facts.key.key_id
    world.kms("UpdateKeyDescription", {"KeyId": key_id, "Description": "tampered"})
    verdict = world.one(document(KEY, "orders", description="Orders"))
    assert isinstance(verdict, Met)
    assert verdict.done
    assert verdict.facts.key.description == "Orders"


def test_a_fault_of_one_object_keeps_no_other_from_its_own(world):
    faulty = document(KEY, "broken", policy={"users": ["arn:aws:iam::999999999999:role/x"], "administrators": []})
    verdicts = world.converge(faulty, document(KEY, "orders"), grant("app", "broken"))
    assert isinstance(verdicts[KEY, "orders"], Met)
    if isinstance(verdicts[KEY, "broken"], Faulty):
        assert isinstance(verdicts[GRANT, "app"], Waits)


def test_a_change_of_what_kms_cannot_change_is_blocked_and_the_rest_goes_on(world):
    world.one(document(KEY, "orders"))
    verdicts = world.converge(document(KEY, "orders", keySpec="RSA_2048", keyUsage="SIGN_VERIFY"), document(KEY, "b"))
    assert isinstance(verdicts[KEY, "orders"], Blocked)
    assert isinstance(verdicts[KEY, "b"], Met)


def test_a_danger_is_refused_until_it_is_allowed_by_name(world):
    world.one(document(KEY, "orders"))
    disabled = document(KEY, "orders", enabled=False)
    key_id = world.key_ids()[0]
    world.kms("Encrypt", {"KeyId": key_id, "Plaintext": b"x"})
    verdict = world.one(disabled)
    assert isinstance(verdict, Refused)
    assert [refusal.name for refusal in verdict.refusals] == ["key-in-use"]
    assert isinstance(world.one(Wish(disabled, allow=frozenset({"key-in-use"}))), Met)
    assert world.kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["KeyState"] == "Disabled"


def test_a_key_of_another_stack_cannot_be_reached_by_its_id(world):
    key_id = world.one(document(KEY, "orders"), stack="c.payments").facts.key.key_id
    theirs = document(GRANT, "spy", key=key_id, granteePrincipal="arn:aws:iam::111122223333:role/spy",
                      operations=["Decrypt"])  # fmt: skip
    for unmanaged in ("Deny", "Allow"):
        verdict = world.one(theirs, stack="c.other", target=replace(TARGET, unmanaged_keys=unmanaged))
        assert isinstance(verdict, Forbidden)
        assert "stack c.payments" in verdict.why
    assert world.kms("ListGrants", {"KeyId": key_id})["Grants"] == []


def test_an_alias_cannot_be_taken_from_another_stacks_key(world):
    world.one(document(KEY, "orders", aliases=["alias/main"]), stack="c.payments")
    verdict = world.one(
        Wish(document(KEY, "mine", aliases=["alias/main"]), allow=frozenset({"alias-takeover"})), stack="c.other"
    )
    assert isinstance(verdict, Forbidden)
    (alias,) = world.kms("ListAliases", {})["Aliases"]
    assert len(world.key_ids()) == 1
    assert alias["TargetKeyId"] == world.key_ids()[0]


def test_a_key_that_is_nobodys_is_adopted_only_where_the_target_opens_it(world):
    key_id = world.kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    adopting = document(KEY, "found", adopt={"keyId": key_id})
    assert isinstance(world.one(adopting), Forbidden)
    verdict = world.one(adopting, target=replace(TARGET, unmanaged_keys="Allow"))
    assert isinstance(verdict, Met)
    assert verdict.facts.key.key_id == key_id


def test_a_key_is_retained_or_scheduled_as_its_manifest_says_now(world):
    world.one(document(KEY, "orders"))
    key_id = world.key_ids()[0]
    going = document(KEY, "orders", deletion={"policy": "Schedule", "windowDays": 7})
    verdict = world.one(Wish(going, allow=frozenset({"key-in-use"})), gone=True)
    assert isinstance(verdict, Met)
    assert verdict.facts.key.deletion_date == world.environment.clock.now() + timedelta(days=7)
    assert world.kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["KeyState"] == "PendingDeletion"
    again = world.one(going, gone=True)
    assert isinstance(again, Met)
    assert again.done == ()


def test_a_key_whose_deletion_is_scheduled_comes_back_when_it_is_declared_again(world):
    going = document(KEY, "orders", deletion={"policy": "Schedule"})
    world.one(going)
    world.one(Wish(going, allow=frozenset({"key-in-use"})), gone=True)
    verdict = world.one(going)
    assert isinstance(verdict, Met)
    assert verdict.facts.key.state == "Enabled"
    assert len(world.key_ids()) == 1


def test_a_protected_key_does_not_go(world):
    kept = document(KEY, "orders", deletion={"policy": "Schedule", "protect": True})
    world.one(kept)
    assert isinstance(world.one(kept, gone=True), Blocked)


def test_nothing_is_left_to_do_for_a_key_that_was_never_made(world):
    verdict = world.one(document(KEY, "orders", deletion={"policy": "Schedule"}), gone=True)
    assert isinstance(verdict, Met)
    assert verdict.facts.key is None


def test_a_grant_goes_with_its_object_and_the_other_grants_stay(world):
    key = document(KEY, "orders")
    world.converge(key, grant("app", "orders"), grant("batch", "orders"))
    verdict = world.one(grant("app", "orders"), context=(key,), gone=True)
    assert isinstance(verdict, Met)
    assert len(verdict.done) == 1
    (left,) = world.kms("ListGrants", {"KeyId": world.key_ids()[0]})["Grants"]
    assert ":batch:" in left["Name"]


def test_a_grant_goes_although_its_key_is_declared_no_longer(world):
    world.converge(document(KEY, "orders"), grant("app", "orders"))
    key_id = world.key_ids()[0]
    orphan = document(GRANT, "app", key=key_id, granteePrincipal="arn:aws:iam::111122223333:role/app",
                      operations=["Decrypt"])  # fmt: skip
    assert isinstance(world.one(orphan, gone=True), Met)
    assert world.kms("ListGrants", {"KeyId": key_id})["Grants"] == []


def test_an_alias_goes_with_its_object_unless_it_points_elsewhere_by_now(world):
    key, alias = document(KEY, "orders"), document(ALIAS, "main", name="alias/main", keyRef={"name": "orders"})
    world.converge(key, alias, document(KEY, "other"))
    going = Wish(alias, allow=frozenset({"alias-leaves-key-in-use"}))
    assert isinstance(world.one(going, context=(key,), gone=True), Met)
    assert world.kms("ListAliases", {})["Aliases"] == []
    other = world.one(document(KEY, "other")).facts.key.key_id
    world.kms("CreateAlias", {"AliasName": "alias/main", "TargetKeyId": other})
    verdict = world.one(going, context=(key,), gone=True)
    assert isinstance(verdict, Met)
    assert verdict.done == ()
    assert len(world.kms("ListAliases", {})["Aliases"]) == 1


def test_aliases_that_nobody_declares_are_told_and_go_when_pruning_is_asked_for(world):
    key = document(KEY, "orders", aliases=["alias/orders"])
    key_id = world.one(key).facts.key.key_id
    world.kms("CreateAlias", {"AliasName": "alias/stray", "TargetKeyId": key_id})
    assert world.one(key).facts.undeclared == ("alias/stray",)
    pruned = world.one(Wish(key, allow=frozenset({"alias-leaves-key-in-use"})), prune=True)
    assert isinstance(pruned, Met)
    assert pruned.facts.aliases == ("alias/orders",)


def test_an_alias_that_somebody_else_declares_is_not_pruned(world):
    key_id = world.one(document(KEY, "orders")).facts.key.key_id
    for name in ("alias/stray", "alias/moving"):
        world.kms("CreateAlias", {"AliasName": name, "TargetKeyId": key_id})
    wish = Wish(document(KEY, "orders"), allow=frozenset({"alias-leaves-key-in-use"}))
    pruned = world.one(wish, prune=True, spared=frozenset({(RUN_TARGET, "alias/moving")}))
    assert isinstance(pruned, Met)
    assert pruned.facts.aliases == ("alias/moving",)
    assert pruned.facts.undeclared == ()


def test_a_grant_of_another_object_on_the_key_is_no_business_of_pruning(world):
    key = document(KEY, "orders")
    world.converge(key, grant("app", "orders"))
    assert isinstance(world.one(key, prune=True), Met)
    assert len(world.kms("ListGrants", {"KeyId": world.key_ids()[0]})["Grants"]) == 1


def test_a_key_that_may_not_be_read_fails_alone(world):
    world.converge(document(KEY, "a"), document(KEY, "b"))
    denied = next(k for k in world.key_ids() if _name(world, k) == "a")

    def kms(operation, parameters):
        if operation == "DescribeKey" and parameters["KeyId"] == denied:
            raise KmsError("AccessDeniedException", "no", operation=operation)
        return world.kms(operation, parameters)

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    verdicts = world.converge(document(KEY, "a"), document(KEY, "b"), connection=connection)
    assert isinstance(verdicts[KEY, "a"], Failed)
    assert isinstance(verdicts[KEY, "b"], Met)


def test_an_account_that_answers_nothing_is_asked_once_for_all(world):
    calls = []

    def kms(operation, parameters):
        calls.append(operation)
        raise KmsError("ThrottlingException", "slow down", operation=operation)

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    verdicts = world.converge(*(document(KEY, f"k{n}") for n in range(10)), connection=connection)
    assert {type(verdict) for verdict in verdicts.values()} == {Failed}
    assert len(calls) == 1


def test_a_key_whose_tags_the_index_does_not_list_yet_is_found_by_its_known_id(world):
    key_id = world.one(document(KEY, "orders")).facts.key.key_id

    def kms(operation, parameters):
        if operation == "tagging:GetResources":
            return {"ResourceTagMappingList": [], "PaginationToken": ""}
        return world.kms(operation, parameters)

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    verdict = world.one(Wish(document(KEY, "orders"), known=key_id), connection=connection)
    assert isinstance(verdict, Met)
    assert verdict.done == ()
    assert world.key_ids() == [key_id]


def _without(world, hidden, index):
    """The account with a tagging index that does not list one key."""

    def kms(operation, parameters):
        answer = world.kms(operation, parameters)
        if operation == index:
            listed = answer["ResourceTagMappingList"]
            return {**answer, "ResourceTagMappingList": [one for one in listed if hidden not in one["ResourceARN"]]}
        return answer

    return Connection(kms, world.connection.account, lambda: None, immediate=True)


def test_a_successor_that_the_index_does_not_list_yet_is_not_made_again(world):
    wish = Wish(document(KEY, "orders", rotation={"manual": {"everyDays": 90}}))
    first = world.one(wish).facts.key.key_id
    world.environment.clock.advance(timedelta(days=91))
    second = world.one(wish).facts.key.key_id
    assert second != first
    again = world.one(replace(wish, known=second), connection=_without(world, second, "tagging:GetResources"))
    assert isinstance(again, Met)
    assert again.done == ()
    assert again.facts.key.key_id == second
    assert sorted(world.key_ids()) == sorted([first, second])


@pytest.mark.parametrize(
    "error",
    [
        Unreachable("cannot connect"),
        CredentialsUnavailable("none"),
        CredentialsRefused("no"),
        AmbiguousOutcome("ConnectionClosed", "no answer", operation="x"),
        KmsError("ExpiredTokenException", "old", operation="x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_does_not_answer_is_not_asked_again_for_each_object_of_a_batch(world, error):
    calls = []

    def kms(operation, parameters):
        calls.append(operation)
        raise error

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    verdicts = world.converge(*(document(KEY, f"k{n}") for n in range(10)), connection=connection)
    assert [verdict.error for verdict in verdicts.values()] == [error] * 10
    assert len(calls) == 1


@pytest.mark.parametrize(
    "error",
    [RuntimeError("a bug"), KmsError("KMSInvalidStateException", "not now", operation="x"), KmsctlError("no way")],
    ids=lambda error: type(error).__name__,
)
def test_whatever_goes_wrong_with_one_object_keeps_no_other(world, error):
    world.converge(document(KEY, "a"), document(KEY, "b"))
    bad = next(key for key in world.key_ids() if _name(world, key) == "a")

    def kms(operation, parameters):
        if operation == "DescribeKey" and parameters["KeyId"] == bad:
            raise error
        return world.kms(operation, parameters)

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    verdicts = world.converge(document(KEY, "a"), document(KEY, "b"), connection=connection)
    assert verdicts[KEY, "a"].error is error
    assert isinstance(verdicts[KEY, "b"], Met)


def test_what_was_done_before_a_reading_failed_is_told_and_not_done_again(world):
    made = []

    def kms(operation, parameters):
        if operation == "DescribeKey" and made[:1] == [parameters["KeyId"]]:
            raise KmsError("AccessDeniedException", "no", operation=operation)
        answer = world.kms(operation, parameters)
        if operation == "CreateKey":
            made.append(answer["KeyMetadata"]["KeyId"])
        return answer

    describable = []

    def shown(operation, parameters):
        # The first key cannot be described once it was tagged by its creation, and settled.
        if operation == "DescribeKey" and parameters["KeyId"] not in describable:
            describable.append(parameters["KeyId"])
            return world.kms(operation, parameters)
        return kms(operation, parameters)

    connection = Connection(shown, world.connection.account, lambda: None, immediate=True)
    verdicts = world.converge(document(KEY, "a"), document(KEY, "b"), connection=connection)
    kinds = sorted(type(verdict).__name__ for verdict in verdicts.values())
    assert kinds == ["Failed", "Met"]
    assert all([str(change.action) for change in verdict.done] == ["create"] for verdict in verdicts.values())
    assert len(world.key_ids()) == 2


def test_a_key_id_that_is_none_leads_nowhere(world):
    verdicts = world.converge(Wish(document(KEY, "a"), known="no key id!"), document(KEY, "b"))
    assert {type(verdict) for verdict in verdicts.values()} == {Met}


def test_a_key_that_was_made_by_somebody_who_could_not_note_it_is_looked_for_among_all(world):
    key_id = world.one(document(KEY, "orders")).facts.key.key_id
    calls = []

    def kms(operation, parameters):
        calls.append(operation)
        if operation == "tagging:GetResources":
            return {"ResourceTagMappingList": [], "PaginationToken": ""}
        return world.kms(operation, parameters)

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    verdict = world.one(Wish(document(KEY, "orders"), attempted=True), connection=connection)
    assert isinstance(verdict, Met)
    assert world.key_ids() == [key_id]
    assert "CreateKey" not in calls


def _name(world, key_id):
    tags = world.kms("ListResourceTags", {"KeyId": key_id})["Tags"]
    return next(tag["TagValue"] for tag in tags if tag["TagKey"] == "kms.reconciler.dev/name")


def test_a_key_whose_tags_cannot_be_read_is_not_taken_for_nobodys(world):
    key_id = world.kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    world.kms("CreateAlias", {"AliasName": "alias/main", "TargetKeyId": key_id})

    def kms(operation, parameters):
        if operation == "ListResourceTags":
            raise KmsError("AccessDeniedException", "no", operation=operation)
        return world.kms(operation, parameters)

    connection = Connection(kms, world.connection.account, lambda: None, immediate=True)
    taking = Wish(document(KEY, "mine", aliases=["alias/main"]), allow=frozenset({"alias-takeover"}))
    verdict = world.one(taking, connection=connection, target=replace(TARGET, unmanaged_keys="Allow"))
    assert isinstance(verdict, Forbidden)
    assert "cannot be read" in verdict.why
    assert world.key_ids() == [key_id]
