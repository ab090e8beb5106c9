"""The files of other tools: those that are named, those in folders, and standard input."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from reconciler.convert.convert import Text
from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.manifest.decoding import decode
from reconciler.manifest.limits import MAX_SOURCE_BYTES

_STANDARD_INPUT: Final = "-"
_SUFFIXES: Final = (".json", ".template", ".tfstate", ".yaml", ".yml")
_OWN_LANGUAGE: Final = (".tf", ".tofu")
_SHOW: Final = "give what `terraform show -json` prints, of a state or a plan; `tofu show -json` likewise"


def read_files(paths: Sequence[str], stdin: BinaryIO) -> list[Text]:
    """Everything there is to read, each file once, those of a folder in the order of their names.

    Raises:
        KmsctlError: a file that is named cannot be read, or there is none.
    """
    found: dict[str, Text] = {}
    for path in dict.fromkeys(paths):
        for text in _read(path, stdin):
            found.setdefault(os.path.realpath(text.name) if text.name != _STANDARD_INPUT else text.name, text)
    if not found:
        what = f"there is nothing to read in {printable(', '.join(paths))}"
        raise KmsctlError(
            what, why=f"in folders, files that end in {', '.join(_SUFFIXES)} are read", fix="check the path"
        )
    return list(found.values())


def _read(path: str, stdin: BinaryIO) -> Iterator[Text]:
    if path == _STANDARD_INPUT:
        yield Text(path, _decoded(stdin.read(MAX_SOURCE_BYTES + 1), path))
    elif Path(path).is_dir():
        yield from _folder(path)
    elif path.endswith(_OWN_LANGUAGE) and Path(path).is_file():
        raise KmsctlError(f"{printable(path)} is not read", why="it is in Terraform's own language", fix=_SHOW)
    else:
        yield Text(path, _file(path))


def _folder(folder: str) -> Iterator[Text]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if name.endswith(_SUFFIXES) and not name.startswith(".") and path.is_file():
                yield Text(str(path), _file(str(path)), named=False)


def _file(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return _decoded(file.read(MAX_SOURCE_BYTES + 1), path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise KmsctlError(f"cannot read {printable(path)}", why=printable(why), fix="check the path") from error


def _decoded(data: bytes, name: str) -> str:
    text = decode(data, name)
    if isinstance(text, Diagnostic):
        raise KmsctlError(f"cannot read {text.position}: {text.what}", why=text.why, fix=text.fix)
    return text
