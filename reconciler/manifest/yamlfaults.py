"""What is refused in YAML that is well-formed, in words for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.printable import printable
from reconciler.manifest.limits import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES

CORE_TAGS: Final = "tag:yaml.org,2002:"
"""What `!!` stands for."""

_CLOUDFORMATION: Final = frozenset({"!Sub", "!Ref", "!GetAtt", "!Join", "!If", "!Select", "!ImportValue"})
_PSEUDO: Final = "write the text itself; `${aws:accountId}`, `${aws:region}` and `${aws:partition}` are replaced in it"
_TEMPLATED: Final = frozenset({"complex-yaml-key", "invalid-yaml"})


def in_template(fault: Diagnostic, lines: Sequence[str]) -> Diagnostic:
    """`fault` with the right remedy where its line is one of a template, such as Helm's."""
    line = lines[fault.position.line - 1] if fault.position.line <= len(lines) else ""
    if fault.name not in _TEMPLATED or "{{" not in line:
        return fault
    return replace(
        fault,
        why="this looks like a template, and manifests are read as they are",
        fix="render it first: `helm template … | kmsctl plan -f -`",
    )


def duplicate_key(position: Position, key: str) -> Diagnostic:
    """A key that stands twice in one mapping."""
    return Diagnostic(
        "duplicate-yaml-key",
        position,
        f"the key `{printable(key)}` stands twice in one mapping",
        "one of the two values would silently win",
        "remove one of them, or merge what they hold",
    )


def complex_key(position: Position) -> Diagnostic:
    """A key that is no plain text."""
    return Diagnostic(
        "complex-yaml-key",
        position,
        "a key of a mapping is a list, a mapping or an alias",
        "manifests are JSON underneath, where keys are text",
        "write the key as text; a value that begins with { or [ or * needs quotes",
    )


def merge_key(position: Position) -> Diagnostic:
    """A merge key."""
    return Diagnostic(
        "merge-key",
        position,
        "merge keys (`<<`) are not supported",
        "YAML 1.2 dropped them, and tools disagree about which value wins",
        "write the fields out, share a policy with a KeyPolicy, or let kustomize patch them in",
    )


def unknown_tag(position: Position, tag: str) -> Diagnostic:
    """A tag that is none of the core schema's, or not right for its value."""
    shown = tag.replace(CORE_TAGS, "!!")
    return Diagnostic(
        "unknown-tag",
        position,
        f"the tag `{printable(shown)}` does not apply here",
        "manifests hold text, numbers, true, false, null, lists and mappings, and no tagged types",
        _PSEUDO if tag in _CLOUDFORMATION else "remove the tag; where a value must be text, put it in quotes",
    )


def undefined_alias(position: Position, anchor: str) -> Diagnostic:
    """An alias of nothing, or of itself."""
    return Diagnostic(
        "undefined-alias",
        position,
        f"the alias `*{printable(anchor)}` has no anchor before it in this document",
        "an alias repeats a value that was marked with `&` earlier in the same document, and not itself",
        f"mark a value with `&{printable(anchor)}`, or put quotes around the text if it is meant literally",
    )


def alias_bomb(position: Position, anchor: str) -> Diagnostic:
    """An alias that makes a document too large."""
    return Diagnostic(
        "alias-bomb",
        position,
        f"the alias `*{printable(anchor)}` makes the document too large",
        f"with its aliases expanded it has more than {MAX_NODES:,} values or {MAX_CHARACTERS:,} characters",
        "write less through aliases; no resource needs so much",
    )


def too_large(position: Position) -> Diagnostic:
    """A document that is too large without any alias."""
    return Diagnostic(
        "document-too-large",
        position,
        f"the document has more than {MAX_NODES:,} values",
        "no key, grant or policy that KMS would take is so large",
        "check that this is a manifest; separate manifests with `---`",
    )


def too_deep(position: Position) -> Diagnostic:
    """Collections inside collections without end."""
    return Diagnostic(
        "nesting-too-deep",
        position,
        f"collections are nested more than {MAX_DEPTH} deep",
        "no field needs that, and reading it could exhaust the machine",
        "check that this is a manifest",
    )
