"""All faults of a run are shown at once: one does not hide another."""

from __future__ import annotations

import pytest

from tests.manifest.build import loaded, manifest, refused

THERE = manifest("Target", "eu", "{backend: local, region: eu-west-1}")
KEY = manifest("Key", "k", "{multiRegion: true}")
NARROW = manifest("Key", "k", "{}")


def names(*texts: str) -> list[str]:
    return [fault.name for fault in refused(*texts)]


def replica(fields: str) -> str:
    return manifest("ReplicaKey", "r", f"{{targetRef: {{name: eu}}, {fields}}}")


@pytest.mark.parametrize(
    ("of", "fields", "expected"),
    [
        pytest.param(KEY, "primaryRef: {name: nobody}", "dangling-reference", id="a primary that is not there"),
        pytest.param(
            manifest("Key", "k", "{}"),
            "primaryRef: {name: k}",
            "primary-not-multi-region",
            id="a primary in one Region",
        ),
        pytest.param(
            KEY, "primaryRef: {name: k}, policy: {users: ['!']}", "invalid-policy", id="a principal that is none"
        ),
        pytest.param(KEY, "primaryRef: {name: k}, aliases: [a, a]", "duplicate-alias", id="an alias twice"),
    ],
)
def test_what_is_the_primarys_to_declare_hides_nothing(of, fields, expected):
    assert sorted(names(THERE, of, replica(f"{fields}, rotation: {{automatic: {{}}}}"))) == sorted(
        ["shared-property", expected]
    )


def test_a_misshapen_manifest_is_looked_at_for_what_it_refers_to():
    grant = manifest("Grant", "g", "{keyRef: {name: nobody}, granteePrincipl: role/x, operations: [Decrypt]}")
    assert "dangling-reference" in names(KEY, grant)
    assert "dangling-reference" in names(manifest("Alias", "a", "{name: a, kyRef: {}, keyRef: {name: nobody}}"))


@pytest.mark.parametrize(
    "spec", ["{keyRef: 7}", "{keyRef: {name: [k]}}", "[]", '{keyRef: {name: "\\n"}}', "{targetRef: local}"]
)
def test_a_reference_that_is_none_is_told_of_once(spec):
    assert "dangling-reference" not in names(manifest("Grant", "g", spec))


def test_what_is_there_is_not_missed_by_a_misshapen_manifest():
    found = names(KEY, manifest("Alias", "a", "{name: a, colour: red, keyRef: {name: k}}"))
    assert found == ["unknown-field"]


def test_a_sound_run_has_no_faults():
    assert loaded(THERE, KEY, replica("primaryRef: {name: k}")).count == 3
