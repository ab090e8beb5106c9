"""Any life of keys in several Regions, against a model: what was encrypted decrypts as long as AWS says it must.

Two engines on one folder take turns, as two processes would.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from reconciler.engine.crypto import wrapping
from reconciler.engine.engine import Engine
from reconciler.kit.clock import ManualClock
from reconciler.kit.errors import KmsError
from tests.engine.conftest import START
from tests.engine.keys.lifecycle_model import Member, ModelKey
from tests.support.importing import import_material

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
PAIR = wrapping.generate("RSA_2048")
"""All imports travel under one wrapping key: making one takes longer than all the rest."""
MOST_KEYS, MOST_BLOBS = 3, 8

regions = st.sampled_from(REGIONS)
places = st.integers(0, 2)
"""Which of a key's Regions, the primary's first; smaller ones come oftener."""
materials = st.integers(1, 3)
windows = st.integers(7, 30)
days = st.integers(1, 20)


def known_to(key):
    """The imported material of `key`, in its order."""
    return [*key.belonging, *([] if key.pending is None else [key.pending])]


class Lives(RuleBasedStateMachine):
    """Keys live, and a model of them."""

    keys = Bundle("keys")

    def __init__(self):
        super().__init__()
        self.generate, wrapping.generate = wrapping.generate, lambda _: PAIR
        self.folder = Path(tempfile.mkdtemp())
        self.clock = ManualClock(START)
        self.engines = [Engine.open(self.folder / "data", clock=self.clock) for _ in range(2)]
        self.today = 0
        self.turn = 0
        self.lives: list[ModelKey] = []

    def teardown(self):
        for engine in self.engines:
            engine.close()
        shutil.rmtree(self.folder)
        wrapping.generate = self.generate

    def client(self, region):
        self.turn += 1
        return self.engines[self.turn % 2].client(region=region)

    def region(self, key, place):
        """The Region of `key` at `place`, None when the key is gone."""
        found = sorted(key.members, key=lambda region: (region != key.primary, region))
        return found[place % len(found)] if found else None

    def agrees(self, expected, region, operation, **parameters):
        """Call, and see that it succeeds exactly when the model says so."""
        try:
            self.client(region)(operation, parameters)
            succeeded = True
        except KmsError:
            succeeded = False
        assert succeeded == expected, operation

    @initialize(target=keys)
    def first(self):
        return multiple(self.made(external=False, region=REGIONS[0]), self.made(external=True, region=REGIONS[0]))

    @rule(target=keys, external=st.booleans(), multi_region=st.booleans(), region=regions)
    def create(self, external, multi_region, region):
        if len(self.lives) == MOST_KEYS:
            return multiple()
        return self.made(external=external, multi_region=multi_region, region=region)

    def made(self, *, external, region, multi_region=True):
        given = {"Origin": "EXTERNAL" if external else "AWS_KMS", "MultiRegion": multi_region}
        key_id = self.client(region)("CreateKey", given)["KeyMetadata"]["KeyId"]
        key = ModelKey(key_id, external, multi_region, region, {region: Member()})
        self.lives.append(key)
        return key

    @rule(key=keys, place=places, material=materials, new=st.booleans(), lasts=st.none() | days)
    def import_any(self, key, place, material, new, lasts):
        region = self.region(key, place)
        if region:
            self.imports(key, region, material, new=new, lasts=lasts)

    @rule(key=keys, material=materials, lasts=st.none() | days)
    def import_new(self, key, material, lasts):
        if key.external and key.primary in key.members:
            self.imports(key, key.primary, material, new=True, lasts=lasts)

    @rule(key=keys, place=places, lasts=st.none() | days)
    def import_again(self, key, place, lasts):
        region = self.region(key, place)
        if region and key.external:
            for material in known_to(key):
                self.imports(key, region, material, new=False, lasts=lasts)

    def imports(self, key, region, material, *, new, lasts):
        expires = None if lasts is None else self.today + lasts
        terms = {} if lasts is None else {"ValidTo": self.clock.now() + timedelta(days=lasts)}
        expected = key.import_(region, material, new=new, expires=expires)
        kind = "NEW_KEY_MATERIAL" if new else "EXISTING_KEY_MATERIAL"
        try:
            import_material(self.client(region), key.id, bytes([material]) * 32, ImportType=kind, **terms)
            succeeded = True
        except KmsError:
            succeeded = False
        assert succeeded == expected

    @rule(key=keys, place=places, last=st.booleans())
    def take_away(self, key, place, last):
        region, known = self.region(key, place), known_to(key)
        if not region or not known:
            return
        entries, which = self.history(key, region), -1 if last else 0
        assert len(entries) == len(known)
        material_id = entries[which]["KeyMaterialId"]
        self.agrees(True, region, "DeleteImportedKeyMaterial", KeyId=key.id, KeyMaterialId=material_id)
        key.remove(region, known[which])

    @rule(key=keys, material=materials)
    def rotate_everywhere(self, key, material):
        """All that a rotation takes: new material in every Region, and the call."""
        if key.primary in key.members:
            if key.external:
                self.imports(key, key.primary, material, new=True, lasts=None)
            for place in range(1, len(key.members)):
                self.import_again(key, place, None)
            self.rotate(key, 0)
            self.encrypt(key, 0)

    @rule(key=keys, to=regions)
    def grow(self, key, to):
        """A replica with all its material."""
        if key.primary in key.members:
            self.replicate(key, 0, to)
            for place in range(1, len(key.members)):
                self.import_again(key, place, None)

    @rule(key=keys, place=places)
    def rotate(self, key, place):
        region = self.region(key, place)
        if region:
            self.agrees(key.rotate(region), region, "RotateKeyOnDemand", KeyId=key.id)

    @rule(key=keys, place=places)
    def rotate_by_itself(self, key, place):
        region = self.region(key, place)
        if region:
            allowed = not key.external and region == key.primary and key.enabled(region)
            self.agrees(allowed, region, "EnableKeyRotation", KeyId=key.id, RotationPeriodInDays=90)

    @rule(key=keys, place=places, to=regions)
    def replicate(self, key, place, to):
        region = self.region(key, place)
        if region:
            self.agrees(key.replicate(region, to), region, "ReplicateKey", KeyId=key.id, ReplicaRegion=to)

    @rule(key=keys, place=places, to=regions)
    def move(self, key, place, to):
        region = self.region(key, place)
        if region:
            self.agrees(key.move(region, to), region, "UpdatePrimaryRegion", KeyId=key.id, PrimaryRegion=to)

    @rule(key=keys, place=places, window=windows)
    def schedule(self, key, place, window):
        region = self.region(key, place)
        if region:
            expected = key.schedule(region, window, self.today)
            self.agrees(expected, region, "ScheduleKeyDeletion", KeyId=key.id, PendingWindowInDays=window)

    @rule(key=keys, place=places)
    def cancel(self, key, place):
        region = self.region(key, place)
        if region:
            self.agrees(key.cancel(region), region, "CancelKeyDeletion", KeyId=key.id)

    @rule(key=keys, place=places, disabled=st.booleans())
    def switch(self, key, place, disabled):
        region = self.region(key, place)
        if region:
            expected = key.switch(region, disabled=disabled)
            self.agrees(expected, region, "DisableKey" if disabled else "EnableKey", KeyId=key.id)

    @rule(key=keys, place=places)
    def encrypt(self, key, place):
        region = self.region(key, place)
        if region and key.enabled(region) and len(key.blobs) < MOST_BLOBS:
            answer = self.client(region)("Encrypt", {"KeyId": key.id, "Plaintext": key.id.encode()})
            key.blobs.append(answer["CiphertextBlob"])

    @rule(count=days)
    def advance(self, count):
        self.clock.advance(timedelta(days=count))
        for _ in range(count):
            self.today += 1
            for key in self.lives:
                key.dawn(self.today)

    @rule()
    def restart(self):
        self.engines[0].close()
        self.engines[0] = Engine.open(self.folder / "data", clock=self.clock)

    def history(self, key, region):
        given = {"KeyId": key.id, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
        return self.client(region)("ListKeyRotations", given)["Rotations"]

    @invariant()
    def every_key_is_in_the_state_that_the_model_says(self):
        for region in REGIONS:
            known = {key.id: key.state(region) for key in self.lives if region in key.members}
            listed = {entry["KeyId"] for entry in self.client(region)("ListKeys", {})["Keys"]}
            assert listed == known.keys()
            for key_id, state in known.items():
                assert self.client(region)("DescribeKey", {"KeyId": key_id})["KeyMetadata"]["KeyState"] == state

    @invariant()
    def what_was_encrypted_decrypts_exactly_where_the_key_is_enabled(self):
        for key in self.lives:
            for blob in key.blobs:
                for region in REGIONS:
                    self.decrypts(key, blob, region)

    def decrypts(self, key, blob, region):
        try:
            plaintext = self.client(region)("Decrypt", {"CiphertextBlob": blob})["Plaintext"]
        except KmsError:
            plaintext = None
        assert plaintext == (key.id.encode() if key.enabled(region) else None)

    @invariant()
    def related_keys_have_one_history(self):
        for key in self.lives:
            told = [self.history(key, region) for region in key.members]
            assert len({tuple(entry["KeyMaterialId"] for entry in one) for one in told}) <= 1


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=20, stateful_step_count=60, deadline=None)
