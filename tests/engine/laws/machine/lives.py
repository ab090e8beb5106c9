"""Keys are made, imported into, replicated, rotated, switched and deleted."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, multiple, rule

from reconciler.kit.errors import KmsError
from tests.engine.laws.machine.base import World, accounts, regions, things
from tests.engine.laws.machine.model import MAIN, REGIONS, ROOTS, thing
from tests.support.importing import import_material

KINDS = {
    "symmetric": ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    "signing": ("ECC_NIST_P256", "SIGN_VERIFY"),
    "edwards": ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
    "coding": ("HMAC_256", "GENERATE_VERIFY_MAC"),
    "agreeing": ("ECC_NIST_P256", "KEY_AGREEMENT"),
    "encapsulating": ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
}
MOST_KEYS = 6
places = st.integers(0, 1)
days = st.integers(1, 20)
materials = st.integers(1, 3)


class Lives(World):
    """The life of keys, as `ModelKey` has it."""

    def made(self, account, region, kind, *, multi_region=False, **how):
        """Create a key."""
        spec, usage = KINDS[kind]
        given = {"KeySpec": spec, "KeyUsage": usage, **({"MultiRegion": True} if multi_region else {}), **how}
        made = self.must(ROOTS[account], region, "CreateKey", **given)["KeyMetadata"]
        external = how.get("Origin") == "EXTERNAL"
        stored = "CustomKeyStoreId" in how
        terms = {"external": external, "multi_region": multi_region, "stored": stored}
        key = thing(account, region, made["KeyId"], spec=spec, usage=usage, **terms)
        self.all.append(key)
        return key

    @initialize(target=things, kind=st.sampled_from(sorted(KINDS)))
    def first(self, kind):
        shared = self.made(MAIN, REGIONS[0], "symmetric", multi_region=True)
        self.replicate(shared, 0, REGIONS[1])
        brought = self.made(MAIN, REGIONS[0], "symmetric", multi_region=True, Origin="EXTERNAL")
        self.bring(brought, 0, 1, new=True, lasts=None)
        return multiple(shared, brought, self.made(MAIN, REGIONS[0], kind))

    @rule(target=things, account=accounts, region=regions, kind=st.sampled_from(sorted(KINDS)), multi=st.booleans())
    def create(self, account, region, kind, multi):
        if len(self.all) == MOST_KEYS:
            return multiple()
        return self.made(account, region, kind, multi_region=multi)

    @rule(key=things, place=places, material=materials, new=st.booleans(), lasts=st.none() | days)
    def bring(self, key, place, material, *, new, lasts):
        region = self.region_of(key, place)
        if not region or key.spec != "SYMMETRIC_DEFAULT":
            return
        expires = None if lasts is None else self.today + lasts
        terms = {} if lasts is None else {"ValidTo": self.clock.now() + timedelta(days=lasts)}
        expected = key.life.import_(region, material, new=new, expires=expires)
        terms["ImportType"] = "NEW_KEY_MATERIAL" if new else "EXISTING_KEY_MATERIAL"
        try:
            import_material(self.client(key.account, region), key.life.id, bytes([material]) * 32, **terms)
        except KmsError:
            assert not expected
        else:
            assert expected

    @rule(key=things, material=materials)
    def bring_everywhere(self, key, material):
        """New material to the primary, then to its replicas, and the rotation to it."""
        if key.life.external and key.life.primary in key.life.members:
            self.bring(key, 0, material, new=True, lasts=None)
            for place in range(1, len(key.life.members)):
                for known in {*key.life.belonging, key.life.pending or material}:
                    self.bring(key, place, known, new=False, lasts=None)
            self.rotate(key, 0)

    @rule(key=things, place=places)
    def take_away(self, key, place):
        region, life = self.region_of(key, place), key.life
        if region and life.external and life.belonging:
            given = {"KeyId": life.id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
            entries = self.must(ROOTS[key.account], region, "ListKeyRotations", **given)["Rotations"]
            first = entries[0]["KeyMaterialId"]
            self.agrees(True, key, region, "DeleteImportedKeyMaterial", KeyId=life.id, KeyMaterialId=first)
            life.remove(region, life.belonging[0])

    @rule(key=things, place=places)
    def rotate(self, key, place):
        region = self.region_of(key, place)
        if region and key.spec == "SYMMETRIC_DEFAULT" and not key.stored:
            self.agrees(key.life.rotate(region), key, region, "RotateKeyOnDemand", KeyId=key.life.id)

    @rule(key=things, place=places, on=st.booleans())
    def rotate_by_itself(self, key, place, *, on):
        region, life = self.region_of(key, place), key.life
        if region and key.spec == "SYMMETRIC_DEFAULT" and not key.stored:
            allowed = not life.external and region == life.primary and self.enabled(key, region)
            period = {"RotationPeriodInDays": 90} if on else {}
            operation = "EnableKeyRotation" if on else "DisableKeyRotation"
            self.agrees(allowed, key, region, operation, KeyId=life.id, **period)

    @rule(key=things, place=places, to=regions)
    def replicate(self, key, place, to):
        region = self.region_of(key, place)
        if region:
            expected = key.life.replicate(region, to)
            self.agrees(expected, key, region, "ReplicateKey", KeyId=key.life.id, ReplicaRegion=to)

    @rule(key=things, place=places, to=regions)
    def move(self, key, place, to):
        region = self.region_of(key, place)
        if region:
            expected = key.life.move(region, to)
            self.agrees(expected, key, region, "UpdatePrimaryRegion", KeyId=key.life.id, PrimaryRegion=to)

    @rule(key=things)
    def wander(self, key):
        """A key gets a replica, and that becomes the primary."""
        if key.life.primary in key.life.members:
            away = next(region for region in REGIONS if region != key.life.primary)
            self.replicate(key, 0, away)
            self.move(key, 0, away)

    @rule(key=things, place=places, window=st.integers(7, 30))
    def schedule(self, key, place, window):
        region = self.region_of(key, place)
        if region:
            expected = key.life.schedule(region, window, self.today)
            given = {"KeyId": key.life.id, "PendingWindowInDays": window}
            self.agrees(expected, key, region, "ScheduleKeyDeletion", **given)

    @rule(key=things, place=places)
    def cancel(self, key, place):
        region = self.region_of(key, place)
        if region:
            self.agrees(key.life.cancel(region), key, region, "CancelKeyDeletion", KeyId=key.life.id)

    @rule(key=things, place=places, disabled=st.booleans())
    def switch(self, key, place, *, disabled):
        region = self.region_of(key, place)
        if region:
            expected = key.life.switch(region, disabled=disabled)
            self.agrees(expected, key, region, "DisableKey" if disabled else "EnableKey", KeyId=key.life.id)
