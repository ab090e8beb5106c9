"""Related keys are rotated to new imported material: over two Regions, and after a crash at any call."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from reconciler.apply.material.bring import import_material
from reconciler.apply.recover import rotate
from reconciler.engine.engine import Engine
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.kms.port import Kms
from reconciler.kms.sweeps import sweep_keys
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.keyspec import KeySpec
from reconciler.model.material import AwaitedMaterial, NewMaterial, SecretFile, WrappingAlgorithm
from reconciler.plan.steps import ExistingKey, ImportMaterial, RotateOnDemand
from tests.apply.build import STACK
from tests.apply.drive import drive, site_of
from tests.apply.world import EU, Clients, clients, converge, fed, make_plan, replica
from tests.support.faulty import Faulty, lost_after
from tests.support.secrets import Places, wrapping_keys_made_once


class Crash(Exception):
    """Nothing is called any more."""


class Mortal:
    """Lets `left` calls through, whichever Region they are for, and then none."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._lock = threading.Lock()
        self.died = False

    def over(self, kms: Clients) -> Clients:
        return {name: self._mortal(client) for name, client in kms.items()}

    def _mortal(self, kms: Any) -> Any:
        def call(operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
            with self._lock:
                self._left -= 1
                if self._left < 0:
                    self.died = True
                    raise Crash
            answer: dict[str, Any] = kms(operation, parameters)
            return answer

        return call


@pytest.fixture(autouse=True)
def _quick_imports() -> Iterator[None]:
    with wrapping_keys_made_once():
        yield


def declared(serial: int, primary: str = "us-east-1") -> DesiredState:
    """A multi-Region key and its replica, whose material has a place of its own for each serial."""
    key = replace(fed("cards", serial), multi_region=True, primary_region=primary)
    return DesiredState(STACK, (key, replica("cards", origin=key.origin, material=key.material)))


@pytest.fixture(params=["us-east-1", "eu-west-1"])
def primary(request) -> str:
    return str(request.param)


@pytest.fixture
def regions(tmp_path, clock, primary) -> Iterator[Clients]:
    """The bundled KMS with the key and its replica, at their first material; the primary is where `primary` says."""
    with Engine.open(tmp_path / "engine", clock=clock) as engine:
        kms = clients(engine)
        assert converge(kms, declared(1, primary), clock).ok
        assert converge(kms, declared(1, primary), clock).ok
        yield kms


def states(kms: Clients) -> list[list[tuple[str, str]]]:
    """Of each Region's key, its materials from the first."""
    return [materials(client, key) for client in kms.values() for key in sweep_keys(client)]


def materials(client: Kms, key: str) -> list[tuple[str, str]]:
    asked = {"KeyId": key, "IncludeKeyMaterial": "ALL_KEY_MATERIAL"}
    return [
        (entry["KeyMaterialState"], entry["ImportState"]) for entry in client("ListKeyRotations", asked)["Rotations"]
    ]


TURNED = [[("NON_CURRENT", "IMPORTED"), ("CURRENT", "IMPORTED")]] * 2


def test_every_region_has_the_new_material_before_the_key_rotates_to_it(regions, clock, primary):
    (key,) = sweep_keys(regions[RUN_TARGET])
    old = regions[EU]("Encrypt", {"KeyId": key, "Plaintext": b"old"})["CiphertextBlob"]
    assert converge(regions, declared(2, primary), clock).ok
    assert states(regions) == TURNED
    assert make_plan(regions, declared(2, primary), clock).effective == ()
    new = regions[EU]("Encrypt", {"KeyId": key, "Plaintext": b"new"})["CiphertextBlob"]
    for client in regions.values():
        assert [client("Decrypt", {"CiphertextBlob": blob})["Plaintext"] for blob in (old, new)] == [b"old", b"new"]


def test_a_third_material_follows_the_second(regions, clock, primary):
    assert converge(regions, declared(2, primary), clock).ok
    assert converge(regions, declared(3, primary), clock).ok
    assert [len(found) for found in states(regions)] == [3, 3]
    assert make_plan(regions, declared(3, primary), clock).effective == ()


def test_ended_before_any_call_it_goes_on_where_it_was_and_rotates_once(tmp_path, clock, primary):
    for calls in range(100):
        with Engine.open(tmp_path / f"engine-{calls}", clock=clock) as engine:
            kms = clients(engine)
            converge(kms, declared(1, primary), clock)
            converge(kms, declared(1, primary), clock)
            mortal = Mortal(calls)
            converge(kms, declared(2, primary), clock, 1, mortal.over(kms))
            assert converge(kms, declared(2, primary), clock).ok
            assert states(kms) == TURNED
            assert make_plan(kms, declared(2, primary), clock).effective == ()
        if not mortal.died:
            assert calls > 8
            return
    raise AssertionError


def test_a_source_that_changes_between_two_attempts_is_not_rotated_to(regions, clock, primary):
    (key,) = sweep_keys(regions[RUN_TARGET])
    first = regions[EU if primary == "eu-west-1" else RUN_TARGET]
    bring(key, NewMaterial(), first, clock, b"2" * 32)
    outcome = converge(regions, declared(2, primary), clock)  # whose source has another one
    assert [type(result.step).__name__ for result in outcome.failed] == ["ImportMaterial"]
    assert "does not hold the material that the key expects" in str(outcome.failed[0].error)
    assert "RotateOnDemand" in {type(result.step).__name__ for result in outcome.skipped}


def bring(key, which, kms, clock, content):
    step = ImportMaterial(
        ExistingKey(key),
        KeySpec.SYMMETRIC_DEFAULT,
        SecretFile("m"),
        WrappingAlgorithm.RSAES_OAEP_SHA_256,
        None,
        which=which,
    )
    return drive(import_material(step, site_of(kms, clock, secrets=Places(m=content))), clock)


@pytest.mark.parametrize("primary", ["us-east-1"], indirect=True)
class TestOneStep:
    def test_imports_what_another_apply_has_imported_as_new_again(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        for _ in range(2):
            bring(key, NewMaterial(), regions[RUN_TARGET], clock, b"2" * 32)
        assert states(regions)[0][1] == ("PENDING_MULTI_REGION_IMPORT_AND_ROTATION", "IMPORTED")
        with pytest.raises(KmsctlError, match="does not hold the material that the key expects"):
            bring(key, NewMaterial(), regions[RUN_TARGET], clock, b"3" * 32)

    def test_takes_a_replica_nothing_but_what_its_primary_has(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        bring(key, NewMaterial(), regions[RUN_TARGET], clock, b"2" * 32)
        with pytest.raises(KmsctlError, match="does not hold the material that the key expects"):
            bring(key, AwaitedMaterial(), regions[EU], clock, b"3" * 32)
        _, pauses = bring(key, AwaitedMaterial(), regions[EU], clock, b"2" * 32)
        assert (pauses, states(regions)[1][1]) == ([], ("PENDING_ROTATION", "IMPORTED"))

    def test_waits_for_what_the_primary_has_and_not_for_ever(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        with pytest.raises(KmsctlError, match="does not know of new material"):
            bring(key, AwaitedMaterial(), regions[EU], clock, b"2" * 32)

    def test_rotates_when_the_last_of_them_has_it(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        bring(key, NewMaterial(), regions[RUN_TARGET], clock, b"2" * 32)
        work = rotate(RotateOnDemand(ExistingKey(key), 0, together=True), site_of(regions[RUN_TARGET], clock))
        assert next(work).seconds > 0
        bring(key, AwaitedMaterial(), regions[EU], clock, b"2" * 32)
        drive(iter_of(work), clock)
        assert states(regions) == TURNED

    def test_says_that_one_of_them_lacks_it_after_two_minutes(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        bring(key, NewMaterial(), regions[RUN_TARGET], clock, b"2" * 32)
        began = clock.monotonic()
        step = RotateOnDemand(ExistingKey(key), 0, together=True)
        with pytest.raises(KmsctlError, match="each of its related keys needs the new material first"):
            drive(rotate(step, site_of(regions[RUN_TARGET], clock)), clock)
        assert 120 <= clock.monotonic() - began < 130

    def test_of_other_keys_tells_the_refusal_of_kms(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        with pytest.raises(KmsError) as told:
            drive(rotate(RotateOnDemand(ExistingKey(key), 0), site_of(regions[RUN_TARGET], clock)), clock)
        assert told.value.code == "KMSInvalidStateException"

    def test_finds_new_material_whose_answer_was_lost(self, regions, clock):
        (key,) = sweep_keys(regions[RUN_TARGET])
        kms = Faulty(regions[RUN_TARGET], lost_after("ImportKeyMaterial"))
        done, _ = bring(key, NewMaterial(), kms, clock, b"2" * 32)
        assert done.notes == ("the answer was lost; the new material was found",)


def iter_of(work: Any) -> Any:
    """The rest of `work` that pauses already."""
    return (yield from work)
