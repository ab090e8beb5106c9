"""Each right that the operator needs when it works: without it something stays undone, and is done once it is back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.controller.rights import let_read_secrets
from tests.e2e.security.everything import OTHER_REGION, store
from tests.e2e.security.installation import NAMESPACE
from tests.e2e.security.rules import RULES, Rule, removed, roles_of
from tests.e2e.security.test_rights_at_start import AT_START

AT_WORK = [rule for rule in RULES if rule not in AT_START]
KINDS = {
    "accesstests": "AccessTest",
    "aliases": "Alias",
    "customkeystores": "CustomKeyStore",
    "grants": "Grant",
    "keypolicies": "KeyPolicy",
    "keys": "Key",
    "replicakeys": "ReplicaKey",
    "targets": "Target",
}
SECRETS, EVENTS = Rule("get", "secrets"), "events.events.k8s.io"
Make = Callable[[Place, str], None]


def make_alias(place: Place, name: str) -> None:
    place.apply(manifest("Alias", name, name=name, keyRef={"name": "orders"}))


def make_grant(place: Place, name: str) -> None:
    place.apply(
        manifest("Grant", name, keyRef={"name": "orders"}, granteePrincipal="role/export", operations=["Decrypt"])
    )


def make_key_policy(place: Place, name: str) -> None:
    place.apply(manifest("KeyPolicy", name, administrators=["role/platform"]))


def make_key(place: Place, name: str) -> None:
    place.apply(key(name))


def make_replica(place: Place, name: str) -> None:
    place.apply(key(f"of-{name}", multiRegion=True))
    place.ready("Key", f"of-{name}", within=60)
    west = {"name": f"{place.namespace}-west"}
    place.apply(manifest("ReplicaKey", name, primaryRef={"name": f"of-{name}"}, targetRef=west))


def make_store(place: Place, name: str) -> None:
    body = store(name)
    body["spec"]["xksProxy"]["uriPath"] = f"/{name}/kms/xks/v1"
    place.apply(body)


def make_access_test(place: Place, name: str) -> None:
    nobody = [{"principals": ["*"], "actions": ["*"]}]
    place.apply(manifest("AccessTest", name, keyRef={"name": "orders"}, mustDeny=nobody))


MAKE: dict[str, Make] = {
    "AccessTest": make_access_test,
    "Alias": make_alias,
    "CustomKeyStore": make_store,
    "Grant": make_grant,
    "KeyPolicy": make_key_policy,
    "Key": make_key,
    "ReplicaKey": make_replica,
}


@pytest.fixture(scope="module")
def place(cluster, kms, operator) -> Iterator[Place]:
    """A namespace with a key in it; what tests add to it has names of its own."""
    made = make_place(cluster, kms, NAMESPACE)
    let_read_secrets(cluster, made.namespace)
    made.add_target(unmanagedKeys="Allow")
    made.add_target("west", region=OTHER_REGION)
    made.secret_of("xks", secret=secrets.token_hex(24))
    made.apply(key())
    made.ready("Key", "orders", within=60)
    yield made
    leave(made)


@pytest.fixture
def taken_away(cluster, installation, operator):
    """Takes a rule from the operator's roles for as long as a block lasts, which is until it was denied to it."""
    roles = roles_of(cluster, NAMESPACE)

    def block(rule: Rule, provoke: Callable[[], None], look: Callable[[], None] = lambda: None) -> None:
        before = len(installation.denied())
        with removed(cluster, rule, roles):
            provoke()
            eventually(lambda: len(installation.denied()) > before, within=60, what=f"{rule} is denied")
            look()
        denied = {Rule(request.verb, request.resource) for request in installation.denied()[before:]}
        assert denied == {rule}

    return block


def of_kinds(verb: str, suffix: str = "") -> list[object]:
    found = (rule for rule in AT_WORK if rule.verb == verb and ("/" in rule.resource) == bool(suffix))
    return [pytest.param(rule, KINDS[rule.resource.partition(".")[0]], id=str(rule)) for rule in found if is_ours(rule)]


def is_ours(rule: Rule) -> bool:
    return rule.resource.partition(".")[0] in KINDS


@pytest.mark.parametrize(("rule", "kind"), [one for one in of_kinds("patch") if one.values[1] != "Target"])
def test_nothing_is_made_for_an_object_that_cannot_be_held_on_to(place, taken_away, rule, kind):
    name = f"held-{kind.lower()}"

    def nothing_is_made() -> None:
        assert "finalizers" not in place.get(kind, name)["metadata"]
        assert made_for(place, kind, name) == []

    taken_away(rule, lambda: MAKE[kind](place, name), nothing_is_made)
    place.ready(kind, name, within=90)
    assert len(made_for(place, kind, name)) == 1


def test_nothing_is_made_on_a_target_that_cannot_be_held_on_to(place, taken_away):
    target = place.add_target("fresh")
    place.ready("Target", target, within=60)

    def nothing_is_made() -> None:
        assert "finalizers" not in place.get("Target", target)["metadata"]
        assert "finalizers" not in place.get("Key", "first")["metadata"]
        assert made_for(place, "Key", "first") == []

    body = key("first", targetRef={"name": target})
    taken_away(Rule("patch", "targets.kms.reconciler.dev"), lambda: place.apply(body), nothing_is_made)
    place.ready("Key", "first", within=90)
    assert len(made_for(place, "Key", "first")) == 1


def made_for(place: Place, kind: str, name: str) -> list[str]:
    """What the KMS has of an object."""
    account, tag = place.account, "kms.reconciler.dev/name"
    match kind:
        case "Alias":
            return [alias for alias in account.aliases() if alias == f"alias/{name}"]
        case "CustomKeyStore":
            stores = account.kms.describe_custom_key_stores()["CustomKeyStores"]
            return [store["CustomKeyStoreId"] for store in stores if store["CustomKeyStoreName"] == name]
        case "Grant":
            return [grant["GrantId"] for grant in account.grants(place.key_id()) if f":{name}:" in grant["Name"]]
        case "Key":
            return [key_id for key_id in account.key_ids() if account.tags(key_id).get(tag) == name]
        case _:
            west = account.key_ids(OTHER_REGION)
            return [key_id for key_id in west if account.tags(key_id, OTHER_REGION).get(tag) == name]


@pytest.mark.parametrize(("rule", "kind"), of_kinds("patch", "/status"))
def test_a_status_that_cannot_be_written_is_written_later(place, taken_away, rule, kind):
    name = place.target if kind == "Target" else f"told-{kind.lower()}"
    if kind != "Target":
        MAKE[kind](place, name)
    reason = {"Target": "Valid", "KeyPolicy": "Valid", "AccessTest": "AccessTestPassed"}.get(kind, "InSync")
    place.wait(kind, name, reason=reason, within=60)
    taken_away(rule, lambda: place.annotate(kind, name, reconcile_at="again"))
    eventually(lambda: place.status(kind, name).get("lastHandledReconcileAt") == "again", within=90, what="it is told")


def test_an_event_that_cannot_be_told_keeps_no_object_from_being_ready(place, taken_away):
    taken_away(Rule("create", EVENTS), lambda: place.apply(key("untold")))
    place.ready("Key", "untold", within=60)
    assert place.events("Key", "untold") == []


def test_the_same_event_again_is_counted_on_the_first_one(place, taken_away):
    key_id = place.key_id()

    def tamper() -> None:
        place.account.kms.update_key_description(KeyId=key_id, Description="tampered")

    tamper()
    place.told("Key", "orders", "DriftCorrected", "description")
    taken_away(Rule("patch", EVENTS), tamper)
    assert place.account.describe(key_id)["Description"] == "Encrypts orders"


def test_credentials_that_cannot_be_read_are_told_about(place, taken_away):
    taken_away(SECRETS, lambda: place.annotate("Target", place.target, reconcile_at="with new credentials"))
    eventually(
        lambda: place.status("Target", place.target).get("lastHandledReconcileAt") == "with new credentials",
        within=60,
        what="it was looked at",
    )


def test_every_right_of_the_operator_is_taken_away_in_some_test():
    mine = {parameter.values[0] for parameter in (*of_kinds("patch"), *of_kinds("patch", "/status"))}
    others = {Rule("create", EVENTS), Rule("patch", EVENTS), SECRETS}
    assert mine | others | set(AT_START) == set(RULES)
