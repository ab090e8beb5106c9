"""Every example is validated, planned, applied, planned again and checked for drift, through the real command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
KMSCTL = Path(sys.executable).with_name("kmsctl")

FOLDERS = ("quickstart", "access", "payments/base", "aws-services", "services", "envelope", "multi-region", "operator")
OVERLAYS = ("payments/overlays/dev", "payments/overlays/prod", "operator")
IDENTITIES = EXAMPLES / "identities"
"""No manifests: tests/workflow/test_identities.py reads it."""
IMPORTED = EXAMPLES / "imported-key"
"""Needs material that is made first: test_imported_key.py does."""

kubectl = pytest.mark.skipif(
    not (shutil.which("kubectl") or shutil.which("kustomize")), reason="neither kubectl nor kustomize is installed"
)


class Command:
    """kmsctl in a process of its own, with one bundled KMS."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._home = home
        self._arguments = arguments

    def __call__(self, name: str, *arguments: str, wanted: int = 0) -> str:
        done = subprocess.run(
            [str(KMSCTL), name, *arguments, *(() if name in ("validate", "local") else self._arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "KMSCTL_HOME": str(self._home), "NO_COLOR": "1"},
        )
        assert done.returncode == wanted, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def kmsctl(tmp_path: Path) -> Command:
    return Command(tmp_path / "kms")


def test_every_yaml_file_of_the_examples_belongs_to_an_example_that_is_tested() -> None:
    known = {IDENTITIES, IMPORTED, *(EXAMPLES / folder for folder in (*FOLDERS, *OVERLAYS))}
    assert {path.parent for path in EXAMPLES.rglob("*.yaml")} == known


OF_OTHERS = ("kustomization.yaml", "namespace.yaml")
MANIFESTS = sorted(
    path for path in EXAMPLES.rglob("*.yaml") if path.name not in OF_OTHERS and path.parent != IDENTITIES
)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_every_manifest_of_the_examples_starts_with_the_line_that_editors_read(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    assert (path.parent / first.removeprefix(prefix)).resolve() == ROOT / "schemas" / "kmsctl.schema.json"


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_example_is_valid_applies_and_then_has_no_changes_and_no_drift(folder: str, kmsctl: Command) -> None:
    manifests = ("-f", str(EXAMPLES / folder))
    kmsctl("validate", *manifests)
    kmsctl("plan", *manifests, "--detailed-exitcode", wanted=2)
    kmsctl("apply", *manifests, "--auto-approve")
    assert "No changes" in kmsctl("plan", *manifests, "--detailed-exitcode")
    assert "No drift" in kmsctl("drift", *manifests)


@kubectl
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_is_valid_after_kustomize(overlay: str, kmsctl: Command) -> None:
    kmsctl("validate", "-k", str(EXAMPLES / overlay))


@kubectl
def test_moving_from_the_development_overlay_to_the_base_protects_and_rotates_the_card_key(kmsctl: Command) -> None:
    kmsctl("apply", "-k", str(EXAMPLES / "payments/overlays/dev"), "-y")
    plan = json.loads(kmsctl("plan", "-f", str(EXAMPLES / "payments/base"), "--output", "json"))
    cards = next(change for change in plan["changes"] if change["address"] == "Key/cards")
    assert cards["action"] == "update"
    assert {field["path"] for field in cards["fields"]} == {
        "rotation.automatic.periodDays",
        "tags[kms.reconciler.dev/deletion]",
    }


def test_what_somebody_changed_behind_our_back_is_drift_and_is_repaired(kmsctl: Command) -> None:
    manifests = ("-f", str(EXAMPLES / "payments/base"))
    kmsctl("apply", *manifests, "-y")
    shown = json.loads(kmsctl("show", *manifests, "--output", "json"))
    key = next(key["keyId"] for key in shown["keys"] if key["name"] == "cards")
    for operation, parameters in (
        ("DisableKeyRotation", {}),
        ("UpdateKeyDescription", {"Description": "<b>hacked</b>"}),
        ("DisableKey", {}),
    ):
        kmsctl("local", "call", operation, json.dumps({"KeyId": key, **parameters}))
    drift = kmsctl("drift", *manifests, wanted=2)
    for field in ("rotation", "description", "enabled"):
        assert field in drift
    kmsctl("apply", *manifests, "-y")
    assert "No drift" in kmsctl("drift", *manifests)


@pytest.mark.moto
@pytest.mark.parametrize("folder", FOLDERS)
def test_an_example_applies_and_settles_on_a_kms_that_nobody_here_wrote(
    folder: str, tmp_path: Path, moto_endpoint: str
) -> None:
    aws = ("--backend", "aws", "--endpoint-url", moto_endpoint, "--region", "us-east-1")
    kmsctl = Command(tmp_path / "kms", *aws)
    manifests = ("-f", str(EXAMPLES / folder))
    kmsctl("apply", *manifests, "--auto-approve")
    assert "No changes" in kmsctl("plan", *manifests, "--detailed-exitcode")
    assert "No drift" in kmsctl("drift", *manifests)
