"""Alias names.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.manifest.documents import Document, Message
from reconciler.manifest.positions import Path
from reconciler.manifest.wording import field_name
from reconciler.model.identifiers import AliasName

PREFIX: Final = "alias/"
_RESERVED: Final = "aws/"
_MAX_LENGTH: Final = 256


def bare(text: str) -> str:
    """An alias name without its prefix, however it is written."""
    return text.removeprefix(PREFIX)


def full(text: str) -> AliasName:
    """An alias name with its prefix, however it is written."""
    return AliasName(PREFIX + bare(text))


def check_alias_name(document: Document, path: Path) -> Iterator[Diagnostic]:
    """What is wrong with the alias name at `path`, beyond its characters."""
    text = value_at(document, path)
    if bare(text).startswith(_RESERVED):
        yield document.fault(
            path,
            Message(
                "reserved-alias",
                f"{field_name(path)} is {PREFIX}{bare(text)}",
                "names that begin with alias/aws/ belong to AWS's own keys",
                "choose another name",
            ),
        )
    if not bare(text):
        message = Message("invalid-value", f"{field_name(path)} is only the prefix", "an alias needs a name", "add it")
        yield document.fault(path, message)
    if len(full(text)) > _MAX_LENGTH:
        message = Message(
            "wrong-length",
            f"{field_name(path)} has {len(full(text))} characters with its prefix",
            f"at most {_MAX_LENGTH} are allowed",
            "make it shorter",
        )
        yield document.fault(path, message)


def value_at(document: Document, path: Path) -> str:
    """The text at `path`, which the schema says is there."""
    value = document.tree.value
    for step in path:
        value = value[step]
    return str(value)
