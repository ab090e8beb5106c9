"""With stand-ins for kustomize and kubectl on the PATH, and with the real one where there is one."""

import io
import shutil

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest import kustomize
from reconciler.manifest.load import load
from reconciler.manifest.sources import read_sources
from tests.manifest.build import manifest

KEY = manifest("Key", "k", "{}")


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A PATH with nothing on it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder, name, script):
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def rendered(folder):
    return load(read_sources([], stdin=io.StringIO(), kustomize=str(folder)))


def failure(folder):
    with pytest.raises(InvalidInput) as caught:
        rendered(folder)
    (fault,) = caught.value.diagnostics
    assert fault.name == "kustomize-failed"
    return fault


@pytest.mark.parametrize(
    ("name", "arguments"), [("kustomize", "build -- overlay"), ("kubectl", "kustomize -- overlay")]
)
def test_what_kustomize_prints_is_loaded_and_named_after_its_folder(path, name, arguments):
    program(path, name, f'[ "$*" = "{arguments}" ] || exit 9\nprintf "%s" "{KEY}"')
    manifests = rendered("overlay")
    assert [str(document) for document in manifests.documents] == ["Key/k"]
    assert manifests.documents[0].file == "overlay (kustomize)"


def test_kustomize_itself_is_preferred_to_kubectl(path):
    program(path, "kustomize", f'printf "%s" "{KEY}"')
    program(path, "kubectl", "exit 1")
    assert rendered("overlay").count == 1


def test_other_objects_in_what_kustomize_prints_are_left_alone(path):
    program(path, "kustomize", f'printf "%s" "apiVersion: v1\nkind: Namespace\n{KEY}"')
    assert rendered("overlay").count == 1


def test_without_kustomize_and_kubectl_the_user_is_told_what_to_install(path):
    fix = failure("overlay").fix
    assert "install kustomize" in fix
    assert "or kubectl" in fix
    assert "`kustomize build DIR | kmsctl plan -f -`" in fix


@pytest.mark.parametrize(("name", "verb"), [("kustomize", "build"), ("kubectl", "kustomize")])
def test_a_failure_names_the_command_to_run_by_itself(path, name, verb):
    program(path, name, "exit 1")
    assert failure("overlay").fix == f"run `{name} {verb} overlay` by itself to see more"


def test_what_kubectl_wraps_around_a_complaint_is_taken_off(path):
    said = 'E1122 03:40:03.262818   28735 run.go:72] "command failed" err="no kustomization.yaml"'
    program(path, "kubectl", f"printf '%s' '{said}' >&2; exit 1")
    assert failure("overlay").why == "no kustomization.yaml"


def test_what_kustomize_complains_about_is_passed_on_without_what_a_terminal_would_obey(path):
    program(path, "kustomize", 'printf "no \\033[31mbase" >&2; exit 1')
    fault = failure("overlay")
    assert fault.why == "no \\x1b[31mbase"
    assert fault.position.file == "overlay"


def test_a_program_that_cannot_be_started_is_no_accident(path):
    (path / "kustomize").write_bytes(b"\x7fELF nonsense")
    (path / "kustomize").chmod(0o755)
    assert "cannot be run" in failure("overlay").what


def test_kustomize_is_stopped_when_it_hangs(path, monkeypatch):
    monkeypatch.setattr(kustomize, "KUSTOMIZE_TIMEOUT_SECONDS", 0.05)
    program(path, "kustomize", "exec /bin/sleep 30")
    assert "did not finish" in failure("overlay").what


@pytest.mark.skipif(not (shutil.which("kustomize") or shutil.which("kubectl")), reason="neither kustomize nor kubectl")
def test_an_overlay_is_rendered_by_the_real_program(tmp_path):
    (tmp_path / "base").mkdir()
    (tmp_path / "prod").mkdir()
    (tmp_path / "base" / "key.yaml").write_text(manifest("Key", "k", "{description: base, tags: {env: dev}}"))
    (tmp_path / "base" / "kustomization.yaml").write_text("resources: [key.yaml]\n")
    (tmp_path / "prod" / "kustomization.yaml").write_text(
        "resources: [../base]\n"
        "patches:\n"
        "  - patch: |-\n"
        "      apiVersion: kms.reconciler.dev/v1alpha1\n"
        "      kind: Key\n"
        "      metadata: {name: k}\n"
        "      spec: {tags: {env: prod}}\n"
    )
    (document,) = rendered(tmp_path / "prod").documents
    assert document.spec == {"description": "base", "tags": {"env": "prod"}}


def test_kustomize_is_not_told_the_root_key_of_the_bundled_kms(path, monkeypatch):
    monkeypatch.setenv("KMSCTL_LOCAL_PASSPHRASE", "correct horse")
    monkeypatch.setenv("SOMETHING", "else")
    program(path, "kustomize", f'[ -z "$KMSCTL_LOCAL_PASSPHRASE" ] && [ "$SOMETHING" = else ] && printf "%s" "{KEY}"')
    assert rendered("overlay").count == 1


def test_what_a_hanging_kustomize_has_started_is_stopped_too(path, monkeypatch):
    monkeypatch.setattr(kustomize, "KUSTOMIZE_TIMEOUT_SECONDS", 0.2)
    program(path, "kustomize", f"{shutil.which('sleep', path='/bin:/usr/bin')} 60 &\nwait")
    assert "did not finish" in failure("overlay").what
