"""Bytes of a file to text, or what is wrong with them."""

from __future__ import annotations

import codecs
import re
from typing import Final

from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.printable import printable
from reconciler.manifest.limits import MAX_SOURCE_BYTES

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not allow (https://yaml.org/spec/1.2.2/#51-character-set), and byte order marks inside the text."""
_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""The marks of UTF-32 begin with one of these, or with two NUL bytes."""


def decode(data: bytes, name: str) -> str | Diagnostic:
    """The text in `data`: UTF-8, with or without a byte order mark at its beginning."""
    if len(data) > MAX_SOURCE_BYTES:
        return _too_large(name)
    if data.startswith(_OTHER_ENCODINGS):
        return _not_utf8(Position(name), "it begins with the byte order mark of UTF-16 or UTF-32")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        return _not_utf8(_end_of(before, name), f"the byte 0x{error.object[error.start]:02x} stands there")
    return check_characters(text, name)


def check_characters(text: str, name: str) -> str | Diagnostic:
    """`text` when YAML allows all of it; else what is wrong with its first forbidden character."""
    bad = _UNPRINTABLE.search(text)
    if bad is None:
        return text
    character = bad[0]
    shown = {"\0": "a NUL byte", "\ufeff": "a byte order mark"}.get(character, f"the character {printable(character)}")
    return Diagnostic(
        "control-character",
        _end_of(text[: bad.start()], name),
        f"{shown} stands in the file",
        "YAML does not allow it, and a terminal or an editor might hide or obey it",
        "remove it; inside double quotes it can be written as an escape such as \\e or \\u200b",
    )


def _end_of(text: str, name: str) -> Position:
    """The position after `text`."""
    lines = text.splitlines() if not text.endswith(("\n", "\r")) else [*text.splitlines(), ""]
    return Position(name, max(len(lines), 1), len(lines[-1]) + 1 if lines else 1)


def _not_utf8(position: Position, why: str) -> Diagnostic:
    return Diagnostic("not-utf-8", position, "the file is not UTF-8", why, "save it as UTF-8")


def _too_large(name: str) -> Diagnostic:
    return Diagnostic(
        "file-too-large",
        Position(name),
        f"there is more than {MAX_SOURCE_BYTES // 2**20} MiB in it",
        "no set of manifests that one run can plan is so large",
        "check that it is a manifest; split it into several files",
    )
