"""Tags of a key.

Source: https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Document, Message
from reconciler.manifest.pseudo import without_parameters
from reconciler.model.ownership import TAG_PREFIX

_PUNCTUATION: Final = frozenset("_.:/=+-@")


def check_tags(document: Document) -> Iterator[Diagnostic]:
    """Reserved names, and characters that a tag cannot have."""
    for name, value in document.spec.get("tags", {}).items():
        path = ("spec", "tags", name)
        owner = _owner(name)
        if owner:
            yield document.fault(
                path,
                Message(
                    "reserved-tag",
                    f"the tag `{printable(name, limit=60)}` cannot be declared",
                    f"tags that begin with {owner}",
                    "choose another name",
                ),
                of_key=True,
            )
        texts = ((name, True, "the name of the tag"), (without_parameters(value), False, "the value of the tag"))
        for text, of_key, what in texts:
            bad = _forbidden(text)
            if bad:
                yield document.fault(
                    path,
                    Message(
                        "invalid-tag",
                        f"{what} `{printable(name, limit=60)}` holds the character {bad}",
                        "tags have letters, digits, spaces and _ . : / = + - @",
                        "remove it",
                    ),
                    of_key=of_key,
                )


def _owner(name: str) -> str:
    if name.lower().startswith("aws:"):
        return "aws: belong to AWS"
    if name.startswith(TAG_PREFIX):
        return f"{TAG_PREFIX} are how kmsctl knows its keys"
    return ""


def _forbidden(text: str) -> str:
    """The first character that a tag cannot have, made printable; empty when there is none."""
    for character in text:
        if not (character in _PUNCTUATION or character.isalnum() or unicodedata.category(character) == "Zs"):
            return f"`{printable(character)}` (U+{ord(character):04X})"
    return ""
