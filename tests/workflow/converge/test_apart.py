"""Objects of one batch that cannot go together, and those that are left for themselves."""

from __future__ import annotations

from dataclasses import replace

from reconciler.kit.errors import KmsError
from reconciler.manifest.documents import ManifestKind
from reconciler.workflow.converge.run import Means
from reconciler.workflow.converge.verdicts import Blocked, Failed, Faulty, Forbidden, Met, Waits
from reconciler.workflow.converge.wishes import Wish
from reconciler.workflow.targets import Connection
from tests.controller.work.test_concluding import STORE
from tests.workflow.converge.world import ALIAS, GRANT, KEY, TARGET, document, grant

OPEN = replace(TARGET, unmanaged_keys="Allow")
ALLOWED = frozenset({"alias-leaves-key-in-use", "alias-takeover", "key-in-use"})


def _faulty(world, refuse):
    """The world's connection, where `refuse` says which calls fail."""

    def kms(operation, parameters):
        error = refuse(operation, parameters)
        if error:
            raise error
        return world.kms(operation, parameters)

    return Connection(kms, world.connection.account, lambda: None, immediate=True)


def _described(key_id):
    return "DescribeKey", {"KeyId": key_id}


def test_of_two_that_declare_one_alias_the_second_is_at_fault_and_what_stands_on_it_waits(world):
    verdicts = world.converge(
        document(KEY, "a", aliases=["alias/main"]), document(KEY, "b", aliases=["alias/main"]), grant("app", "b"),
        document(ALIAS, "other", name="alias/other", keyRef={"name": "a"}),
    )  # fmt: skip
    assert isinstance(verdicts[KEY, "a"], Met)
    assert isinstance(verdicts[ALIAS, "other"], Met)
    assert isinstance(verdicts[KEY, "b"], Faulty)
    assert "alias/main is declared twice" in verdicts[KEY, "b"].diagnostics[0].what
    assert isinstance(verdicts[GRANT, "app"], Waits)
    assert verdicts[GRANT, "app"].why == "Key/b has errors"


def test_what_refers_to_nothing_is_at_fault_alone(world):
    verdicts = world.converge(grant("app", "nowhere"), document(KEY, "a"))
    assert isinstance(verdicts[KEY, "a"], Met)
    assert isinstance(verdicts[GRANT, "app"], Faulty)


def test_an_alias_of_a_key_that_is_not_there_is_told_so(world):
    nowhere = "12345678-1234-1234-1234-123456789012"
    verdict = world.one(document(ALIAS, "m", name="alias/m", key=nowhere), target=OPEN)
    assert isinstance(verdict, Blocked)
    assert nowhere in verdict.change.detail


def test_a_policy_by_itself_asks_for_nothing(world):
    policy = document(ManifestKind.KEY_POLICY, "p", administrators=["arn:aws:iam::111122223333:role/admin"])
    verdict = world.one(policy)
    assert isinstance(verdict, Met)
    assert verdict.done == ()


def test_an_alias_of_somebody_elses_key_goes_with_its_object_where_the_target_opens_it(world):
    key_id = world.kms("CreateKey", {})["KeyMetadata"]["KeyId"]
    alias = Wish(document(ALIAS, "m", name="alias/m", key=key_id), allow=ALLOWED)
    assert isinstance(world.one(alias, target=OPEN), Met)
    assert isinstance(world.one(alias, gone=True), Forbidden), "the Target was closed meanwhile"
    assert isinstance(world.one(alias, gone=True, target=OPEN), Met)
    assert world.kms("ListAliases", {})["Aliases"] == []
    verdict = world.one(alias, gone=True, target=OPEN)
    assert isinstance(verdict, Met)
    assert verdict.done == ()


def test_a_store_is_nobodys_where_the_target_is_closed(world):
    verdict = world.one(document(ManifestKind.CUSTOM_KEY_STORE, "vault", **STORE))
    assert isinstance(verdict, Forbidden)
    assert verdict.facts.store is None


def test_what_fails_keeps_what_depends_on_it_and_nothing_else(world):
    denied = KmsError("LimitExceededException", "no more", operation="CreateKey")
    first = [denied]
    connection = _faulty(world, lambda operation, _: first.pop() if first and operation == "CreateKey" else None)
    verdicts = world.converge(
        document(KEY, "a"), grant("on-a", "a"), document(KEY, "b"), grant("on-b", "b"), connection=connection
    )
    by_key = {name: type(verdicts[KEY, name]) for name in "ab"}
    assert sorted(by_key.values(), key=str) == [Failed, Met]
    for name, kind in by_key.items():
        assert isinstance(verdicts[GRANT, f"on-{name}"], kind)
    failed = next(name for name, kind in by_key.items() if kind is Failed)
    assert "depends on it" in str(verdicts[GRANT, f"on-{failed}"].error)


def test_objects_that_are_looked_at_one_by_one_know_what_they_refer_to(world):
    """One that may not be read has the others looked at without it: each with its references, and its key's aliases."""
    policy = document(ManifestKind.KEY_POLICY, "p", administrators=["arn:aws:iam::111122223333:role/admin"])
    wishes = (
        document(KEY, "a", policyRef={"name": "p"}),
        document(ALIAS, "m", name="alias/m", keyRef={"name": "a"}),
        document(KEY, "denied"),
        grant("app", "a"),
    )
    world.converge(*wishes, context=(policy,))
    ids = {name: verdict.facts.key.key_id for (kind, name), verdict in
           world.converge(*wishes, context=(policy,)).items() if kind == KEY}  # fmt: skip
    denied = KmsError("AccessDeniedException", "no", operation="DescribeKey")
    connection = _faulty(world, lambda *call: denied if call == _described(ids["denied"]) else None)
    closed = document(ManifestKind.CUSTOM_KEY_STORE, "vault", **STORE)
    verdicts = world.converge(*wishes, closed, context=(policy,), connection=connection)
    assert isinstance(verdicts.pop((ManifestKind.CUSTOM_KEY_STORE, "vault")), Forbidden)
    assert isinstance(verdicts.pop((KEY, "denied")), Failed)
    for verdict in verdicts.values():
        assert isinstance(verdict, Met)
        assert verdict.done == ()
    assert verdicts[KEY, "a"].facts.undeclared == ()


def test_the_ends_of_objects_that_are_looked_at_one_by_one_know_no_other_that_ends(world):
    keys = [document(KEY, name, deletion={"policy": "Schedule"}) for name in ("a", "denied")]
    ids = {name: verdict.facts.key.key_id for (_, name), verdict in world.converge(*keys).items()}
    denied = KmsError("AccessDeniedException", "no", operation="DescribeKey")
    connection = _faulty(world, lambda *call: denied if call == _described(ids["denied"]) else None)
    wishes = [Wish(key, allow=ALLOWED) for key in keys]
    verdicts = world.converge(*wishes, gone=True, connection=connection)
    assert isinstance(verdicts[KEY, "a"], Met)
    assert isinstance(verdicts[KEY, "denied"], Failed)
    assert world.kms("DescribeKey", {"KeyId": ids["a"]})["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_looking_only_tells_what_is_met(world):
    world.one(document(KEY, "a"))
    verdict = world.one(document(KEY, "a"), means=Means(world.environment, act=False))
    assert isinstance(verdict, Met)
    assert verdict.done == ()


def test_nothing_new_is_begun_after_an_interruption(world):
    means = Means(world.environment)
    means.interrupt.set()
    world.converge(document(KEY, "a"), means=means)
    assert world.key_ids() == []
