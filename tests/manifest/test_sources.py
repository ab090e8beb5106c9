import io
import os

import pytest

from reconciler.kit.errors import InvalidInput
from reconciler.manifest import limits
from reconciler.manifest.load import load
from reconciler.manifest.sources import read_sources
from tests.manifest.build import manifest

KEY = manifest("Key", "k", "{}")


def read(*paths, stdin=""):
    return read_sources([str(path) for path in paths], stdin=io.StringIO(stdin))


def faults(*paths, stdin=""):
    """Name, file and place of each diagnostic."""
    with pytest.raises(InvalidInput) as caught:
        load(read(*paths, stdin=stdin))
    return [(fault.name, str(fault.position)) for fault in caught.value.diagnostics]


def test_a_folder_is_read_with_its_folders_in_the_order_of_names(tmp_path):
    for name in ("b.yaml", "a.yml", "sub/c.yaml", "a/z.yaml", "notes.txt", "x.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    names = [os.path.relpath(source.name, tmp_path) for source in read(tmp_path)]
    assert names == ["a.yml", "b.yaml", "a/z.yaml", "sub/c.yaml"]


def test_what_is_no_manifest_is_left_out_of_a_folder(tmp_path):
    for name in ("kustomization.yaml", "kmsctl.yaml", ".hidden.yaml", ".git/x.yaml", "values.yaml", "list.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("replicas: 3\n" if name != "list.yaml" else "- a\n")
    (tmp_path / "deployment.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\n---\napiVersion: 1\n")
    (tmp_path / "key.yaml").write_text(KEY)
    assert load(read(tmp_path)).count == 1


def test_a_kind_of_ours_without_an_api_version_is_a_mistake_in_a_folder_too(tmp_path):
    (tmp_path / "key.yaml").write_text("kind: Key\nmetadata: {name: k}\n")
    assert faults(tmp_path) == [("missing-field", f"{tmp_path}/key.yaml:1:1")]


def test_a_named_file_must_hold_manifests_only(tmp_path):
    (tmp_path / "other.yaml").write_text("apiVersion: v1\nkind: Secret\n")
    assert faults(tmp_path / "other.yaml") == [("unknown-api-version", f"{tmp_path}/other.yaml:1:13")]


@pytest.mark.parametrize(
    "stranger", ["apiVersion: apps/v1\nkind: Deployment\n", "apiVersion: v1\nkind: List\nitems:\n"]
)
def test_objects_of_other_kinds_are_left_out_beside_manifests(tmp_path, stranger):
    rendered = f"{stranger}---\n{KEY}"
    (tmp_path / "all.yaml").write_text(rendered)
    assert load(read(tmp_path / "all.yaml")).count == 1
    assert load(read("-", stdin=rendered)).count == 1


@pytest.mark.parametrize(
    ("stranger", "fault"),
    [
        ("apiVersion: kms.services.k8s.aws/v1alpha1\nkind: Key\n", "unknown-api-version"),
        ("replicas: 3\n", "missing-field"),
        ("- a\n", "wrong-type"),
    ],
    ids=["a key of another API", "values", "a list"],
)
def test_what_may_be_a_manifest_gone_wrong_is_a_fault_beside_manifests_too(stranger, fault):
    assert [name for name, _ in faults("-", stdin=f"{KEY}---\n{stranger}")] == [fault]


def test_yaml_of_others_in_a_folder_may_be_what_manifests_may_not_be(tmp_path):
    (tmp_path / "stack.yaml").write_text("Resources:\n  Key: !Ref Key\n")
    (tmp_path / "compose.yaml").write_text("x: &x {a: 1}\nb:\n  <<: *x\n")
    (tmp_path / "chart.yaml").write_text("metadata:\n  name: {{ .Release.Name }}\n{{- if .Values.x }}\n")
    (tmp_path / "key.yaml").write_text(KEY)
    assert load(read(tmp_path)).count == 1
    (tmp_path / "broken.yaml").write_text(KEY + "  a: b: c\n")
    assert [name for name, _ in faults(tmp_path)] == ["invalid-yaml"]


def test_a_file_that_is_named_twice_or_lies_in_a_named_folder_is_read_once(tmp_path):
    (tmp_path / "key.yaml").write_text(KEY)
    (tmp_path / "link.yaml").symlink_to(tmp_path / "key.yaml")
    assert load(read(tmp_path / "key.yaml", tmp_path, tmp_path / "key.yaml", tmp_path / "link.yaml")).count == 1


def test_standard_input_is_read_as_text_or_as_bytes(tmp_path):
    assert load(read("-", "-", stdin=KEY)).count == 1
    assert load(read_sources(["-"], stdin=io.BytesIO(KEY.encode()))).count == 1
    assert load(read_sources(["-"], stdin=io.TextIOWrapper(io.BytesIO(KEY.encode()), "ascii"))).count == 1


def test_faults_in_standard_input_are_told_at_a_dash():
    assert faults("-", stdin="a: 1") == [("missing-field", "-:1:1")]
    assert faults("-", stdin="a: \0") == [("control-character", "-:1:4")]


def test_a_byte_order_mark_at_the_beginning_is_no_fault(tmp_path):
    (tmp_path / "key.yaml").write_bytes(b"\xef\xbb\xbf" + KEY.encode())
    assert load(read(tmp_path / "key.yaml")).count == 1


def test_carriage_returns_are_line_breaks(tmp_path):
    (tmp_path / "key.yaml").write_bytes(KEY.replace("\n", "\r\n").encode())
    assert load(read(tmp_path / "key.yaml")).count == 1


@pytest.mark.parametrize(
    ("data", "name", "place"),
    [
        (b"a: b\n  \xff", "not-utf-8", "2:3"),
        ("a: 1".encode("utf-16"), "not-utf-8", "1:1"),
        ("a: 1".encode("utf-32"), "not-utf-8", "1:1"),
        ("ä: ä\nü".encode("latin-1"), "not-utf-8", "1:1"),
        (b"a: 1\n\0", "control-character", "2:1"),
        (b"a: \x1b[31m", "control-character", "1:4"),
        ("a: 1\n\ufeffb: 2".encode(), "control-character", "2:1"),
        ("a: \x9b".encode(), "control-character", "1:4"),
        (b"", "empty-document", "1:1"),
        (b"\n# nothing\n---\n...\n", "empty-document", "1:1"),
    ],
    ids=["byte", "utf-16", "utf-32", "latin-1", "nul", "escape", "bom inside", "c1", "empty", "only comments"],
)
def test_bytes_that_are_no_text_are_named_and_placed(tmp_path, data, name, place):
    file = tmp_path / "f.yaml"
    file.write_bytes(data)
    assert faults(file) == [(name, f"{file}:{place}")]


def test_a_file_beyond_the_limit_is_refused_before_it_is_parsed(tmp_path, monkeypatch):
    file = tmp_path / "f.yaml"
    file.write_text(KEY * 10)
    monkeypatch.setattr("reconciler.manifest.decoding.MAX_SOURCE_BYTES", 100)
    assert faults(file) == [("file-too-large", f"{file}:1:1")]
    assert limits.MAX_SOURCE_BYTES > 5 * 10**6


def test_a_missing_file_is_told_with_what_else_is_wrong(tmp_path):
    (tmp_path / "key.yaml").write_text(KEY.replace("spec: {}", "spec: {enabled: 1}"))
    missing = tmp_path / "nowhere.yaml"
    assert faults(missing, tmp_path / "key.yaml") == [
        ("file-not-found", f"{missing}:1:1"),
        ("wrong-type", f"{tmp_path}/key.yaml:5:17"),
    ]


def test_a_pattern_that_the_shell_did_not_expand_is_told_as_one(tmp_path):
    (source,) = read_sources([str(tmp_path / "*.yaml")], stdin=io.StringIO())
    (fault,) = source.faults
    assert fault.name == "file-not-found"
    assert fault.fix.startswith("patterns are not expanded")


def test_a_folder_without_manifests_is_an_empty_folder(tmp_path):
    (tmp_path / "kustomization.yaml").write_text("resources: []")
    assert faults(tmp_path) == [("empty-folder", f"{tmp_path}:1:1")]


def test_what_cannot_be_read_is_an_unreadable_file(tmp_path):
    (tmp_path / "loop.yaml").symlink_to(tmp_path / "loop.yaml")
    (tmp_path / "key.yaml").write_text(KEY)
    assert faults(tmp_path) == [("unreadable-file", f"{tmp_path}/loop.yaml:1:1")]
    assert faults("nul\0byte")[0][0] == "unreadable-file"


def test_a_folder_that_cannot_be_listed_is_an_unreadable_file(tmp_path, monkeypatch):
    def refuse(folder):
        raise PermissionError(13, "Permission denied", folder)

    (tmp_path / "sub").mkdir()
    monkeypatch.setattr(os, "scandir", refuse)
    assert faults(tmp_path) == [("unreadable-file", f"{tmp_path}:1:1")]


def test_a_pipe_can_be_named_as_a_file(tmp_path):
    reader, writer = os.pipe()
    os.write(writer, KEY.encode())
    os.close(writer)
    try:
        assert load(read(f"/dev/fd/{reader}")).count == 1
    finally:
        os.close(reader)


def test_folders_without_end_through_links_are_not_followed(tmp_path):
    (tmp_path / "key.yaml").write_text(KEY)
    (tmp_path / "self").symlink_to(tmp_path)
    assert load(read(tmp_path)).count == 1


@pytest.mark.parametrize("kind", ["pipe", "link to a terminal"])
def test_what_is_no_file_in_a_folder_keeps_nobody_waiting(tmp_path, kind):
    (tmp_path / "key.yaml").write_text(KEY)
    os.mkfifo(tmp_path / "p.yaml") if kind == "pipe" else (tmp_path / "p.yaml").symlink_to("/dev/tty")
    assert faults(tmp_path) == [("unreadable-file", f"{tmp_path}/p.yaml:1:1")]
