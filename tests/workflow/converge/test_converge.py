"""Any part of a stack, each object with a verdict of its own, over the bundled KMS."""

from __future__ import annotations

from dataclasses import replace

from reconciler.workflow.converge.run import Means
from reconciler.workflow.converge.verdicts import (
    Blocked,
    Differs,
    Faulty,
    Forbidden,
    Met,
    Refused,
    Waits,
)
from reconciler.workflow.converge.wishes import Wish
from tests.workflow.converge.world import ALIAS, GRANT, KEY, TARGET, document, grant


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
