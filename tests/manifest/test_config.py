import pytest

from reconciler.kit.errors import InvalidInput, KmsctlError
from reconciler.manifest.config import Config, LintSettings, checked_stack, read_config


def write(folder, text):
    (folder / "kmsctl.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_directory_without_kmsctl_yaml_has_the_defaults(tmp_path):
    assert read_config(tmp_path) == Config(stack="default", target=None, manifests=())


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}\n"])
def test_an_empty_file_has_the_defaults(tmp_path, text):
    write(tmp_path, text)
    assert read_config(tmp_path) == Config()


def test_everything_can_be_said(tmp_path):
    write(tmp_path, "stack: payments\ntarget: production\nmanifests: [keys, grants.yaml]\n")
    assert read_config(tmp_path) == Config("payments", "production", ("keys", "grants.yaml"))


def test_checks_are_set_aside_with_a_reason_and_weighed_otherwise(tmp_path):
    write(tmp_path, "lint:\n  ignore: {KC402: rotated by hand}\n  severity: {KC301: error}\n")
    assert read_config(tmp_path).lint == LintSettings({"KC402": "rotated by hand"}, {"KC301": "error"})


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("stak: x\n", "unknown-field", "1:1"),
        ("stack: Not Possible\n", "invalid-value", "1:8"),
        ("manifests: keys\n", "wrong-type", "1:12"),
        ("- a\n", "wrong-type", "1:1"),
        ("lint: {ignore: {KC1: why}}\n", "invalid-value", "1:17"),
        ('lint: {ignore: {KC402: ""}}\n', "wrong-length", "1:24"),
        ("lint: {severity: {KC301: fatal}}\n", "unknown-value", "1:26"),
        ("stack: a\nstack: b\n", "duplicate-yaml-key", "2:1"),
        ("stack: [\n", "invalid-yaml", "1:9"),
        ("stack: a\n---\nstack: b\n", "several-documents", "3:1"),
        ("stack: !x a\n", "unknown-tag", "1:8"),
        (b"stack: \xff\n", "not-utf-8", "1:8"),
    ],
    ids=lambda value: value if isinstance(value, str) and "-" in value else None,
)
def test_faults_are_told_as_in_manifests(tmp_path, text, name, place):
    write(tmp_path, text)
    with pytest.raises(InvalidInput) as caught:
        read_config(tmp_path)
    assert [(fault.name, str(fault.position)) for fault in caught.value.diagnostics] == [
        (name, f"{tmp_path}/kmsctl.yaml:{place}")
    ]


def test_a_file_that_cannot_be_read_is_an_error_and_not_the_defaults(tmp_path):
    (tmp_path / "kmsctl.yaml").mkdir()
    with pytest.raises(KmsctlError, match="cannot be read"):
        read_config(tmp_path)


@pytest.mark.parametrize("stack", ["a", "prod.payments-2", "a" * 63])
def test_names_of_stacks_fit_into_tags_and_names_of_grants(stack):
    assert checked_stack(stack) == stack


@pytest.mark.parametrize("stack", ["", "A", "a:b", "a_b", "-a", "a-", "a\n", "a" * 64, "\x1b[31m"])
def test_names_that_would_not_are_refused(stack):
    with pytest.raises(KmsctlError, match="cannot be the name of a stack") as caught:
        checked_stack(stack)
    assert str(caught.value).isprintable()
