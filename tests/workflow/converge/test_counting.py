"""What grants leave on their keys, where both are objects that are looked at apart."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.errors import KmsError
from reconciler.workflow.converge.verdicts import Failed, Met
from tests.workflow.converge.world import KEY, document, grant


def tags(world, key_id):
    return {tag["TagKey"]: tag["TagValue"] for tag in world.kms("ListResourceTags", {"KeyId": key_id})["Tags"]}


def counted(world, key_id):
    return tags(world, key_id).get("kms.reconciler.dev/grants")


def test_a_key_says_how_many_grants_it_has_before_the_first_is_made_on_it(world):
    key = document(KEY, "orders")
    key_id = world.one(key).facts.key.key_id
    verdict = world.one(grant("app", "orders"), context=(key,))
    assert isinstance(verdict, Met)
    assert [str(change.address) for change in verdict.done] == ["Key/orders", "Grant/app"]
    assert verdict.facts.grant_id == world.kms("ListGrants", {"KeyId": key_id})["Grants"][0]["GrantId"]
    assert counted(world, key_id) == "1"


def test_several_grants_of_a_batch_are_counted_once_for_all(world):
    key = document(KEY, "orders")
    key_id = world.one(key).facts.key.key_id
    wishes = (grant("app", "orders"), grant("export", "orders", operations=["Encrypt"]))
    assert {type(verdict) for verdict in world.converge(*wishes, context=(key,)).values()} == {Met}
    assert counted(world, key_id) == "2"
    world.one(grant("late", "orders", operations=["DescribeKey"]), context=(key,))
    assert counted(world, key_id) == "3"


def test_a_key_whose_grants_were_made_apart_has_nothing_left_to_say(world):
    key = document(KEY, "orders")
    world.one(key)
    world.one(grant("app", "orders"), context=(key,))
    assert world.one(key).done == ()
    assert world.converge(key, grant("app", "orders"))[KEY, "orders"].done == ()


def test_nothing_else_of_the_key_is_changed_with_a_grant(world):
    key_id = world.one(document(KEY, "orders")).facts.key.key_id
    changed = document(KEY, "orders", description="Another", tags={"team": "shop"}, enabled=True)
    assert isinstance(world.one(grant("app", "orders"), context=(changed,)), Met)
    assert counted(world, key_id) == "1"
    assert "team" not in tags(world, key_id)
    assert world.kms("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["Description"] == ""


def test_no_grant_is_made_on_a_key_that_cannot_say_so(world):
    key = document(KEY, "orders")
    key_id = world.one(key).facts.key.key_id
    real = world.connection.kms

    def refusing(operation, parameters):
        if operation == "TagResource":
            raise KmsError("AccessDeniedException", "no", operation=operation)
        return real(operation, parameters)

    connection = replace(world.connection, kms=refusing)
    assert isinstance(world.one(grant("app", "orders"), context=(key,), connection=connection), Failed)
    assert real("ListGrants", {"KeyId": key_id})["Grants"] == []
