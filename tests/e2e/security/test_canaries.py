"""Secrets that were handled, well and badly, are told nowhere: searched for in all that can be read."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from tests.e2e.cluster.waiting import eventually
from tests.e2e.controller.conftest import leave, make_place
from tests.e2e.controller.people import access_key
from tests.e2e.controller.place import Place, key, manifest
from tests.e2e.controller.rights import let_read_secrets
from tests.e2e.security.dump import forms_of, told_by
from tests.e2e.security.everything import all_ready, apply_all, material
from tests.e2e.security.installation import NAMESPACE, VALUES

MATERIAL, TOO_LONG, WRONG = secrets.token_hex(16), secrets.token_hex(40), secrets.token_hex(20)
"""Of imported keys: as it must be, of no length that a key has, and not what was imported before."""
STORE_SECRET, BAD_STORE_SECRET = secrets.token_hex(24), f"{secrets.token_hex(24)}!\N{SNOWMAN}"
BAD_CREDENTIAL, BAD_TOKEN = f"{secrets.token_hex(20)}\N{SNOWMAN}", f"token-{secrets.token_hex(16)}\r\nX-Injected: 1"
INLINE = secrets.token_hex(16)
CANARIES = {
    "material": MATERIAL,
    "material of a wrong length": TOO_LONG,
    "other material": WRONG,
    "secret of a key store": STORE_SECRET,
    "bad secret of a key store": BAD_STORE_SECRET,
    "credential that is refused": BAD_CREDENTIAL,
    "session token that is refused": BAD_TOKEN,
    "secret in a manifest": INLINE,
}


@pytest.fixture(scope="module")
def operator(installation):
    """The operator of the release, telling as much as it can."""
    installation.install({"operator": {**VALUES["operator"], "logLevel": "debug", "logFormat": "json"}})
    process = installation.operator()
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def place(cluster, kms, operator) -> Iterator[Place]:
    made = make_place(cluster, kms, NAMESPACE)
    let_read_secrets(cluster, made.namespace)
    yield made
    leave(made)


def refuse_credentials(place: Place, name: str, **values: str) -> None:
    """A Target whose Secret holds what no KMS accepts."""
    secret = f"{place.namespace}-{name}"
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret}, "stringData": values}
    answer = place.cluster.api.call("POST", f"/api/v1/namespaces/{NAMESPACE}/secrets", body)
    assert answer.status == 201, answer
    place.add_target(name, credentials={"secretRef": {"name": secret}})
    eventually(
        lambda: place.condition("Target", f"{place.namespace}-{name}")["status"] == "False", within=60, what=name
    )


def handled_well(place: Place) -> None:
    apply_all(place, key_material=MATERIAL, store_secret=STORE_SECRET)
    all_ready(place)


def handled_badly(place: Place) -> None:
    """Each wrong in a way that is told."""
    key_id, _ = access_key(place.account.number, "operator")
    refuse_credentials(place, "refused", aws_access_key_id=key_id, aws_secret_access_key=BAD_CREDENTIAL)
    token = {"aws_secret_access_key": "s" * 40, "aws_session_token": BAD_TOKEN}
    refuse_credentials(place, "token", aws_access_key_id=key_id, **token)
    place.secret_of("material", key=TOO_LONG)
    place.apply(key("too-long", origin="EXTERNAL", importedMaterial=material()))
    eventually(lambda: place.condition("Key", "too-long")["status"] == "False", within=60, what="it is refused")
    place.secret_of("material", key=WRONG)
    place.account.kms.delete_imported_key_material(KeyId=place.status("Key", "cards")["keyId"])
    eventually(lambda: place.condition("Key", "cards")["status"] == "False", within=60, what="it is refused")
    place.secret_of("xks", secret=BAD_STORE_SECRET)
    place.annotate("CustomKeyStore", "vault", reconcile_at="now")


def put_inline(place: Place) -> None:
    """What people do by mistake; whatever refuses it must not repeat it."""
    inline = (
        key("inline", origin="EXTERNAL", importedMaterial=INLINE),
        key("inline", origin="EXTERNAL", importedMaterial={"from": INLINE}),
        key("inline", origin="EXTERNAL", importedMaterial={"from": {"secretRef": {"name": "m", "key": f"{INLINE}="}}}),
        manifest("CustomKeyStore", "inline", xksProxy={"credential": {"secretAccessKey": INLINE}}),
    )
    for body in inline:
        placed = place.placed(body)
        plural = {"Key": "keys", "CustomKeyStore": "customkeystores"}[body["kind"]]
        path = f"/apis/kms.reconciler.dev/v1alpha1/namespaces/{place.namespace}/{plural}"
        answer = place.cluster.api.call("POST", path, placed)
        assert answer.status == 422, answer


def test_no_secret_is_told_anywhere(cluster, installation, operator, place, subtests):
    handled_well(place)
    handled_badly(place)
    put_inline(place)
    told = told_by(cluster, installation, operator)
    assert any("importKeyMaterial" in text or "ImportKeyMaterial" in text for text in told.values())
    assert any(place.namespace in text for path, text in told.items() if path.endswith("/events"))
    used = {"credential": access_key(place.account.number, "operator")[1]}
    for name, canary in (CANARIES | used).items():
        with subtests.test(name):
            forms = forms_of(canary.encode())
            found = {where for where, text in told.items() for form in forms if form in text}
            assert found == set(), name


def test_the_secrets_of_a_namespace_are_read_for_its_own_objects_alone(installation, place):
    asked = [request for request in installation.requests() if request.resource == "secrets"]
    assert {request.namespace for request in asked} <= {NAMESPACE, place.namespace}
    assert {request.name for request in asked if request.namespace == place.namespace} <= {"material", "xks"}
