"""The table of key states: every operation in every state, and the ways between the states."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from botocore.session import get_session

from reconciler.engine.keys.state import check_state
from reconciler.kit.errors import KmsError
from tests.engine.calls import APP, AWAY, MATERIAL, RECIPES
from tests.engine.custom_stores.conftest import cloudhsm

DATA = yaml.safe_load((Path(__file__).parent / "states.yaml").read_text(encoding="utf-8"))
COLUMNS = DATA["columns"]
ROWS = DATA["guide"] | DATA["derived"]
INVALID, UNSUPPORTED = "KMSInvalidStateException", "UnsupportedOperationException"
DYING = ("is pending deletion.", "is pending replica deletion.")
ORIGIN = "origin is {} which is not valid for this operation."
# footnote → (origins that it is about or None for all, error code, what may be said of the key or None for anything)
FOOTNOTES = {
    "1": (None, "DisabledException", ("is disabled.",)),
    "2": (None, "DisabledException", DYING),
    "3": (None, INVALID, DYING),
    "4": (None, INVALID, ("is not pending deletion.",)),
    "5": (None, INVALID, ("is pending import.",)),
    "6": (None, UNSUPPORTED, (ORIGIN.format("EXTERNAL"),)),
    "7": ({"EXTERNAL", "AWS_CLOUDHSM"}, UNSUPPORTED, None),
    "8": ({"EXTERNAL"}, INVALID, None),
    "9": ({"AWS_KMS", "AWS_CLOUDHSM"}, UNSUPPORTED, None),
    "10": (None, INVALID, DYING),  # of the alias's new key
    "11": (None, INVALID, ("is unavailable.",)),
    "14": (None, INVALID, ("is creating.",)),
    "15": (None, INVALID, ("is updating.",)),
}
OUT_OF_SERVICE = ("DisabledException", "is disabled.")
DEAD_SOON = (INVALID, "is pending deletion.")
REACHED = ("Enabled", "Disabled", "PendingDeletion", "PendingReplicaDeletion", "PendingImport", "Unavailable")


def cell(operation, state):
    """What the table says; the deletion of a primary that waits for its replicas has no column of its own."""
    return ROWS[operation][COLUMNS.index(state.replace("Replica", ""))]


CASES = [(operation, state) for operation in ROWS for state in REACHED if cell(operation, state) != "-"]


def faults(said, origin):
    """The errors that a cell allows for a key of this origin; none if the call succeeds."""
    numbers = [] if said == "ok" else said[1:].split("/")
    applicable = [FOOTNOTES[number] for number in numbers]
    found = [(code, words) for origins, code, words in applicable if origins is None or origin in origins]
    assert found or not said.startswith("X"), "a failure has a reason"
    return found


def test_the_table_has_every_operation_on_a_key():
    model = get_session().get_service_model("kms")
    without = {"CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"}
    assert ROWS.keys() == {name for name in model.operation_names if "KeyStore" not in name} - without
    assert not DATA["guide"].keys() & DATA["derived"].keys()


def made(kms, operation, state):
    """A key that is in `state`, and the parameters of the operation, made before it came into that state."""
    recipe = RECIPES[operation]
    creation = recipe.creation | {"MultiRegion": recipe.multi_region or state == "PendingReplicaDeletion"}
    if state == "PendingImport":
        return imported(kms, recipe, creation)
    if state == "Unavailable":
        store = kms("CreateCustomKeyStore", cloudhsm())["CustomKeyStoreId"]
        kms("ConnectCustomKeyStore", {"CustomKeyStoreId": store})
        creation |= {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store}
    key = kms("CreateKey", creation)["KeyMetadata"]["Arn"]
    if state == "PendingReplicaDeletion" or (recipe.replica and state == "Enabled"):
        kms("ReplicateKey", {"KeyId": key, "ReplicaRegion": AWAY})
    parameters = recipe.build(kms, key)
    match state:
        case "Disabled":
            kms("DisableKey", {"KeyId": key})
        case "PendingDeletion" | "PendingReplicaDeletion":
            kms("ScheduleKeyDeletion", {"KeyId": key})
        case "Unavailable":
            kms("DisconnectCustomKeyStore", {"CustomKeyStoreId": store})
    return key, parameters


def imported(kms, recipe, creation):
    """A key whose material is to be imported; a symmetric one had some before."""
    key = kms("CreateKey", creation | {"Origin": "EXTERNAL"})["KeyMetadata"]["Arn"]
    if recipe.spec != "SYMMETRIC_DEFAULT":  # what is said about a usable key is said about this one
        usable = kms("CreateKey", creation)["KeyMetadata"]["Arn"]
        return key, recipe.build(kms, usable) | {"KeyId": key}
    kms("ImportKeyMaterial", RECIPES["ImportKeyMaterial"].build(kms, key))
    parameters = recipe.build(kms, key)
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    return key, parameters


@pytest.mark.parametrize(("operation", "state"), CASES, ids=["-".join(case) for case in CASES])
def test_an_operation_in_a_state_does_what_the_table_says(kms, operation, state):
    key, parameters = made(kms, operation, state)
    metadata = kms("DescribeKey", {"KeyId": key})["KeyMetadata"]
    assert metadata["KeyState"] == state
    expected = faults(cell(operation, state), metadata["Origin"])
    if not expected:
        kms(operation, parameters)
        return
    with pytest.raises(KmsError) as caught:
        kms(operation, parameters)
    code, said = caught.value.code, caught.value.message.removeprefix(f"{key} ")
    assert [1 for allowed, words in expected if code == allowed and (words is None or said in words)], (code, said)


@pytest.mark.parametrize("state", ["Creating", "Updating"])
@pytest.mark.parametrize("operation", ROWS)
def test_a_state_that_passes_allows_what_the_table_says(engine, new_key, operation, state):
    metadata = new_key()
    with engine._store.reading():
        key = engine._store.keys.find("111122223333", "us-east-1", metadata["KeyId"])
    expected = faults(cell(operation, state), "AWS_KMS")
    try:
        check_state(operation, replace(key, state=state))
    except KmsError as error:
        assert [(error.code, (error.message.removeprefix(f"{key.arn} "),))] == expected
    else:
        assert not expected


@pytest.mark.parametrize("operation", ["GetParametersForImport", "ImportKeyMaterial"])
def test_material_does_not_come_to_a_key_that_awaits_deletion(kms, refused, new_key, operation):
    key = new_key(Origin="EXTERNAL")["Arn"]
    parameters = RECIPES[operation].build(kms, key)
    kms("ScheduleKeyDeletion", {"KeyId": key})
    assert refused(operation, **parameters).message == f"{key} is pending deletion."


def test_what_comes_back_is_the_same_material(kms, new_key):
    key = new_key(Origin="EXTERNAL")["Arn"]
    parameters = RECIPES["ImportKeyMaterial"].build(kms, key)
    kms("ImportKeyMaterial", parameters)
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": MATERIAL})["CiphertextBlob"]
    kms("DeleteImportedKeyMaterial", {"KeyId": key})
    kms("ImportKeyMaterial", RECIPES["ImportKeyMaterial"].build(kms, key))
    assert kms("Decrypt", {"CiphertextBlob": blob})["Plaintext"] == MATERIAL


@pytest.fixture
def key_in(kms):
    def make(state):
        key, _ = made(kms, "DescribeKey", state)
        return kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyId"]

    return make


@pytest.mark.parametrize(
    ("state", "expected"), [("Disabled", OUT_OF_SERVICE), ("PendingDeletion", DEAD_SOON)], ids=["disabled", "dying"]
)
def test_a_ciphertext_of_a_key_out_of_service_does_not_decrypt(kms, refused, new_key, state, expected):
    key, fine = new_key()["KeyId"], new_key()["KeyId"]
    blob = kms("Encrypt", {"KeyId": key, "Plaintext": b"x"})["CiphertextBlob"]
    kms("DisableKey" if state == "Disabled" else "ScheduleKeyDeletion", {"KeyId": key})
    for error in (
        refused("Decrypt", CiphertextBlob=blob),
        refused("Decrypt", CiphertextBlob=blob, KeyId=key),
        refused("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=fine),
        refused("GetPublicKey", KeyId=key),
    ):
        assert (error.code, error.message.partition(" ")[2]) == expected


def test_an_alias_may_leave_but_not_join_a_key_pending_deletion(kms, key_in, refused):
    dying, alive = key_in("PendingDeletion"), key_in("Enabled")
    assert refused("CreateAlias", AliasName="alias/a", TargetKeyId=dying).code == "KMSInvalidStateException"
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": alive})
    assert refused("UpdateAlias", AliasName="alias/a", TargetKeyId=dying).code == "KMSInvalidStateException"
    kms("ScheduleKeyDeletion", {"KeyId": alive})
    kms("UpdateAlias", {"AliasName": "alias/a", "TargetKeyId": key_in("Enabled")})
    kms("DeleteAlias", {"AliasName": "alias/a"})


def test_deletion_is_scheduled_with_a_date_and_cancelled_to_disabled(kms, new_key, clock):
    key = new_key()
    answer = kms("ScheduleKeyDeletion", {"KeyId": key["KeyId"], "PendingWindowInDays": 7})
    due = clock.now() + timedelta(days=7)
    assert answer == {
        "KeyId": key["Arn"],
        "DeletionDate": due,
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": 7,
    }
    assert kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]["DeletionDate"] == due
    assert kms("CancelKeyDeletion", {"KeyId": key["KeyId"]}) == {"KeyId": key["Arn"]}
    metadata = kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]
    assert metadata["KeyState"] == "Disabled"
    assert "DeletionDate" not in metadata


def test_a_key_without_material_goes_back_to_waiting_for_it(kms, new_key):
    key = new_key(Origin="EXTERNAL")["KeyId"]
    kms("ScheduleKeyDeletion", {"KeyId": key})
    kms("CancelKeyDeletion", {"KeyId": key})
    assert kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["KeyState"] == "PendingImport"


@pytest.mark.parametrize("days", [6, 31, 0, 366])
def test_a_window_outside_7_to_30_days_is_refused(refused, new_key, days):
    error = refused("ScheduleKeyDeletion", KeyId=new_key()["KeyId"], PendingWindowInDays=days)
    assert error.code == "ValidationException"


def test_the_window_is_30_days_when_nothing_is_said(kms, new_key):
    assert kms("ScheduleKeyDeletion", {"KeyId": new_key()["KeyId"]})["PendingWindowInDays"] == 30


def test_a_deleted_key_is_gone_with_its_aliases_grants_tags_and_material(kms, refused, new_key, clock, engine):
    key = new_key(Tags=[{"TagKey": "a", "TagValue": "b"}])
    blob = kms("Encrypt", {"KeyId": key["KeyId"], "Plaintext": b"x"})["CiphertextBlob"]
    kms("CreateAlias", {"AliasName": "alias/a", "TargetKeyId": key["KeyId"]})
    retiring = "arn:aws:iam::111122223333:role/retire"
    kms(
        "CreateGrant",
        {"KeyId": key["KeyId"], "GranteePrincipal": APP, "RetiringPrincipal": retiring, "Operations": ["Decrypt"]},
    )
    kms("ScheduleKeyDeletion", {"KeyId": key["KeyId"], "PendingWindowInDays": 7})
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert kms("DescribeKey", {"KeyId": key["KeyId"]})["KeyMetadata"]["KeyState"] == "PendingDeletion"
    clock.advance(timedelta(seconds=1))
    error = refused("DescribeKey", KeyId=key["KeyId"])
    assert (error.code, error.message) == ("NotFoundException", f"Key '{key['Arn']}' does not exist")
    assert refused("DescribeKey", KeyId="alias/a").code == "NotFoundException"
    assert refused("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"
    assert kms("ListAliases", {})["Aliases"] == []
    assert kms("ListRetirableGrants", {"RetiringPrincipal": retiring})["Grants"] == []
    assert kms("tagging:GetResources", {})["ResourceTagMappingList"] == []
    deleted = next(engine.events(name="DeleteKey"))
    assert deleted["eventType"] == "AwsServiceEvent"
    assert deleted["userIdentity"] == {"accountId": "111122223333", "invokedBy": "AWS Internal"}  # ct-delete-key.html
    assert deleted["eventTime"] == "2026-01-08T00:00:00Z"
