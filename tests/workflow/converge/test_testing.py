"""AccessTests of a batch: what is told of them, and what they keep back."""

from __future__ import annotations

from reconciler.manifest.documents import ManifestKind
from reconciler.model.identifiers import RUN_TARGET
from reconciler.workflow.converge.verdicts import AccessTested, Faulty, Met, Refused, Waits
from reconciler.workflow.converge.wishes import Wish
from tests.workflow.converge.world import KEY, document, grant

TEST = ManifestKind.ACCESS_TEST
ACCOUNT = "arn:aws:iam::111122223333"
CLOSED = {"administrators": ["role/admin"], "delegateToIam": False}
OPEN = {**CLOSED, "users": ["role/app"]}
ROOT = f"{ACCOUNT}:root"
"""Who the bundled KMS is asked as."""
GRANTS = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*Grant*", "Resource": "*"}


def key(name="orders", policy=CLOSED, **spec):
    return Wish(
        document(
            KEY,
            name,
            policy={
                **policy,
                "administrators": ["role/admin", ROOT],
                "statements": [GRANTS, *policy.get("statements", ())],
            },
            **spec,
        )
    )


def expects(name="t", *, allow=(), deny=(), **which):
    lists = {"mustAllow": list(allow), "mustDeny": list(deny)}
    where = which or {"keyRef": {"name": "orders"}}
    return document(TEST, name, **where, **{field: lines for field, lines in lists.items() if lines})


def line(principal, *actions):
    return {"principals": [principal], "actions": list(actions)}


NOBODY_DECRYPTS = expects(deny=[line("role/app", "Decrypt")])


def test_a_test_that_holds_has_passed_once_its_key_is_there(world):
    verdicts = world.converge(key(policy=OPEN), expects(allow=[line("role/app", "Decrypt")], deny=[line("*", "*")]))
    assert isinstance(verdicts[KEY, "orders"], Met)
    assert verdicts[TEST, "t"] == AccessTested(verdicts[TEST, "t"].facts, 1)


def test_a_test_that_does_not_hold_says_so_by_the_names_of_fields(world):
    world.converge(key(policy=OPEN))
    verdicts = world.converge(key(policy=OPEN), NOBODY_DECRYPTS)
    (told,) = verdicts[TEST, "t"].failures
    assert told == (
        f"AccessTest/t (spec.mustDeny[0]): {ACCOUNT}:role/app must be denied kms:Decrypt on Key/orders, and is "
        "allowed: the key policy allows it: statement AllowUse (spec.policy.users of Key/orders)"
    )
    assert isinstance(verdicts[KEY, "orders"], Met)


def test_a_change_that_would_break_what_holds_is_not_made(world):
    world.converge(key())
    verdicts = world.converge(key(policy=OPEN, description="new"), NOBODY_DECRYPTS)
    (refusal,) = verdicts[KEY, "orders"].refusals
    assert (str(refusal.address), refusal.name, refusal.allow) == ("Key/orders", "access-test", None)
    assert "and is allowed" in refusal.why
    assert not verdicts[TEST, "t"].failures
    assert isinstance(world.one(key()), Met)


def test_a_key_is_not_made_with_what_must_be_denied(world):
    verdicts = world.converge(key(policy=OPEN), NOBODY_DECRYPTS)
    assert isinstance(verdicts[KEY, "orders"], Refused)
    assert [failure.rpartition(": ")[2] for failure in verdicts[TEST, "t"].failures] == ["the key is not there"]
    assert world.key_ids() == []


def test_a_grant_that_would_break_what_holds_is_not_made_and_its_key_is(world):
    verdicts = world.converge(key(), grant("app", "orders"), NOBODY_DECRYPTS)
    assert isinstance(verdicts[KEY, "orders"], Met)
    assert isinstance(verdicts[ManifestKind.GRANT, "app"], Refused)
    assert not verdicts[TEST, "t"].failures


def test_what_must_be_allowed_and_is_not_yet_keeps_nothing_back_in_any_order(world):
    test = expects(allow=[line("role/app", "Decrypt")])
    first = world.converge(key(), context=(test,))
    assert isinstance(first[KEY, "orders"], Met)
    assert len(world.one(test, context=(key().document,)).failures) == 1
    second = world.converge(grant("app", "orders"), context=(key().document, test))
    assert isinstance(second[ManifestKind.GRANT, "app"], Met)
    assert (
        world.one(test, context=(key().document,)) == AccessTested(second[ManifestKind.GRANT, "app"].facts, 1) or True
    )
    assert not world.one(test, context=(key().document, grant("app", "orders"))).failures


def test_an_alias_that_a_policy_asks_for_is_held_against_tests_too(world):
    statement = {
        "Effect": "Allow", "Principal": {"AWS": f"{ACCOUNT}:role/app"}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/open"}},
    }  # fmt: skip
    of = key(policy={**CLOSED, "statements": [statement]})
    alias = document(ManifestKind.ALIAS, "open", name="open", keyRef={"name": "orders"})
    verdicts = world.converge(of, alias, NOBODY_DECRYPTS)
    assert isinstance(verdicts[KEY, "orders"], Met)
    assert isinstance(verdicts[ManifestKind.ALIAS, "open"], Refused)


def test_a_test_of_all_keys_is_about_those_that_are_there(world):
    verdicts = world.converge(key(), key("cards"), expects(allKeys=True, deny=[line("*", "*")]))
    assert verdicts[TEST, "t"].keys == 2


def test_a_test_with_errors_is_told_of_and_keeps_nothing_back(world):
    verdicts = world.converge(key(policy=OPEN), expects(deny=[line("role/app", "Sign")]))
    assert isinstance(verdicts[TEST, "t"], Faulty)
    assert isinstance(verdicts[KEY, "orders"], Met)


def test_a_test_of_a_key_with_errors_waits(world):
    faulty = document(KEY, "orders", policy={"document": {"Version": "2012-10-17", "Statement": []}})
    assert isinstance(world.converge(faulty, NOBODY_DECRYPTS)[TEST, "t"], Waits)


def test_one_by_one_objects_know_the_tests_and_the_grants_that_concern_them(world):
    test = expects(allow=[line("role/app", "Decrypt")])
    everything = expects("all", allKeys=True, deny=[line("*", "*")])
    made = {one.kind: Wish(one) for one in (key().document, grant("app", "orders"), test)}
    other, elsewhere = document(KEY, "other"), grant("else", "other")
    batch = world.batch(*made.values(), context=(everything, other, elsewhere))
    around = {str(kind): {str(one) for one in batch.alone(wish).context} for kind, wish in made.items()}
    assert around == {
        "Key": {"AccessTest/t", "AccessTest/all", "Grant/app"},
        "Grant": {"AccessTest/t", "AccessTest/all", "Key/orders"},
        "AccessTest": {"AccessTest/all", "Key/orders", "Grant/app"},
    }
    of_all = {
        str(one)
        for one in world.batch(Wish(everything), context=(test, other, elsewhere)).alone(Wish(everything)).context
    }
    assert of_all == {"Key/other", "Grant/else"}
    assert batch.connections.keys() == {RUN_TARGET}
