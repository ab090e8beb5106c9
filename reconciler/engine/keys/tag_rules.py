"""What tags may be.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html and
https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from reconciler.kit.errors import KmsError
from reconciler.kit.quotas import load

MOST_TAGS: Final = int(load().resources["tags-per-key"].value)
_RESERVED: Final = "aws:"
_SIGNS: Final = frozenset("_.:/=+-@")


def tag_error(message: str) -> KmsError:
    """The tags break a rule."""
    return KmsError("TagException", message)


def checked_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a request (`TagKey`, `TagValue`) by tag key.

    Raises:
        KmsError: TagException: too many, one key twice, a reserved prefix, or a character that tags may not have.
    """
    found: dict[str, str] = {}
    for tag in tags:
        name, value = tag["TagKey"], tag["TagValue"]
        if name in found:
            raise tag_error("Duplicate tag keys")
        refuse_reserved(name)
        if not (_allowed(name) and _allowed(value)):
            raise tag_error("Tag keys and values can contain letters, numbers, spaces, and _ . / = + - : @")
        found[name] = value
    if len(found) > MOST_TAGS:
        raise tag_error("Too many tags")
    return found


def refuse_reserved(name: str) -> None:
    """See that the tag key `name` is not AWS's own.

    Raises:
        KmsError: TagException.
    """
    if name[: len(_RESERVED)].lower() == _RESERVED:
        raise tag_error("Tags beginning with aws: are reserved")


def _allowed(text: str) -> bool:
    return all(character in _SIGNS or unicodedata.category(character)[0] in "LNZ" for character in text)
