"""Annotations and comments by which manifests set findings of lint aside."""

from __future__ import annotations

from textwrap import dedent

import pytest

from reconciler.kit.diagnostics import Position
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.manifest.suppressions import ANNOTATION, commented_in, suppressions_of
from reconciler.model.suppression import Suppression

KEY = """\
apiVersion: kms.reconciler.dev/v1alpha1
kind: Key
metadata:
  name: reports
  annotations:
    {annotation}: "{text}"
spec:
  description: reports
"""


def annotated(text):
    source = Source("keys.yaml", KEY.format(annotation=ANNOTATION, text=text))
    return suppressions_of(load([source]), [source])


def commented(text):
    return [(one.check, one.reason, one.position.line, one.lines) for one in commented_in(dedent(text), "keys.yaml")]


def test_an_annotation_is_about_the_whole_manifest():
    assert annotated("KC401: rotated by the vendor") == (
        Suppression("KC401", "rotated by the vendor", Position("keys.yaml", 6, 37), (1, 8), "Key/reports"),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("KC401: a; KC402: b", [("KC401", "a"), ("KC402", "b")], id="two"),
        pytest.param("KC401: a; but not b; KC402: c", [("KC401", "a; but not b"), ("KC402", "c")], id="semicolon"),
        pytest.param("KC401 a", [("KC401", "a")], id="no colon"),
        pytest.param("kc401: a", [("KC401", "a")], id="lower case"),
        pytest.param("KC401", [("KC401", "")], id="no reason"),
        pytest.param("KC401:;", [("KC401", "")], id="empty reason"),
        pytest.param("", [("", "")], id="empty"),
        pytest.param("rotation-off: a", [("ROTATION-OFF", "a")], id="a name"),
    ],
)
def test_an_annotation_has_ids_with_reasons(text, found):
    assert [(one.check, one.reason) for one in annotated(text)] == found


def test_a_manifest_without_annotations_sets_nothing_aside():
    source = Source("keys.yaml", "apiVersion: kms.reconciler.dev/v1alpha1\nkind: Key\nmetadata: {name: k}\nspec: {}\n")
    assert suppressions_of(load([source]), [source]) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a: 1  # kmsctl:ignore KC504 a sandbox\n", [("KC504", "a sandbox", 1, (1, 1))], id="behind"),
        pytest.param("# kmsctl:ignore KC504 a sandbox\na: 1\n", [("KC504", "a sandbox", 1, (2, 2))], id="before"),
        pytest.param("# kmsctl:ignore KC504 x\n\n# more\na: 1\n", [("KC504", "x", 1, (4, 4))], id="far before"),
        pytest.param("a: 1\n# kmsctl:ignore KC504 x\n", [("KC504", "x", 2, (2, 2))], id="before nothing"),
        pytest.param("#kmsctl:ignore KC1: a; KC2: b\n", [("KC1", "a", 1, (1, 1)), ("KC2", "b", 1, (1, 1))], id="two"),
        pytest.param("a: 1  # kmsctl:ignore\n", [("", "", 1, (1, 1))], id="no id"),
        pytest.param("a: 1  # kmsctl:ignored KC504 x\n", [], id="another word"),
        pytest.param("a: '# kmsctl:ignore KC504 x'\n", [], id="in quotes"),
        pytest.param("a: b# kmsctl:ignore KC504 x\n", [], id="no space before"),
        pytest.param("a: |\n  # kmsctl:ignore KC504 x\nb: 1\n", [], id="in a block"),
        pytest.param("a: >\n  text # kmsctl:ignore KC504 x\nb: 1\n", [], id="in a folded block"),
        pytest.param("a: |\n  text\n# kmsctl:ignore KC504 x\nb: 1\n", [("KC504", "x", 3, (4, 4))], id="behind a block"),
        pytest.param("a: [\n# kmsctl:ignore KC504 x\n1]\n", [("KC504", "x", 2, (3, 3))], id="in a list"),
        pytest.param("a: [1  # kmsctl:ignore KC504 x\n", [("KC504", "x", 1, (1, 1))], id="broken YAML"),
        pytest.param("a: 1\n---\nb: 1  # kmsctl:ignore KC504 x\n", [("KC504", "x", 3, (3, 3))], id="second document"),
    ],
)  # fmt: skip
def test_a_comment_is_about_its_line_or_the_next(text, found):
    assert commented(text) == found


def test_comments_and_annotations_come_together():
    text = KEY.format(annotation=ANNOTATION, text="KC401: a") + "  enabled: false  # kmsctl:ignore KC502 b\n"
    source = Source("keys.yaml", text)
    assert [one.check for one in suppressions_of(load([source]), [source])] == ["KC401", "KC502"]
