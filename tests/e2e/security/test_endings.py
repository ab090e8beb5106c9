"""The end of an object, a forged status and shared names reach no further than its own namespace."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator

import pytest

from reconciler.controller.settings import Settings
from reconciler.kit.errors import KmsctlError
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.place import Body, Place, key, manifest
from tests.e2e.controller.rights import let_read_secrets
from tests.e2e.security.everything import store
from tests.e2e.security.installation import NAMESPACE
from tests.e2e.security.strangers import Owner, settle, told


@pytest.fixture(scope="module")
def owner(cluster, kms, operator) -> Iterator[Owner]:
    """Whose key it is. Their Target, which opens keys that are nobody's, is open to all namespaces."""
    place = make_place(cluster, kms, NAMESPACE, target=False)
    let_read_secrets(cluster, place.namespace)
    owner = settle(place)
    place.add_target(unmanagedKeys="Allow", allowedNamespaces=["*"])
    place.secret_of("xks", secret=secrets.token_hex(24))
    place.apply(store())
    place.ready("CustomKeyStore", "vault", within=60)
    yield owner
    leave(place)


def neighbour(owner: Owner, kms, *, target: str = "") -> Place:
    place = make_place(owner.place.cluster, kms, NAMESPACE, target=False)
    place.account, place.secret = owner.account, owner.place.secret
    place.target = target or place.target
    let_read_secrets(place.cluster, place.namespace)
    return place


@pytest.fixture
def stranger(kms, owner) -> Iterator[Place]:
    """Another namespace on the owner's own Target."""
    place = neighbour(owner, kms, target=owner.place.target)
    yield place
    leave(place)


@pytest.fixture
def closed(kms, owner) -> Iterator[Place]:
    """Another namespace on a Target of the same account, which does not open what is nobody's."""
    place = neighbour(owner, kms)
    place.add_target(unmanagedKeys="Deny")
    yield place
    leave(place)


@pytest.fixture(autouse=True)
def untouched(owner) -> Iterator[None]:
    """What the owner has is the same after the test, and nothing was tried at it."""
    before = (owner.belongings(), owner.changes())
    yield
    assert (owner.belongings(), owner.changes()) == before


def forge(place: Place, body: Body, **status: str) -> None:
    """A status that says what is not true, as a restored backup or a person with too many rights would write it."""
    kind, name = body["kind"], body["metadata"]["name"]
    before = copy.deepcopy(place.get(kind, name).get("status", {}))
    place.set_status(kind, name, {**before, "syncedGeneration": 1, **status})


def test_a_key_of_the_same_name_ends_alone(stranger, owner):
    stranger.apply(key(deletion={"policy": "Schedule", "windowDays": 7}))
    mine = stranger.key_id()
    stranger.delete("Key", "orders")
    stranger.gone("Key", "orders", within=60)
    assert stranger.account.describe(mine)["KeyState"] == "PendingDeletion"
    assert mine != owner.key_id


def test_a_forged_key_id_is_not_what_ends(stranger, owner):
    body = key("forged", deletion={"policy": "Schedule", "windowDays": 7})
    stranger.apply(body)
    mine = stranger.key_id("forged")
    stranger.annotate("Key", "forged", paused="true")
    paused = {"status": "Unknown", "reason": "Paused"}
    eventually(
        lambda: paused.items() <= stranger.condition("Key", "forged", "Synced").items(), within=60, what="it is paused"
    )
    forge(stranger, body, keyId=owner.key_id, arn=owner.arn)
    stranger.delete("Key", "forged")
    stranger.annotate("Key", "forged", paused=None)
    stranger.gone("Key", "forged", within=60)
    assert stranger.account.describe(mine)["KeyState"] == "PendingDeletion"


def test_a_forged_key_id_is_not_what_changes(stranger, owner):
    body = key("forged", description="mine")
    stranger.apply(body)
    mine = stranger.key_id("forged")
    forge(stranger, body, keyId=owner.key_id, arn=owner.arn)
    stranger.patch("Key", "forged", description="changed", enabled=False)
    eventually(
        lambda: stranger.account.describe(mine)["Description"] == "changed", within=60, what="the own key changes"
    )
    eventually(lambda: stranger.status("Key", "forged")["keyId"] == mine, within=60, what="the status is right")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(manifest("Alias", "forged", name="orders", keyRef={"name": "nowhere"}), id="alias"),
        pytest.param(
            manifest("Grant", "report", keyRef={"name": "nowhere"}, granteePrincipal="x", operations=["Decrypt"]),
            id="grant",
        ),
    ],
)
def test_an_alias_and_a_grant_whose_key_is_gone_end_nothing_of_a_forged_key(closed, owner, body):
    body = copy.deepcopy(body)
    if body["kind"] == "Grant":
        body["spec"]["granteePrincipal"] = closed.account.role("export")
    body["metadata"]["annotations"] = {"kms.reconciler.dev/deletion-policy": "Delete"}
    body["metadata"]["finalizers"] = ["kms.reconciler.dev/finalizer"]
    closed.apply(body)
    kind, name = body["kind"], body["metadata"]["name"]
    closed.wait(kind, name, reason="ReferenceNotFound", within=60)
    (grant,) = closed.account.grants(owner.key_id)
    forge(closed, body, keyId=owner.key_id, aliasName="alias/orders", grantId=grant["GrantId"])
    closed.delete(kind, name)
    closed.annotate(kind, name, reconcile_at="again")

    def refused_or_gone() -> bool:
        found = closed.find(kind, name)
        return found is None or found["status"]["conditions"][0]["reason"] == "DeletionRefused"

    eventually(refused_or_gone, within=60, what="it is decided")
    closed.annotate(kind, name, deletion_policy="Retain") if closed.find(kind, name) else None
    closed.gone(kind, name, within=60)


def test_an_alias_that_was_declared_as_it_is_cannot_be_ended_by_who_declared_it(closed):
    closed.apply(manifest("Alias", "claimed", name="orders", key="alias/orders"))
    closed.ready("Alias", "claimed", within=60)  # it is as declared: nothing is done
    closed.annotate("Alias", "claimed", deletion_policy="Delete")
    closed.delete("Alias", "claimed")
    closed.wait("Alias", "claimed", reason="DeletionRefused", within=60)
    closed.annotate("Alias", "claimed", deletion_policy="Retain")
    closed.gone("Alias", "claimed", within=60)


def test_a_key_whose_object_is_gone_stays_its_namespace_s(stranger, owner):
    owner.place.apply(key("left", aliases=["left"]))
    left = owner.place.key_id("left")
    owner.place.delete("Key", "left")
    owner.place.gone("Key", "left", within=60)
    body = key("taken", adopt={"keyId": left})
    stranger.apply(body)
    told(stranger, body, "AdoptionFailed")
    body = manifest("Alias", "taken", name="right", key=left)
    stranger.apply(body)
    assert "belongs to left" in told(stranger, body, "NotYours")
    assert [name for name, target in owner.account.aliases().items() if target == left] == ["alias/left"]


def test_an_alias_of_the_same_target_is_the_older_object_s(stranger, owner):
    stranger.apply(key("mine"), manifest("Alias", "current", name="orders/current", keyRef={"name": "mine"}))
    body = manifest("Alias", "current")
    message = told(stranger, body, "NameConflict")
    assert "alias/orders/current" in message
    assert owner.key_id not in message


def test_pruning_takes_no_alias_of_another_key(stranger):
    stranger.apply(manifest("Key", "pruned", annotations={"prune": "true"}, aliases=["pruned"]))
    stranger.ready("Key", "pruned", within=60)
    assert "alias/pruned" in stranger.account.aliases()


@pytest.mark.parametrize("tag", ["kms.reconciler.dev/stack", "kms.reconciler.dev/name", "kms.reconciler.dev/x"])
def test_our_own_tags_are_nobody_s_to_declare(stranger, tag):
    body = key("tagged", tags={tag: "e2e.other"})
    answer = stranger.cluster.api.call(
        "POST", f"/apis/kms.reconciler.dev/v1alpha1/namespaces/{stranger.namespace}/keys", stranger.placed(body)
    )
    if answer.status == 422:
        assert "kms.reconciler.dev/" in answer.body["message"]
        return
    told(stranger, body, "Invalid")


def test_a_key_store_of_the_same_target_is_the_older_object_s(stranger):
    stranger.secret_of("xks", secret=secrets.token_hex(24))
    body = store()
    body["spec"]["connected"] = False
    stranger.apply(body)
    assert "vault" in told(stranger, body, "NameConflict")


def test_a_key_store_that_is_there_is_nobody_s_through_a_closed_target(closed):
    closed.secret_of("xks", secret=secrets.token_hex(24))
    body = store()
    closed.apply(body)
    assert "unmanagedKeys" in told(closed, body, "NotYours")


def test_no_key_is_made_in_a_key_store_through_a_closed_target(closed):
    before = closed.account.key_ids()
    closed.secret_of("xks", secret=secrets.token_hex(24))
    kept = key("kept", origin="EXTERNAL_KEY_STORE", customKeyStoreRef={"name": "vault"}, xksKeyId="bb8562717f809024")
    closed.apply(store(), kept)
    told(closed, kept, "NotYours")
    assert closed.account.key_ids() == before


@pytest.mark.parametrize("name", ["owner/material", "../material", "../../e2e/secrets/material", "material%2f"])
def test_a_secret_of_another_namespace_has_no_name(stranger, name):
    source = {"from": {"secretRef": {"name": name, "key": "key"}}}
    assert "secretRef.name" in stranger.refused(key("cards", origin="EXTERNAL", importedMaterial=source))


def test_a_secret_is_looked_for_in_the_namespace_of_its_object_alone(stranger, owner, installation):
    before = len(installation.requests())
    owner.place.secret_of("theirs", key=secrets.token_hex(16))
    body = key("cards", origin="EXTERNAL", importedMaterial={"from": {"secretRef": {"name": "theirs", "key": "key"}}})
    body["spec"]["importedMaterial"]["from"]["secretRef"]["namespace"] = owner.place.namespace
    manager = "?fieldManager=tests&fieldValidation={}"
    path = f"/apis/kms.reconciler.dev/v1alpha1/namespaces/{stranger.namespace}/keys"
    strict = stranger.cluster.api.call("POST", path + manager.format("Strict"), stranger.placed(body))
    assert (strict.status, "unknown field" in strict.body["message"]) == (400, True)
    assert stranger.cluster.api.call("POST", path + manager.format("Ignore"), stranger.placed(body)).status == 201
    eventually(lambda: stranger.condition("Key", "cards")["status"] == "False", within=60, what="it is told")
    asked = {request.namespace for request in installation.requests()[before:] if request.name == "theirs"}
    assert asked <= {stranger.namespace}


def test_no_two_namespaces_of_no_two_clusters_are_one_stack(cluster):
    """A stack is the cluster's name, a dot and the namespace's name; neither can hold a dot."""
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b"}}
    answer = cluster.api.call("POST", "/api/v1/namespaces", namespace)
    assert (answer.status, "must not contain dots" in answer.body["message"]) == (422, True)
    with pytest.raises(KmsctlError, match="is no name of a cluster"):
        Settings.from_environment({"KMSCTL_CLUSTER_NAME": "c.a"})
