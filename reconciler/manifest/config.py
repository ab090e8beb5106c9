"""`kmsctl.yaml` in the working directory: the stack, the target and the manifests of that directory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput, KmsctlError
from reconciler.kit.printable import printable
from reconciler.manifest.decoding import decode
from reconciler.manifest.documents import Message, diagnose, in_file_order, position_in
from reconciler.manifest.limits import MAX_SOURCE_BYTES
from reconciler.manifest.schemas import schema_of
from reconciler.manifest.sources import CONFIG_FILE
from reconciler.manifest.structure import violations
from reconciler.manifest.wording import explain, shown
from reconciler.manifest.yamltext import Tree, parse
from reconciler.model.identifiers import TargetName

DEFAULT_STACK = "default"


@dataclass(frozen=True, slots=True)
class LintSettings:
    """What a directory makes of findings of lint, by the id of their check; whether there is one is not known here."""

    ignore: Mapping[str, str] = field(default_factory=dict)
    """Why the findings of a check are set aside."""
    severity: Mapping[str, str] = field(default_factory=dict)
    """`error`, `warning` or `note`, instead of what the check says."""


@dataclass(frozen=True, slots=True)
class Config:
    """What `kmsctl.yaml` says, or would say if it were there."""

    stack: str = DEFAULT_STACK
    target: TargetName | None = None
    manifests: tuple[str, ...] = ()
    """Files and folders, relative to the directory of the file."""
    lint: LintSettings = field(default_factory=LintSettings)


def read_config(directory: Path) -> Config:
    """The settings of `directory`; the defaults when it has no `kmsctl.yaml`.

    Raises:
        InvalidInput: the file has errors.
        KmsctlError: it cannot be read.
    """
    path = directory / CONFIG_FILE
    try:
        with path.open("rb") as file:
            text = decode(file.read(MAX_SOURCE_BYTES + 1), str(path))
    except FileNotFoundError:
        return Config()
    except OSError as error:
        why = (error.strerror or "").lower()
        raise KmsctlError(f"{path} cannot be read", why=why, fix="check its permissions") from error
    if isinstance(text, Diagnostic):
        raise InvalidInput([text])
    return _config(text, str(path))


def checked_stack(stack: str) -> str:
    """`stack` itself when it can be one: it becomes part of tags and of the names of grants.

    Raises:
        KmsctlError: it cannot.
    """
    schema = schema_of("config")["properties"]["stack"]
    if len(stack) > schema["maxLength"] or not re.fullmatch(schema["pattern"][1:-1], stack):
        raise KmsctlError(
            f"{printable(stack, limit=80)!r} cannot be the name of a stack",
            why=f"it needs 1 to {schema['maxLength']} lower-case letters, digits, dashes and dots",
            fix="choose another name with --stack or in kmsctl.yaml",
        )
    return stack


def _config(text: str, file: str) -> Config:
    parsed = parse(text, file)
    faults = list(parsed.faults)
    faults += (_one_document(tree, file) for tree in parsed.trees[1:])
    value = parsed.trees[0].value if parsed.trees else {}
    if parsed.trees and parsed.trees[0].sound:
        for violation in violations(value, "config"):
            for path, of_key, message in explain(violation):
                faults.append(diagnose(position_in(parsed.trees[0], file, path, of_key=of_key), message.what, message))
    if faults:
        raise InvalidInput(in_file_order(faults, [file]))
    target = value.get("target")
    return Config(
        stack=value.get("stack", DEFAULT_STACK),
        target=TargetName(target) if target is not None else None,
        manifests=tuple(value.get("manifests", ())),
        lint=_lint(value.get("lint", {})),
    )


def _lint(value: Mapping[str, Any]) -> LintSettings:
    return LintSettings(dict(value.get("ignore", {})), dict(value.get("severity", {})))


def _one_document(tree: Tree, file: str) -> Diagnostic:
    message = Message(
        "several-documents",
        f"a second document, {shown(tree.value)}, stands in {CONFIG_FILE}",
        "settings are one document",
        "remove it; manifests belong in other files",
    )
    return diagnose(position_in(tree, file, ()), message.what, message)
