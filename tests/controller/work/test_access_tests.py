"""AccessTests in a cluster, over the bundled KMS."""

from __future__ import annotations

ACCOUNT = "arn:aws:iam::111122223333"
ROOT = f"{ACCOUNT}:root"
GRANTS = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*Grant*", "Resource": "*"}
CLOSED = {"administrators": [ROOT], "delegateToIam": False, "statements": [GRANTS]}
OPEN = {**CLOSED, "users": [f"{ACCOUNT}:role/app"]}
NOBODY = {"keyRef": {"name": "orders"}, "mustDeny": [{"principals": ["role/app"], "actions": ["Decrypt"]}]}
SOON, LATER = 30, 1000


def grant(key="orders"):
    return {"keyRef": {"name": key}, "granteePrincipal": f"{ACCOUNT}:role/app", "operations": ["Decrypt"]}


def test_a_test_passes_fails_and_passes_again_as_its_key_changes(told):
    async def story(world):
        await world.start()
        test = world.cluster.apply("AccessTest", "t", NOBODY)
        await world.calm(SOON)
        assert world.ready(test) == ("False", "ReferenceNotFound")
        world.cluster.apply("Key", "orders", {"policy": CLOSED})
        await world.calm(SOON)
        assert world.ready(test) == ("True", "AccessTestPassed")
        assert world.status(test)["keys"] == 1
        assert "finalizers" not in world.cluster.of(test)["metadata"]
        (key_id,) = world.live_keys()
        world.kms("CreateGrant", KeyId=key_id, GranteePrincipal=f"{ACCOUNT}:role/app", Operations=["Decrypt"])
        await world.calm(LATER)
        assert world.ready(test) == ("False", "AccessTestFailed")
        (failure,) = world.status(test)["failures"]
        assert failure.startswith(f"AccessTest/t (spec.mustDeny[0]): {ACCOUNT}:role/app must be denied kms:Decrypt")
        assert "AccessTestFailed" in world.told()
        (made,) = world.kms("ListGrants", KeyId=key_id)["Grants"]
        world.kms("RevokeGrant", KeyId=key_id, GrantId=made["GrantId"])
        await world.calm(LATER)
        assert world.ready(test) == ("True", "AccessTestPassed")
        assert "failures" not in world.status(test)

    told(story)


def test_a_change_that_would_break_a_test_is_refused_and_told(told):
    async def story(world):
        await world.start()
        key = world.cluster.apply("Key", "orders", {"policy": CLOSED})
        test = world.cluster.apply("AccessTest", "t", NOBODY)
        await world.calm(SOON)
        world.calls.clear()
        key = world.cluster.apply("Key", "orders", {"policy": OPEN})
        held = world.cluster.apply("Grant", "app", grant())
        await world.calm(SOON)
        assert world.ready(key) == ("False", "Refused")
        assert world.ready(held) == ("False", "Refused")
        assert not {"PutKeyPolicy", "CreateGrant"} & set(world.calls)
        assert world.ready(test) == ("True", "AccessTestPassed")
        assert "Refused" in world.told()
        world.cluster.apply("AccessTest", "t", {**NOBODY, "mustDeny": [{"principals": ["*"], "actions": ["Decrypt"]}]})
        await world.calm(LATER)
        assert world.ready(key) == ("True", "InSync")
        assert world.ready(held) == ("True", "InSync")

    told(story)


def test_a_key_its_grant_and_their_test_become_ready_in_any_order(told):
    async def story(world):
        await world.start()
        allow = {"keys": ["orders"], "mustAllow": [{"principals": ["role/app"], "actions": ["Decrypt"]}]}
        test = world.cluster.apply("AccessTest", "t", allow)
        held = world.cluster.apply("Grant", "app", grant())
        await world.calm(SOON)
        key = world.cluster.apply("Key", "orders", {"policy": CLOSED})
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        assert world.ready(held) == ("True", "InSync")
        assert world.ready(test) == ("True", "AccessTestPassed")

    told(story)


def test_a_test_of_all_keys_counts_those_of_its_namespace_as_they_come(told):
    async def story(world):
        await world.start()
        every = {"allKeys": True, "mustDeny": [{"principals": ["*"], "actions": ["*"]}]}
        test = world.cluster.apply("AccessTest", "t", every)
        await world.calm(SOON)
        assert world.ready(test) == ("True", "AccessTestPassed")
        world.cluster.apply("Key", "orders", {"policy": CLOSED})
        world.cluster.apply("Key", "cards", {"policy": CLOSED})
        world.cluster.apply("Key", "broken", {"keySpec": "none"})
        await world.calm(SOON)
        assert world.status(test)["keys"] == 2
        refused = world.cluster.apply("Key", "open", {"policy": {**CLOSED, "accounts": ["000000000000"]}})
        await world.calm(SOON)
        assert world.ready(refused) == ("False", "Refused")
        key = world.cluster.apply("Key", "open", {"policy": CLOSED})
        await world.calm(LATER)
        assert world.ready(key) == ("True", "InSync")
        assert world.status(test)["keys"] == 3

    told(story)


def test_a_test_that_cannot_be_held_keeps_its_other_keys_from_nothing(told):
    async def story(world):
        await world.start()
        both = {**NOBODY, "keys": ["orders", "missing"]}
        del both["keyRef"]
        test = world.cluster.apply("AccessTest", "t", both)
        key = world.cluster.apply("Key", "orders", {"policy": OPEN})
        await world.calm(SOON)
        assert world.ready(key) == ("True", "InSync")
        assert world.ready(test) == ("False", "ReferenceNotFound")

    told(story)
