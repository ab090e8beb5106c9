"""What fails in a batch fails alone, and what lists do not show yet is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.kit.errors import AmbiguousOutcome, KmsctlError, KmsError
from reconciler.kms.translate import CredentialsRefused, CredentialsUnavailable, Unreachable
from reconciler.workflow.converge.verdicts import (
    Failed,
    Forbidden,
    Met,
)
from reconciler.workflow.converge.wishes import Wish
from reconciler.workflow.targets import Connection
from tests.workflow.converge.world import KEY, TARGET, document


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
