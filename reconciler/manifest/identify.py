"""Which documents are manifests of ours, and of which kind."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import ManifestKind, Message, diagnose, position_in
from reconciler.manifest.schemas import API_VERSION
from reconciler.manifest.wording import nearest, shown
from reconciler.manifest.yamltext import Tree

_GROUP: Final = API_VERSION.partition("/")[0]
_LIKENESS: Final = 0.8
"""From here on, two API groups are so much alike that one is taken for a misspelling of the other."""
_CONVERTED: Final = frozenset(
    {"kms.services.k8s.aws", "kms.aws.upbound.io", "kms.aws.m.upbound.io", "kms.aws.crossplane.io"}
)
"""The groups of ACK's and Crossplane's keys."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A document of somebody else, such as a Helm value file or another Kubernetes object."""


def mentions_us(text: str) -> bool:
    """Whether a text that nobody named can hold manifests of ours, so that what is wrong with its YAML matters.

    In a folder there are templates of charts and of CloudFormation, too, which are YAML for others, or none at all.
    """
    return _GROUP in text


def identify(tree: Tree, file: str) -> ManifestKind | Foreign | Diagnostic:
    """The kind of a document; `Foreign` when it is none of ours; a diagnostic when it seems to be meant as ours."""
    value = tree.value
    if not isinstance(value, dict):
        return Foreign()
    version = value.get("apiVersion")
    if version == API_VERSION:
        return _kind(tree, file)
    if not _meant_as_ours(version, value.get("kind")):
        return Foreign()
    return _fault(tree, file, "apiVersion", _version_message(version))


def is_anothers_object(value: Any) -> bool:
    """Whether a foreign document is an object of Kubernetes that nobody can take for a misspelt manifest."""
    if not isinstance(value, dict):
        return False
    version, kind = value.get("apiVersion"), value.get("kind")
    return isinstance(version, str) and isinstance(kind, str) and kind not in set(ManifestKind)


def foreign_fault(tree: Tree, file: str) -> Diagnostic:
    """What to say of a foreign document where only manifests are expected."""
    value = tree.value
    if not isinstance(value, dict):
        message = Message(
            "wrong-type",
            f"a manifest must be a mapping, not {shown(value)}",
            "it declares fields by name",
            f"begin with `apiVersion: {API_VERSION}` and `kind:`",
        )
        return diagnose(position_in(tree, file, ()), message.what, message)
    return _fault(tree, file, "apiVersion", _version_message(value.get("apiVersion")))


def _kind(tree: Tree, file: str) -> ManifestKind | Diagnostic:
    kind = tree.value.get("kind")
    if isinstance(kind, str) and kind in set(ManifestKind):
        return ManifestKind(kind)
    known = ", ".join(ManifestKind)
    if "kind" not in tree.value:
        return _fault(
            tree, file, "kind", Message("missing-field", "`kind` is missing", f"known: {known}", "add `kind:`")
        )
    guess = nearest(kind, ManifestKind) if isinstance(kind, str) else None
    fix = f"did you mean {guess}?" if guess else "choose one of them"
    return _fault(
        tree, file, "kind", Message("unknown-kind", f"`kind` cannot be {shown(kind)}", f"known: {known}", fix)
    )


def _meant_as_ours(version: Any, kind: Any) -> bool:
    if version is None:
        return isinstance(kind, str) and kind in set(ManifestKind)
    if not isinstance(version, str):
        return False
    group = version.partition("/")[0]
    return group == _GROUP or difflib.SequenceMatcher(None, group[:100], _GROUP).ratio() >= _LIKENESS


def _version_message(version: Any) -> Message:
    fix = f"write `apiVersion: {API_VERSION}`"
    if isinstance(version, str) and version.partition("/")[0] in _CONVERTED:
        fix = "`kmsctl convert` prints it as a manifest of ours"
    elif isinstance(version, str) and not _meant_as_ours(version, None):
        fix += ", or leave out what is not for kmsctl"
    if version is None:
        return Message("missing-field", "`apiVersion` is missing", "it says which format the manifest has", fix)
    return Message("unknown-api-version", f"`apiVersion` cannot be {shown(version)}", f"known: {API_VERSION}", fix)


def _fault(tree: Tree, file: str, field: str, message: Message) -> Diagnostic:
    return diagnose(position_in(tree, file, (field,)), message.what, message)
