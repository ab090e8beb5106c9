"""From the file to identities, or to everything that is wrong with it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from reconciler.engine.identities import Identities
from reconciler.kit.diagnostics import Diagnostic, Position, Severity
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.decoding import decode
from reconciler.manifest.documents import Message, diagnose, in_file_order, position_in
from reconciler.manifest.enough import enough
from reconciler.manifest.limits import MAX_SOURCE_BYTES
from reconciler.manifest.structure import Violation, violations
from reconciler.manifest.wording import explain, shown
from reconciler.manifest.yamltext import Tree, parse
from reconciler.workflow.identities.build import build

SCHEMA: Final = "identities"
_HIDDEN: Final = "…"
"""In place of what might be a secret."""
_READABLE_BY_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True)
class ReadIdentities:
    """What a file holds, and what is odd about it without being wrong."""

    identities: Identities
    warnings: tuple[Diagnostic, ...] = ()


def read_identities(path: Path) -> ReadIdentities:
    """The identities in the file `path`.

    Raises:
        InvalidInput: it cannot be read, or has errors; all of them.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            text = decode(stream.read(MAX_SOURCE_BYTES + 1), file)
            mode = stat.S_IMODE(path.stat().st_mode)
    except (OSError, ValueError) as error:
        raise InvalidInput([_unreadable(file, error)]) from error
    if isinstance(text, Diagnostic):
        raise InvalidInput([text])
    return ReadIdentities(parse_identities(text, file), tuple(_open_to_others(file, mode)))


def parse_identities(text: str, file: str) -> Identities:
    """The identities in YAML text, which diagnostics say is in `file`.

    Raises:
        InvalidInput: with all errors, in the order of the file.
    """
    parsed = parse(text, file)
    faults = list(parsed.faults)
    faults += (_one_document(tree, file) for tree in parsed.trees[1:])
    identities = Identities()
    if parsed.trees:
        tree = parsed.trees[0]
        wrong = list(_misshapen(tree, file)) if tree.sound else []
        if tree.sound and not wrong:
            identities, found = build(tree.value)
            wrong = [
                diagnose(position_in(tree, file, one.path, of_key=one.of_key), one.message.what, one.message)
                for one in found
            ]
        faults += enough(wrong)
    if faults:
        raise InvalidInput(in_file_order(faults, [file]))
    return identities


def _misshapen(tree: Tree, file: str) -> Iterator[Diagnostic]:
    for violation in map(_without_secret, violations(tree.value, SCHEMA)):
        for path, of_key, message in explain(violation):
            yield diagnose(position_in(tree, file, path, of_key=of_key), message.what, message)


def _without_secret(violation: Violation) -> Violation:
    """`violation` with no value of an access key in it: diagnostics are shown, and logged."""
    if "accessKeys" not in violation.path or isinstance(violation.value, dict | list):
        return violation
    return replace(violation, value=_HIDDEN)


def _one_document(tree: Tree, file: str) -> Diagnostic:
    message = Message(
        "several-documents",
        f"a second document, {shown(tree.value)}, stands in the identities file",
        "identities are one document",
        "merge it into the first",
    )
    return diagnose(position_in(tree, file, ()), message.what, message)


def _unreadable(file: str, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, FileNotFoundError):
        return Diagnostic("file-not-found", Position(file), "there is no such file", "", "check the path")
    why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return Diagnostic(
        "unreadable-file", Position(file), "it cannot be read", why.lower(), "check its permissions and its kind"
    )


def _open_to_others(file: str, mode: int) -> Iterator[Diagnostic]:
    if mode & _READABLE_BY_OTHERS:
        yield Diagnostic(
            "readable-by-others",
            Position(file),
            f"other users of this machine can read it: its mode is {mode:04o}",
            "it holds the secrets of access keys",
            "chmod 600 the file",
            Severity.WARNING,
        )
