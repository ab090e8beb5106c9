"""What is read of imported material and of custom key stores, and in how many calls."""

from __future__ import annotations

from datetime import timedelta

from reconciler.kms.observe import observe
from reconciler.model.keyspec import KeyState, Origin
from reconciler.model.observed import ObservedMaterials, ObservedRotation
from reconciler.model.scope import Scope, Wanted
from reconciler.model.stores import CREDENTIAL_ID, Connection
from tests.kms.estate import STACK, Estate
from tests.support.importing import import_material

SWEEPS = {"ListAliases": 1, "tagging:GetResources": 1}
FED = {"fed": Wanted(serial=1, material=True)}


def test_a_key_without_material_has_none_and_all_materials_are_read_where_they_are_declared(estate: Estate) -> None:
    key = estate.key("fed", Origin="EXTERNAL")
    seen, calls = estate.counted(FED)
    assert calls == {**SWEEPS, "DescribeKey": 1, "ListKeyRotations": 1}
    found = seen.keys[key]
    assert (found.material, found.state, found.materials) == (False, KeyState.PENDING_IMPORT, ObservedMaterials())
    assert estate.counted({"fed": Wanted()})[1] == {**SWEEPS, "DescribeKey": 1}


def test_current_pending_and_missing_material_are_told_apart_and_rotations_counted(estate: Estate) -> None:
    key, now = estate.key("fed", Origin="EXTERNAL"), estate.clock.now()
    until = now + timedelta(days=30)
    import_material(estate.kms, key, b"1" * 32, ValidTo=until, KeyMaterialDescription="first")
    seen = estate.counted(FED)[0].keys[key]
    assert seen.material
    assert seen.materials is not None
    assert seen.materials.current is not None
    assert (seen.materials.current.valid_to, seen.materials.current.description) == (until, "first")
    assert seen.valid_to == until
    import_material(estate.kms, key, b"2" * 32, ImportType="NEW_KEY_MATERIAL")
    waiting = estate.counted(FED)[0].keys[key].materials
    assert waiting is not None
    assert waiting.pending is not None
    estate.kms("RotateKeyOnDemand", {"KeyId": key})
    estate.kms("DeleteImportedKeyMaterial", {"KeyId": key, "KeyMaterialId": seen.materials.current.material_id})
    seen = estate.counted(FED)[0].keys[key]
    assert not seen.material
    assert seen.materials == ObservedMaterials(
        waiting.pending, missing=(seen.materials.missing if seen.materials else ())
    )
    assert seen.materials is not None
    assert len(seen.materials.missing) == 1
    assert seen.rotation == ObservedRotation(enabled=False, on_demand_rotations=1)


def test_a_key_of_one_material_is_read_with_its_expiry_alone(estate: Estate) -> None:
    key = estate.key("fed", Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    until = estate.clock.now() + timedelta(days=30)
    import_material(estate.kms, key, b"1" * 32, ValidTo=until)
    seen, calls = estate.counted({"fed": Wanted(material=True)})
    assert calls == {**SWEEPS, "DescribeKey": 1}
    assert (seen.keys[key].valid_to, seen.keys[key].materials) == (until, None)


def test_material_that_expired_is_not_there_although_kms_still_knows_it(estate: Estate) -> None:
    key = estate.key("fed", Origin="EXTERNAL")
    import_material(estate.kms, key, b"1" * 32, ValidTo=estate.clock.now() + timedelta(days=30))
    estate.clock.advance(timedelta(days=31))
    seen = estate.counted(FED)[0].keys[key]
    assert (seen.material, seen.state) == (False, KeyState.PENDING_IMPORT)
    assert seen.materials is not None
    assert seen.materials.current is not None
    assert not seen.materials.current.imported
    estate.kms("ScheduleKeyDeletion", {"KeyId": key})
    assert not estate.counted(FED)[0].keys[key].material


def test_custom_key_stores_are_read_in_one_call_where_they_are_declared(estate: Estate) -> None:
    credential = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s3cretPart" * 5}
    proxy = {"XksProxyUriEndpoint": "https://xks.example.com", "XksProxyUriPath": "/kms/xks/v1"}
    created = estate.kms(
        "CreateCustomKeyStore",
        {
            "CustomKeyStoreName": "vault",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            "XksProxyAuthenticationCredential": credential,
            **proxy,
        },
    )
    estate.kms("ConnectCustomKeyStore", created)
    custody = {"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "a", **created}
    key = estate.key("kept", **custody)
    seen = observe(estate.kms, estate.account(), Scope(STACK, {"kept": Wanted()}, stores=True), clock=estate.clock)
    store = seen.stores["vault"]
    assert (store.store_id, store.origin) == (created["CustomKeyStoreId"], Origin.EXTERNAL_KEY_STORE)
    assert (store.connection, store.error) == (Connection.CONNECTED, "")
    assert store.settings == {
        "xksProxy.connectivity": "PUBLIC_ENDPOINT",
        "xksProxy.uriEndpoint": "https://xks.example.com",
        "xksProxy.uriPath": "/kms/xks/v1",
        CREDENTIAL_ID: "A" * 20,
    }
    assert (seen.keys[key].store_id, seen.keys[key].xks_key_id) == (store.store_id, "a")
    assert estate.counted({"kept": Wanted()})[0].stores == {}
