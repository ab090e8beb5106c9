"""Where manifests are read from: files, folders, standard input, kustomize."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.manifest.decoding import check_characters, decode
from reconciler.manifest.limits import MAX_SOURCE_BYTES

STANDARD_INPUT: Final = "-"
CONFIG_FILE: Final = "kmsctl.yaml"
_SUFFIXES: Final = (".yaml", ".yml")
_NOT_MANIFESTS: Final = frozenset({"kustomization.yaml", "kustomization.yml", CONFIG_FILE})

_PATTERN: Final = frozenset("*?[")
_PATTERN_FIX: Final = "patterns are not expanded: name the folder, or each file with an -f of its own"


_RENDERED: Final = " (kustomize)"


def is_file(name: str) -> bool:
    """Whether a source of that name is a file, rather than standard input or what kustomize prints."""
    return name != STANDARD_INPUT and not name.endswith(_RENDERED)


@dataclass(frozen=True, slots=True)
class Source:
    """One YAML text, with the name that users know it by."""

    name: str
    """The path as it was given, `-` for standard input."""
    text: str = ""
    only_manifests: bool = True
    """Whether documents that are none of ours are faults: in a file that was named they are, in a folder not."""
    faults: tuple[Diagnostic, ...] = ()
    """Why there is no text."""


def read_sources(paths: Sequence[str], *, stdin: TextIO | BinaryIO, kustomize: str | None = None) -> tuple[Source, ...]:
    """Everything to read, in the order given; files of a folder in the order of their names, each file once.

    Args:
        paths: files, folders and `-` for `stdin`.
        stdin: a text stream is read through its bytes where it has them.
        kustomize: a folder, or what else kustomize takes, to be built.

    A path that cannot be read is a source with faults, so that `load` reports it along with everything else.
    """
    sources = []
    seen: set[str] = set()
    for path in dict.fromkeys(paths):
        for source in _read(path, stdin):
            is_file = source.name != STANDARD_INPUT and not source.faults
            identity = os.path.realpath(source.name) if is_file else source.name
            if identity not in seen:
                seen.add(identity)
                sources.append(source)
    if kustomize is not None:
        from reconciler.manifest.kustomize import build

        rendered = build(kustomize)
        name = f"{kustomize}{_RENDERED}"
        sources.append(
            _source(name, rendered if isinstance(rendered, Diagnostic) else decode(rendered, name), named=False)
        )
    return tuple(sources)


def _read(path: str, stdin: TextIO | BinaryIO) -> Iterator[Source]:
    if path == STANDARD_INPUT:
        yield _source(path, _read_stream(stdin), named=True)
    elif Path(path).is_dir():
        yield from _read_folder(path)
    else:
        yield _source(path, _read_file(path), named=True)


def _read_stream(stdin: TextIO | BinaryIO) -> str | Diagnostic:
    stream = getattr(stdin, "buffer", stdin)
    data: bytes | str = stream.read(MAX_SOURCE_BYTES + 1)
    return decode(data, STANDARD_INPUT) if isinstance(data, bytes) else check_characters(data, STANDARD_INPUT)


def _read_file(path: str) -> str | Diagnostic:
    try:
        with Path(path).open("rb") as file:
            return decode(file.read(MAX_SOURCE_BYTES + 1), path)
    except FileNotFoundError:
        what, why = "there is no such file or folder", f"looked from {Path.cwd()}"
        fix = _PATTERN_FIX if _PATTERN & set(path) else "check the path: -f, or `manifests` of kmsctl.yaml"
        return Diagnostic("file-not-found", Position(path), what, why, fix)
    except (OSError, ValueError) as error:
        return _unreadable(path, error)


def _read_folder(folder: str) -> Iterator[Source]:
    faults: list[Diagnostic] = []
    files = 0
    walk = os.walk(folder, onerror=lambda error: faults.append(_unreadable(str(error.filename), error)))
    for parent, folders, names in walk:
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and not name.startswith(".") and name not in _NOT_MANIFESTS:
                files += 1
                path = str(Path(parent, name))
                yield _source(path, _read_found(path), named=False)
    if files == 0 and not faults:
        faults.append(_empty_folder(folder))
    if faults:
        yield Source(folder, only_manifests=False, faults=tuple(faults))


def _read_found(path: str) -> str | Diagnostic:
    """A file that nobody named: a pipe or a device in a folder is no manifest, and could keep the run waiting."""
    if Path(path).exists() and not Path(path).is_file():
        return _unreadable(path, ValueError("it is no regular file"))
    return _read_file(path)


def _source(name: str, text: str | Diagnostic, *, named: bool) -> Source:
    if isinstance(text, Diagnostic):
        return Source(name, "", named, (text,))
    return Source(name, text, named)


def _unreadable(path: str, error: OSError | ValueError) -> Diagnostic:
    why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return Diagnostic(
        "unreadable-file", Position(path), "it cannot be read", why.lower(), "check its permissions and its kind"
    )


def _empty_folder(folder: str) -> Diagnostic:
    return Diagnostic(
        "empty-folder",
        Position(folder),
        "there are no manifests in the folder",
        "files that end in .yaml or .yml are read, but kustomization.yaml, kmsctl.yaml and hidden ones",
        "check the path; use -k for a folder of kustomize",
    )
