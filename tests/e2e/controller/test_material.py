"""What comes from Secrets: key material, and the passwords of custom key stores."""

from __future__ import annotations

import secrets

import pytest

from reconciler.controller.cluster.refs import path_of
from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller import rights
from tests.e2e.controller.people import access_key
from tests.e2e.controller.place import key, manifest

STORE = {"name": "vault"}
PROXY = {
    "uriEndpoint": "https://xks.example.com",
    "uriPath": "/example/kms/xks/v1",
    "credential": {
        "accessKeyId": "ABCDE2345FGHIJ67KLMN",
        "secretAccessKey": {"from": {"secretRef": {"name": "xks", "key": "secret"}}},
    },
}


@pytest.fixture
def readable(cluster, place):
    """The operator may read the Secrets of the test's namespace."""
    rights.let_read_secrets(cluster, place.namespace)


def external(**spec):
    return key(
        "cards", origin="EXTERNAL", importedMaterial={"from": {"secretRef": {"name": "m", "key": "key"}}}, **spec
    )


def test_material_comes_from_a_secret_and_is_told_nowhere(place, readable, operator):
    material = secrets.token_hex(16)
    place.secret_of("m", key=material)
    place.apply(external())
    body = place.ready("Key", "cards")
    described = place.account.describe(body["status"]["keyId"])
    assert (described["Origin"], described["KeyState"]) == ("EXTERNAL", "Enabled")
    place.account.kms.encrypt(KeyId=body["status"]["keyId"], Plaintext=b"it works")
    for told in (str(body), str(place.events("Key", "cards")), operator.child.text()):
        assert material not in told


def test_material_that_is_not_there_is_waited_for_and_comes_without_a_change_of_the_key(place, readable):
    place.apply(external())
    told = place.wait("Key", "cards", reason="Failed")["status"]["conditions"][0]["message"]
    assert f"Secret {place.namespace}/m" in told
    place.secret_of("m", key=secrets.token_hex(16))
    place.ready("Key", "cards")


def test_material_of_the_wrong_form_is_mended_in_the_secret_alone(place, readable):
    place.secret_of("m", key="too short")
    place.apply(external())
    told = place.wait("Key", "cards", reason="Failed")["status"]["conditions"][0]["message"]
    assert "too short" not in told
    place.secret_of("m", key=secrets.token_hex(16))
    place.ready("Key", "cards", within=20)


def test_credentials_of_a_target_that_are_rotated_count_within_seconds(place, operator):
    place.wait("Target", place.target, reason="Valid")
    assert place.status("Target", place.target)["callerArn"].endswith("user/operator")
    key_id, secret = access_key(place.account.number, "admin")
    path = path_of("v1", "secrets", operator.namespace, place.secret)
    rotated = {"stringData": {"aws_access_key_id": key_id, "aws_secret_access_key": secret}}
    answer = place.cluster.api.call("PATCH", path, rotated, media_type="application/merge-patch+json")
    assert answer.status == 200
    eventually(
        lambda: place.status("Target", place.target)["callerArn"].endswith("user/admin"),
        within=20,
        what="the Target has the new credentials",
    )
    assert secret not in operator.child.text()


def test_a_secret_that_the_operator_may_not_read_is_named_with_what_to_do(place):
    place.secret_of("m", key=secrets.token_hex(16))
    place.apply(external())
    told = place.wait("Key", "cards", reason="Failed")["status"]["conditions"][0]["message"]
    assert "403" in told
    assert "`get` on secrets" in told


def test_a_key_that_waits_for_its_material_is_not_ready(place):
    place.apply(key("cards", origin="EXTERNAL"))
    body = place.wait("Key", "cards", reason="PendingImport")
    assert place.condition("Key", "cards", "Synced")["status"] == "True"
    assert body["status"]["state"] == "PendingImport"


def test_a_custom_key_store_is_connected_and_its_keys_made_in_it(place, readable):
    place.add_target(unmanagedKeys="Allow")
    place.secret_of("xks", secret=secrets.token_hex(24))
    place.apply(key(origin="EXTERNAL_KEY_STORE", customKeyStoreRef=STORE, xksKeyId="bb8562717f809024"))
    place.apply(manifest("CustomKeyStore", "vault", xksProxy=PROXY))
    assert place.ready("CustomKeyStore", "vault")["status"]["connectionState"] == "CONNECTED"
    assert place.account.describe(place.key_id())["Origin"] == "EXTERNAL_KEY_STORE"


def test_a_key_store_that_connects_slowly_keeps_nobody_waiting(place, readable):
    place.add_target(unmanagedKeys="Allow")
    place.secret_of("xks", secret=secrets.token_hex(24))
    place.apply(
        manifest("CustomKeyStore", "slow", xksProxy={**PROXY, "uriEndpoint": "https://slow.example.com"}), key()
    )
    body = place.wait("CustomKeyStore", "slow", reason="Connecting")
    assert body["status"]["connectionState"] == "CONNECTING"
    place.ready("Key", "orders")
