"""A copy tells of itself what it was told, and goes on by KMS's rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.engine.copies.facts import Estate, GrantFacts, KeyFacts, MaterialFacts, StoreFacts
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from reconciler.policy.default import default_policy
from tests.support.importing import FOREVER, OAEP, parameters, wrap

ACCOUNT, REGION = "111122223333", "us-east-1"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MADE = NOW - timedelta(days=30)
POLICY = default_policy(ACCOUNT, "aws")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
KEY = KeyFacts(
    ACCOUNT,
    REGION,
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "SYMMETRIC_DEFAULT",
    "ENCRYPT_DECRYPT",
    "AWS_KMS",
    "Enabled",
    MADE,
    POLICY,
)
IMPORTED = replace(KEY, origin="EXTERNAL")
FIRST, SECOND, THIRD = ("1" * 64, "2" * 64, "3" * 64)
GRANT = {
    "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/app",
    "Operations": ["Decrypt"],
    "Name": "report",
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def engine(tmp_path: Path, clock: ManualClock) -> Iterator[Engine]:
    with Engine.open(tmp_path / "copy", clock=clock) as engine:
        yield engine


def described(engine, key_id=KEY.key_id, region=REGION):
    return engine.client(account=ACCOUNT, region=region)("DescribeKey", {"KeyId": key_id})["KeyMetadata"]


def test_a_key_has_its_own_id_date_words_tags_and_aliases(engine):
    facts = replace(KEY, description="orders", tags={"team": "shop"}, aliases=("alias/a", "alias/b"))
    assert engine.take_in(Estate((facts,))) == {}
    kms, found = engine.client(), described(engine)
    assert (found["KeyId"], found["CreationDate"], found["Description"]) == (KEY.key_id, MADE, "orders")
    assert kms("ListResourceTags", {"KeyId": KEY.key_id})["Tags"] == [{"TagKey": "team", "TagValue": "shop"}]
    assert [one["AliasName"] for one in kms("ListAliases", {"KeyId": KEY.key_id})["Aliases"]] == ["alias/a", "alias/b"]
    assert kms("GetKeyPolicy", {"KeyId": KEY.key_id})["Policy"] == POLICY
    assert list(engine.events(name="CreateKey")) == []


def test_a_copied_key_works(engine):
    engine.take_in(Estate((KEY,)))
    kms = engine.client()
    sealed = kms("Encrypt", {"KeyId": KEY.key_id, "Plaintext": b"x"})["CiphertextBlob"]
    assert kms("Decrypt", {"CiphertextBlob": sealed})["Plaintext"] == b"x"


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("Enabled", "Enabled"),
        ("Disabled", "Disabled"),
        ("Creating", "Enabled"),
        ("Updating", "Enabled"),
        ("PendingDeletion", "PendingDeletion"),
    ],
)
def test_a_key_is_in_its_state_but_for_what_passes_in_seconds(engine, state, told):
    engine.take_in(Estate((replace(KEY, state=state),)))
    assert described(engine)["KeyState"] == told


@pytest.mark.parametrize(
    ("date", "told"),
    [
        (NOW + timedelta(days=9), NOW + timedelta(days=9)),
        (NOW, NOW + timedelta(days=1)),
        (None, NOW + timedelta(days=1)),
    ],
    ids=["to come", "now", "not told"],
)
def test_a_deletion_is_due_when_it_was_told_and_never_while_somebody_looks(engine, date, told):
    engine.take_in(Estate((replace(KEY, state="PendingDeletion", deletion_date=date),)))
    assert described(engine)["DeletionDate"] == told


def test_rotations_go_on_from_where_they_were(engine):
    engine.take_in(Estate((replace(KEY, rotation_period=180, on_demand_rotations=2),)))
    kms = engine.client()
    status = kms("GetKeyRotationStatus", {"KeyId": KEY.key_id})
    assert (status["RotationPeriodInDays"], status["NextRotationDate"]) == (180, NOW + timedelta(days=180))
    assert len(kms("ListKeyRotations", {"KeyId": KEY.key_id})["Rotations"]) == 2
    kms("RotateKeyOnDemand", {"KeyId": KEY.key_id})
    assert len(kms("ListKeyRotations", {"KeyId": KEY.key_id})["Rotations"]) == 3


def test_related_keys_are_related_and_their_primary_dies_last(engine):
    mrk = replace(KEY, key_id="mrk-1234abcd12ab34cd56ef1234567890ab", primary_region=REGION)
    dying = replace(mrk, state="PendingReplicaDeletion")
    engine.take_in(Estate((dying, replace(mrk, region="eu-west-1"))))
    found = described(engine, mrk.key_id)
    assert found["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    assert [one["Region"] for one in found["MultiRegionConfiguration"]["ReplicaKeys"]] == ["eu-west-1"]
    assert (found["KeyState"], found["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 30)
    assert described(engine, mrk.key_id, "eu-west-1")["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"


def test_a_grant_keeps_its_id_and_is_found_again_by_all_that_it_says(engine):
    engine.take_in(Estate((replace(KEY, grants=(GrantFacts("a" * 64, GRANT, ROOT),)),)))
    kms = engine.client()
    (listed,) = kms("ListGrants", {"KeyId": KEY.key_id})["Grants"]
    assert (listed["GrantId"], listed["IssuingAccount"], listed["Name"]) == ("a" * 64, ROOT, "report")
    assert kms("CreateGrant", {"KeyId": KEY.key_id, **GRANT})["GrantId"] == "a" * 64


def test_grants_that_say_the_same_stay_apart(engine):
    nameless = {name: value for name, value in GRANT.items() if name != "Name"}
    bodies = ((GRANT, "a"), (GRANT, "b"), (nameless, "c"), (nameless, "d"))
    grants = tuple(GrantFacts(letter * 64, body, ROOT) for body, letter in bodies)
    engine.take_in(Estate((replace(KEY, grants=grants),)))
    assert len(engine.client()("ListGrants", {"KeyId": KEY.key_id})["Grants"]) == 4


def materials(engine):
    asked = {"KeyId": KEY.key_id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    entries = engine.client()("ListKeyRotations", asked)["Rotations"]
    return [(one["KeyMaterialId"], one["KeyMaterialState"], one["ImportState"]) for one in entries]


def test_imported_materials_are_there_or_missing_as_they_were(engine):
    known = (
        MaterialFacts(FIRST, present=False),
        MaterialFacts(SECOND, valid_to=NOW + timedelta(days=9), description="second"),
        MaterialFacts(THIRD, pending=True),
    )
    facts = replace(IMPORTED, materials=known, state="PendingImport", on_demand_rotations=1)
    assert engine.take_in(Estate((facts,))) == {(KEY.key_id, one): one for one in (FIRST, SECOND, THIRD)}
    assert materials(engine) == [
        (FIRST, "NON_CURRENT", "PENDING_IMPORT"),
        (SECOND, "CURRENT", "IMPORTED"),
        (THIRD, "PENDING_ROTATION", "IMPORTED"),
    ]
    assert described(engine)["ValidTo"] == NOW + timedelta(days=9)


def test_material_with_a_stand_in_is_known_when_it_is_imported_again(engine):
    facts = replace(IMPORTED, materials=(MaterialFacts(FIRST, stand_in=b"m" * 32),))
    names = engine.take_in(Estate((facts,)))
    kms = engine.client()
    given = parameters(kms, KEY.key_id)
    again = {"KeyId": KEY.key_id, "ImportToken": given["ImportToken"], **FOREVER}
    for content, known in ((b"m" * 32, True), (b"n" * 32, False)):
        wrapped = wrap(given["PublicKey"], OAEP, content)
        if known:
            answer = kms("ImportKeyMaterial", {**again, "EncryptedKeyMaterial": wrapped})
            assert answer["KeyMaterialId"] == names[KEY.key_id, FIRST]
        else:
            with pytest.raises(KmsError, match="IncorrectKeyMaterialException"):
                kms("ImportKeyMaterial", {**again, "EncryptedKeyMaterial": wrapped})


def test_material_that_a_key_has_keeps_it_enabled_and_its_expiry_comes(engine, clock):
    facts = replace(IMPORTED, materials=(MaterialFacts(FIRST, valid_to=NOW + timedelta(days=1)),))
    engine.take_in(Estate((facts,)))
    assert described(engine)["KeyState"] == "Enabled"
    clock.advance(timedelta(days=2))
    assert described(engine)["KeyState"] == "PendingImport"


def test_a_stand_in_that_no_such_key_takes_is_kept_as_it_is(engine):
    facts = replace(IMPORTED, materials=(MaterialFacts(FIRST, stand_in=b"short"),))
    assert engine.take_in(Estate((facts,))).keys() == {(KEY.key_id, FIRST)}


def store(connection, failure=None):
    settings = {"CloudHsmClusterId": "cluster-2a23b4cdefg", "TrustAnchorCertificate": "-"}
    name = "cks-1234567890abcdef0"
    return StoreFacts(ACCOUNT, REGION, name, "vault", "AWS_CLOUDHSM", connection, failure, settings, "kmsuser-pw")


@pytest.mark.parametrize(
    ("connection", "told"),
    [("CONNECTED", "CONNECTED"), ("CONNECTING", "CONNECTED"), ("FAILED", "FAILED"), ("DISCONNECTED", "DISCONNECTED")],
)
def test_a_custom_key_store_keeps_its_connection_and_one_that_connects_is_connected(engine, connection, told):
    engine.take_in(Estate(stores=(store(connection, "USER_LOCKED_OUT" if connection == "FAILED" else None),)))
    (found,) = engine.client()("DescribeCustomKeyStores", {})["CustomKeyStores"]
    assert (found["CustomKeyStoreName"], found["ConnectionState"]) == ("vault", told)
    assert found.get("ConnectionErrorCode") == ("USER_LOCKED_OUT" if told == "FAILED" else None)


def test_a_key_in_a_store_rests_until_the_store_is_connected(engine):
    facts = replace(KEY, origin="AWS_CLOUDHSM", state="Unavailable", store_id="cks-1234567890abcdef0")
    engine.take_in(Estate((facts,), (store("DISCONNECTED"),)))
    assert described(engine)["CustomKeyStoreId"] == "cks-1234567890abcdef0"
    engine.client()("ConnectCustomKeyStore", {"CustomKeyStoreId": "cks-1234567890abcdef0"})
    assert described(engine)["KeyState"] == "Enabled"


def test_secrets_show_in_no_representation():
    assert "kmsuser-pw" not in repr(store("CONNECTED"))
    assert "mmmm" not in repr(MaterialFacts(FIRST, stand_in=b"m" * 32))
